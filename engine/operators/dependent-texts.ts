import { bytesVector, type FlatVector, flatten, getBit, take, type Vector } from '../batch/index.ts'
import { EngineError } from '../errors.ts'
import { addressIn, addressOrZero, keyTextKernels } from '../kernels/index.ts'
import { GrowingBuffer, type Region } from '../memory/index.ts'
import type { DataType } from '../types/index.ts'

/** Most bytes of all texts: offsets are int32. */
const MAX_BYTES = 2 ** 31 - 1

/** A column of texts that belong to numbers 0, 1, 2 …: text n is that of every row whose number is n. */
export class DependentTexts {
  readonly #type: DataType
  readonly #offsets: GrowingBuffer
  readonly #bytes: GrowingBuffer
  readonly #nulls: GrowingBuffer
  #size = 0
  #byteCount = 0
  #nullCount = 0

  constructor(type: DataType, region: Region) {
    this.#type = type
    this.#offsets = new GrowingBuffer(region)
    this.#bytes = new GrowingBuffer(region)
    this.#nulls = new GrowingBuffer(region)
    this.#reserve(0, 0)
    this.#offsets.int32(1)[0] = 0
  }

  /** Takes in the texts of rows, in order: they belong to the next numbers. */
  append(vector: Vector, rows: Int32Array, count: number, scratch: Region): void {
    const taken = flatten(take(vector, rows, count, scratch), scratch)
    const texts = taken.encoding === 'bytes' ? taken : null
    const from = texts?.offsets[0] ?? 0
    const more = texts === null ? 0 : texts.offsets[count]! - from
    this.#reserve(count, more)
    const offsets = this.#offsets.int32(this.#size + count + 1)
    const nulls = this.#nulls.uint8(this.#size + count)
    if (texts === null) offsets.fill(this.#byteCount, this.#size + 1)
    else {
      const shift = this.#byteCount - from
      for (let i = 1; i <= count; i++) offsets[this.#size + i] = texts.offsets[i]! + shift
      this.#bytes.uint8(this.#byteCount + more).set(texts.bytes.subarray(from, from + more), this.#byteCount)
    }
    nulls.fill(0, this.#size)
    const { validity } = taken
    if (validity !== null) for (let i = 0; i < count; i++) if (!getBit(validity, i)) nulls[this.#size + i] = 1
    this.#nullCount += taken.nullCount
    this.#byteCount += more
    this.#size += count
  }

  /** Whether each row has the text of its number. */
  areThose(vector: Vector, rowCount: number, numbers: Int32Array, scratch: Region): boolean {
    return this.#differing(vector, rowCount, numbers, 0, scratch) < 0
  }

  /** Gives rows whose text is not that of their number the number -1. */
  maskOthers(vector: Vector, rowCount: number, numbers: Int32Array, scratch: Region): void {
    this.#differing(vector, rowCount, numbers, 1, scratch)
  }

  /** The texts [from, from + count); buffers are its own. */
  values(from: number, count: number, region: Region): FlatVector {
    const offsets = this.#offsets.int32(this.#size + 1).subarray(from, from + count + 1)
    const bytes = this.#bytes.uint8(this.#byteCount)
    return bytesVector(this.#type, count, offsets, bytes, this.#validity(from, count, region))
  }

  #validity(from: number, count: number, region: Region): Uint8Array | null {
    if (this.#nullCount === 0) return null
    const nulls = this.#nulls.uint8(this.#size)
    if (nulls.indexOf(1, from) < 0 || nulls.indexOf(1, from) >= from + count) return null
    const bits = region.bitmap(count, true)
    for (let i = 0; i < count; i++) if (nulls[from + i] === 1) bits[i >> 3]! &= ~(1 << (i & 7))
    return bits
  }

  #differing(vector: Vector, rowCount: number, numbers: Int32Array, mask: 0 | 1, scratch: Region): number {
    const isCoded = vector.encoding === 'dictionary' && vector.dictionary.encoding === 'bytes'
    const texts = isCoded ? vector.dictionary : flatten(vector, scratch)
    const isText = texts.encoding === 'bytes'
    return keyTextKernels(scratch.pool).differentTexts(
      isText ? addressIn(scratch, texts.offsets) : 0,
      isText ? addressIn(scratch, texts.bytes) : 0,
      isCoded ? addressIn(scratch, vector.codes) : 0,
      addressOrZero(scratch, vector.validity),
      rowCount,
      numbers.byteOffset,
      this.#offsets.address,
      this.#bytes.address,
      this.#nulls.address,
      mask,
    )
  }

  #reserve(count: number, byteCount: number): void {
    const size = this.#size + count
    if (this.#byteCount + byteCount > MAX_BYTES)
      throw new EngineError('RESOURCES_EXHAUSTED', 'distinct keys hold more than 2 GiB of text')
    this.#offsets.reserve((size + 1) * 4, (this.#size + 1) * 4)
    this.#nulls.reserve(size, this.#size)
    // Kernels compare eight bytes at a time, also at the end.
    this.#bytes.reserve(this.#byteCount + byteCount + 8, this.#byteCount)
  }
}
