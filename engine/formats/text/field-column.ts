import type { FixedArray, Vector } from '../../batch/index.ts'
import { allocateFixed, clearBit, fixedVector, lanesOf } from '../../batch/index.ts'
import { FIELD_CONTROL, type FieldKernel, type TextFields } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import type { DataType } from '../../types/index.ts'

/** Collects a column from the fields of block after block of records. */
export interface FieldColumn {
  /** Begins a batch of at most so many rows. */
  begin(capacity: number): void
  append(block: TextFields): void
  /** The rows of the batch. */
  finish(rowCount: number): Vector
}

/** Reads single fields: those in a form that the kernels leave alone. */
export interface FieldReader {
  /** Where values go from now on. */
  open(values: FixedArray): void
  /** Reads a field that is not NULL into a row; false if it does not fit. */
  read(text: Uint8Array, start: number, packedEnd: number, row: number): boolean
}

/** What stands for NULL. */
export interface NullText {
  readonly bytes: Uint8Array
  /** Whether a field of two quotes is NULL: where emptyValue and nullValue are the same, as in Spark. */
  readonly emptyIsNull: boolean
}

/** Whether a field is missing, empty or the text that stands for NULL. */
export function isNullField(bytes: Uint8Array, start: number, packedEnd: number, nulls: NullText): boolean {
  if (start < 0) return true
  const length = (packedEnd >> 2) - start
  if (length === 0) return (packedEnd & 1) === 0 || nulls.emptyIsNull
  const text = nulls.bytes
  if (length !== text.length) return false
  for (let i = 0; i < length; i++) if (bytes[start + i] !== text[i]) return false
  return true
}

/** A block that tells kernels what is NULL, with the other words zero. */
export function fieldControl(nulls: NullText, tables: Region): Int32Array {
  const control = tables.int32(FIELD_CONTROL.length).fill(0)
  const nullText = tables.uint8(nulls.bytes.length)
  nullText.set(nulls.bytes)
  control[FIELD_CONTROL.nullText] = nullText.byteOffset
  control[FIELD_CONTROL.nullLength] = nullText.length
  control[FIELD_CONTROL.emptyIsNull] = nulls.emptyIsNull ? 1 : 0
  return control
}

/** What a column of values of one width is made with. */
export interface FixedFieldOptions {
  readonly type: DataType
  /** Of a batch; of the whole reader. */
  readonly region: Region
  readonly tables: Region
  readonly nulls: NullText
  /** null: every field goes to the reader. */
  readonly kernel: FieldKernel | null
  readonly reader: FieldReader
  /** Flags that a field must have for the kernel, of those in the mask. */
  readonly flags: { readonly mask: number; readonly wanted: number }
  /** Address of a table for the kernel; 0: none. */
  readonly extra: number
  /** Told of fields that do not fit; their rows are NULL. */
  readonly misfit: (row: number, text: Uint8Array, start: number, packedEnd: number) => void
}

/** Most rows of a block. */
export const BLOCK_ROWS = 1024

/** Values of one width: most through a kernel, the others one by one. */
export class FixedFieldColumn implements FieldColumn {
  readonly #options: FixedFieldOptions
  readonly #control: Int32Array
  readonly #odd: Int32Array
  readonly #lanes: 1 | 2
  #values: FixedArray = new Int32Array(0)
  #validity: Uint8Array = new Uint8Array(0)
  #nullCount = 0

  constructor(options: FixedFieldOptions) {
    this.#options = options
    this.#lanes = lanesOf(options.type)
    this.#control = fieldControl(options.nulls, options.tables)
    this.#control[FIELD_CONTROL.flagMask] = options.flags.mask
    this.#control[FIELD_CONTROL.flagWanted] = options.flags.wanted
    this.#control[FIELD_CONTROL.extra] = options.extra
    this.#odd = options.tables.int32(BLOCK_ROWS)
  }

  /** The same column with every field read one by one: what the kernel must agree with. */
  withoutKernel(): FixedFieldColumn {
    return new FixedFieldColumn({ ...this.#options, kernel: null })
  }

  begin(capacity: number): void {
    const { type, region, reader } = this.#options
    this.#values = allocateFixed(type, capacity, region, this.#lanes)
    if (type.kind === 'boolean') this.#values.fill(0 as never)
    this.#validity = region.bitmap(capacity, true)
    this.#control[FIELD_CONTROL.nullCount] = 0
    this.#nullCount = 0
    reader.open(this.#values)
  }

  append(block: TextFields): void {
    const { kernel, region, reader, misfit } = this.#options
    const target = {
      values: this.#values,
      validity: this.#validity,
      control: this.#control,
      odd: this.#odd,
    }
    const oddCount = kernel === null ? this.#allButNulls(block) : kernel(region.pool, block, target)
    const { text, fields, first } = block
    for (let i = 0; i < oddCount; i++) {
      const index = this.#odd[i]!
      const start = fields[2 * index]!
      const packedEnd = fields[2 * index + 1]!
      if (reader.read(text, start, packedEnd, first + index)) continue
      clearBit(this.#validity, first + index)
      this.#nullCount++
      misfit(first + index, text, start, packedEnd)
    }
  }

  finish(rowCount: number): Vector {
    const { type } = this.#options
    const length = type.kind === 'boolean' ? (rowCount + 7) >> 3 : rowCount * this.#lanes
    const hasNulls = this.#nullCount + this.#control[FIELD_CONTROL.nullCount]! > 0
    const values = this.#values.subarray(0, length)
    return fixedVector(type, rowCount, values, hasNulls ? this.#validity : null, this.#lanes)
  }

  #allButNulls({ text, fields, count, first }: TextFields): number {
    const { nulls } = this.#options
    const odd = this.#odd
    let oddCount = 0
    for (let i = 0; i < count; i++) {
      if (!isNullField(text, fields[2 * i]!, fields[2 * i + 1]!, nulls)) odd[oddCount++] = i
      else clearBit(this.#validity, first + i)
    }
    this.#nullCount += count - oddCount
    return oddCount
  }
}
