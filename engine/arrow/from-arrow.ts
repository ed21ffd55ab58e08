import type { RecordBatch as ArrowBatch, Data, Table } from 'apache-arrow'
import {
  bytesVector,
  clearBit,
  concat,
  copyBits,
  dictionaryVector,
  type FlatVector,
  fixedVector,
  flatten,
  getBit,
  lanesOf,
  listVector,
  nullVector,
  type RecordBatch,
  structVector,
  type Vector,
  vectorBuilder,
} from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import { type DataType, mapEntryType, type Schema } from '../types/index.ts'
import { fromArrowField } from './arrow-type.ts'
import { fixedFromArrow } from './fixed-from-arrow.ts'
import { type Arrow, loadArrow } from './load-arrow.ts'

/** The rows of an Arrow table as batches of the engine. */
export interface FromArrow {
  readonly schema: Schema
  readonly batches: readonly RecordBatch[]
}

/**
 * A table of the package apache-arrow as batches, copied into `region`. Finer units than microseconds are
 * cut.
 * UNSUPPORTED_FEATURE names a column whose type SQL has not; NUMERIC_VALUE_OUT_OF_RANGE one with a value that
 * does not fit.
 */
export async function fromArrow(table: Table, region: Region): Promise<FromArrow> {
  const arrow = await loadArrow()
  const schema: Schema = { fields: table.schema.fields.map((field) => fromArrowField(arrow, field)) }
  const batches: RecordBatch[] = []
  for (const batch of table.batches as readonly ArrowBatch[]) {
    const columns: Vector[] = []
    for (const [index, field] of schema.fields.entries()) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      columns.push(new ColumnReader(arrow, region, field.name).read(batch.data.children[index]!, field.type))
    }
    batches.push({ rowCount: batch.numRows, columns })
  }
  return { schema, batches }
}

/** Reads one column, whose name errors tell. */
class ColumnReader {
  readonly #arrow: Arrow
  readonly #region: Region
  readonly #column: string

  constructor(arrow: Arrow, region: Region, column: string) {
    this.#arrow = arrow
    this.#region = region
    this.#column = column
  }

  /** Rows of one piece of data, of the type that its Arrow type stands for. */
  read(data: Data, type: DataType): Vector {
    const kinds = this.#arrow.DataType
    if (kinds.isDictionary(data.type)) return this.#dictionary(data, type)
    const region = this.#region
    const { length } = data
    const validity = this.#validity(data)
    switch (type.kind) {
      case 'null':
        return nullVector(length, region)
      case 'string':
      case 'binary':
        return this.#bytes(data, type, validity)
      case 'list':
      case 'map': {
        const { offsets, child } = this.#elements(
          data,
          type.kind === 'map' ? mapEntryType(type) : type.element,
        )
        return listVector(type, length, offsets, child, validity)
      }
      case 'struct': {
        const children = type.fields.map((field, index) =>
          this.read(data.children[index] as Data, field.type),
        )
        return structVector(type, length, children, validity)
      }
      default: {
        const lanes = lanesOf(type)
        const values = fixedFromArrow(this.#arrow, data, type, region, validity, this.#column)
        return fixedVector(type, length, values, validity, lanes)
      }
    }
  }

  /** Null and union columns have no bitmap at all, whatever the declarations say. */
  #validity(data: Data): Uint8Array | null {
    const { offset, length, nullCount } = data
    const nullBitmap = data.nullBitmap as Uint8Array | null | undefined
    if (nullCount === 0 || nullBitmap === null || nullBitmap === undefined || nullBitmap.length === 0)
      return null
    const bits = this.#region.bitmap(length)
    copyBits(nullBitmap, offset, bits, length)
    return bits
  }

  #bytes(data: Data, type: DataType, validity: Uint8Array | null): FlatVector {
    const { length } = data
    const region = this.#region
    const source = data.values as Uint8Array
    const offsets = region.int32(length + 1)
    const kinds = this.#arrow.DataType
    const width = kinds.isFixedSizeBinary(data.type) ? data.type.byteWidth : 0
    const from = data.valueOffsets as unknown as Int32Array | BigInt64Array | undefined
    const start = width > 0 ? 0 : Number(from?.[0] ?? 0)
    for (let row = 0; row <= length; row++)
      offsets[row] = width > 0 ? row * width : Number(from?.[row] ?? start) - start
    const size = offsets[length]!
    const bytes = region.uint8(size)
    bytes.set(source.subarray(start, start + size))
    return bytesVector(type, length, offsets, bytes, validity)
  }

  #elements(data: Data, element: DataType): { offsets: Int32Array; child: Vector } {
    const { length } = data
    const offsets = this.#region.int32(length + 1)
    const kinds = this.#arrow.DataType
    const width = kinds.isFixedSizeList(data.type) ? data.type.listSize : 0
    const from = data.valueOffsets as unknown as Int32Array | undefined
    for (let row = 0; row <= length; row++) offsets[row] = width > 0 ? row * width : (from?.[row] ?? 0)
    return { offsets, child: this.read(data.children[0] as Data, element) }
  }

  /** Codes of any integer type; a NULL entry makes its rows NULL. */
  #dictionary(data: Data, type: DataType): Vector {
    const { length } = data
    const region = this.#region
    const parts = (data.dictionary?.data ?? []) as readonly Data[]
    const dictionaries = parts.map((part) => flatten(this.read(part, type), region))
    const keys = data.values as unknown as Int32Array | BigInt64Array
    const validity = this.#validity(data)
    const codes = region.int32(length)
    for (let row = 0; row < length; row++) {
      codes[row] = validity === null || getBit(validity, row) ? Number(keys[row]) : 0
    }
    const dictionary = this.#one(dictionaries, type)
    return dictionaryVector(length, codes, dictionary, this.#withNullEntries(codes, validity, dictionary))
  }

  #one(parts: readonly FlatVector[], type: DataType): FlatVector {
    if (parts.length === 1) return parts[0]!
    if (parts.length > 1) return concat(parts, this.#region)
    return vectorBuilder(type, this.#region, 8).finish()
  }

  #withNullEntries(
    codes: Int32Array,
    validity: Uint8Array | null,
    dictionary: FlatVector,
  ): Uint8Array | null {
    const entries = dictionary.validity
    if (entries === null) return validity
    const bits = validity ?? this.#region.bitmap(codes.length, true)
    for (let row = 0; row < codes.length; row++) {
      if (!getBit(bits, row) || getBit(entries, codes[row]!)) continue
      clearBit(bits, row)
      codes[row] = 0
    }
    return bits
  }
}
