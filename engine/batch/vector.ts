import type { DataType } from '../types/index.ts'

/** The typed arrays that hold fixed-width values. */
export type FixedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array

interface VectorBase {
  readonly type: DataType
  /** Rows. */
  readonly length: number
  /** Rows that are NULL, exactly. */
  readonly nullCount: number
  /** One bit a row, 1 = not NULL, least significant bit first. `null` when and only when no row is NULL. */
  readonly validity: Uint8Array | null
}

/**
 * Values of one width, by type:
 *
 * | type                                     | values                                            |
 * |------------------------------------------|---------------------------------------------------|
 * | boolean                                  | Uint8Array, a BIT a row (bitmap)                  |
 * | int8 / int16 / int32, date, interval_ym  | Int8Array / Int16Array / Int32Array               |
 * | int64, timestamp(_ntz), interval_dt      | BigInt64Array                                     |
 * | float32 / float64                        | Float32Array / Float64Array                       |
 * | decimal                                  | BigInt64Array, `lanes` values a row (see below)   |
 *
 * Decimals: with `lanes` 1 a row is one scaled int64; with `lanes` 2 it is Arrow's decimal128, low word
 * first.
 * A decimal of precision ≤ 18 always has one lane. A wider type has either, batch by batch: one lane
 * whenever its producer knows that the values fit, so that arithmetic stays cheap.
 * What lies under a NULL is undefined but readable.
 */
export interface FixedVector extends VectorBase {
  readonly encoding: 'fixed'
  readonly values: FixedArray
  readonly lanes: 1 | 2
}

/** Strings (UTF-8) and binary: row i is `bytes[offsets[i] .. offsets[i + 1])`. `offsets[0]` need not be 0. */
export interface BytesVector extends VectorBase {
  readonly encoding: 'bytes'
  readonly offsets: Int32Array
  readonly bytes: Uint8Array
}

/**
 * Row i is entry `codes[i]` of the dictionary; of any type. The dictionary is fixed, bytes or nested, never
 * itself dictionary or constant. It may hold an entry twice, and entries no row uses. Row validity is
 * complete: where an entry of the dictionary is NULL, so is the row. Codes under NULL are 0.
 */
export interface DictionaryVector extends VectorBase {
  readonly encoding: 'dictionary'
  readonly codes: Int32Array
  readonly dictionary: FlatVector
}

/** Every row has the value of row 0 of `value` (a flat vector of one row). If that is NULL, all rows are. */
export interface ConstantVector extends VectorBase {
  readonly encoding: 'constant'
  readonly value: FlatVector
}

/**
 * Lists and maps: row i is rows [offsets[i], offsets[i + 1]) of the child; a map's child is its entry struct.
 */
export interface ListVector extends VectorBase {
  readonly encoding: 'list'
  readonly offsets: Int32Array
  readonly child: Vector
}

/** Structs: row i is row i of each child. A child's value under a NULL struct is undefined. */
export interface StructVector extends VectorBase {
  readonly encoding: 'struct'
  readonly children: readonly Vector[]
}

/** Type `null`: every row is NULL. `validity` is a bitmap of zeros (or null when there are no rows). */
export interface NullVector extends VectorBase {
  readonly encoding: 'null'
}

/** Vectors without indirection. */
export type FlatVector = FixedVector | BytesVector | ListVector | StructVector | NullVector

/**
 * One column of a batch: plain data over views of the arena, so it can be posted to another thread as it is.
 * Who receives a vector never writes into it.
 */
export type Vector = FlatVector | DictionaryVector | ConstantVector

/** Rows of several columns. Valid until the consumer asks its producer for the next batch. */
export interface RecordBatch {
  readonly rowCount: number
  readonly columns: readonly Vector[]
}

/** Rows of a usual batch. */
export const BATCH_ROWS = 65_536
