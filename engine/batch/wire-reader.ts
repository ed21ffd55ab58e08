import { EngineError } from '../errors.ts'
import { countBits, wireKernels } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { DataType } from '../types/index.ts'
import { isFixedWidth } from './make-vector.ts'
import type { DictionaryVector, FixedArray, FlatVector, RecordBatch, Vector } from './vector.ts'
import { ENCODINGS, HAS_VALIDITY, TWO_LANES, WIRE_ALIGN } from './wire.ts'

/** What frames refer to by number; undefined where there is none of that number. */
export interface WireLookup {
  type(id: number): DataType | undefined
  dictionary(id: number): FlatVector | undefined
}

/** Words before the first node of a frame. */
export const FRAME_HEAD_WORDS = 3

const MOST_DEPTH = 200

/**
 * The batch that a frame holds (see wire.ts). Its buffers are views of the frame, which lies in the arena at
 * a multiple of 8; codes that were narrow, and NULLs, go to `region`. BLOCK_CORRUPT if the frame is not
 * sound: sizes, offsets and codes are tested, so that nobody reads outside of it later.
 */
export function decodeBatch(frame: Uint8Array, lookup: WireLookup, region: Region): RecordBatch {
  const words = frameWords(frame)
  const [, rowCount, columnCount] = words
  check(rowCount! >= 0 && columnCount! >= 0 && columnCount! <= words.length, 'its head')
  const reader = new FrameReader(frame, words, lookup, region)
  const columns: Vector[] = []
  for (let i = 0; i < columnCount!; i++) columns.push(reader.vector(rowCount!, 0))
  return { rowCount: rowCount!, columns }
}

/** Numbers of the dictionaries that a frame needs, from its words alone. */
export function dictionariesOfFrame(words: Int32Array): number[] {
  const ids: number[] = []
  const end = words.length
  for (let at = FRAME_HEAD_WORDS; at < end; ) {
    const encoding = ENCODINGS[words[at]! & 15]
    at += 4
    if (encoding === 'dictionary') ids.push(words[at]!)
    at += encoding === 'dictionary' ? 2 : encoding === 'bytes' || encoding === 'struct' ? 1 : 0
  }
  return ids
}

function frameWords(frame: Uint8Array): Int32Array {
  check(frame.length >= FRAME_HEAD_WORDS * 4 && frame.byteOffset % WIRE_ALIGN === 0, 'its length')
  const count = new Int32Array(frame.buffer, frame.byteOffset, 1)[0]!
  check(count >= FRAME_HEAD_WORDS && count <= frame.length >> 2, 'its number of words')
  return new Int32Array(frame.buffer, frame.byteOffset, count)
}

function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new EngineError('BLOCK_CORRUPT', `rows cannot be read: a frame is malformed in ${what}`)
}

class FrameReader {
  readonly #frame: Uint8Array
  readonly #words: Int32Array
  readonly #lookup: WireLookup
  readonly #region: Region
  #word = FRAME_HEAD_WORDS
  #at: number

  constructor(frame: Uint8Array, words: Int32Array, lookup: WireLookup, region: Region) {
    this.#frame = frame
    this.#words = words
    this.#lookup = lookup
    this.#region = region
    this.#at = padded(words.byteLength)
  }

  /** A vector of as many rows as must be; -1: as it says. */
  vector(rows: number, depth: number): Vector {
    check(depth < MOST_DEPTH, 'its depth')
    const flags = this.#next()
    const type = this.#lookup.type(this.#next())
    check(type !== undefined, 'a type')
    const length = this.#next()
    check(length >= 0 && (rows < 0 || rows === length), 'a number of rows')
    this.#next()
    const encoding = ENCODINGS[flags & 15]
    check(encoding !== undefined, 'an encoding')
    const base = { type, length, ...this.#nulls(flags, length) }
    switch (encoding) {
      case 'fixed': {
        check(isFixedWidth(type), 'a type of fixed width')
        const lanes = (flags & TWO_LANES) === 0 ? 1 : 2
        check(lanes === 1 || type.kind === 'decimal', 'its lanes')
        return { encoding, ...base, values: this.#values(type, length * lanes), lanes }
      }
      case 'bytes': {
        check(type.kind === 'string' || type.kind === 'binary', 'a type of texts')
        return { encoding, ...base, ...this.#texts(length) }
      }
      case 'dictionary':
        return this.#dictionary(base)
      case 'constant':
        return this.#constant(base, depth)
      case 'list': {
        check(type.kind === 'list' || type.kind === 'map', 'a type of lists')
        const offsets = this.#offsets(length)
        const child = this.vector(-1, depth + 1)
        check(offsets[length]! <= child.length, 'offsets')
        const kind = type.kind === 'list' ? type.element.kind : 'struct'
        check(child.type.kind === kind || child.encoding === 'null', 'the type of a child')
        return { encoding, ...base, offsets, child }
      }
      case 'struct':
        return { encoding, ...base, children: this.#children(base, depth) }
      case 'null':
        return { encoding, ...base, nullCount: length, validity: this.#allNull(length) }
    }
  }

  #constant(base: Omit<FlatVector, 'encoding'>, depth: number): Vector {
    const value = this.vector(1, depth + 1)
    check(value.encoding !== 'dictionary' && value.encoding !== 'constant', 'the value of a constant')
    check(value.type.kind === base.type.kind, 'the type of a constant')
    check((value.nullCount > 0 ? base.length : 0) === base.nullCount, 'the NULLs of a constant')
    return { encoding: 'constant', ...base, value }
  }

  #children(base: Omit<FlatVector, 'encoding'>, depth: number): Vector[] {
    const { type, length } = base
    check(type.kind === 'struct', 'a type of structs')
    check(this.#next() === type.fields.length, 'the number of children')
    return type.fields.map((field) => {
      const child = this.vector(length, depth + 1)
      check(child.type.kind === field.type.kind || child.encoding === 'null', 'the type of a child')
      return child
    })
  }

  #dictionary(base: Omit<FlatVector, 'encoding'>): DictionaryVector {
    const dictionary = this.#lookup.dictionary(this.#next())
    check(dictionary !== undefined, 'a dictionary')
    check(dictionary.type.kind === base.type.kind, 'the type of a dictionary')
    const { length } = base
    const width = this.#next()
    const [codes, greatest] = this.#codes(length, width)
    // Where every row is NULL, the dictionary may be empty.
    check(greatest < dictionary.length || (greatest === 0 && base.nullCount === length), 'a code')
    return { encoding: 'dictionary', ...base, codes, dictionary }
  }

  #codes(length: number, width: number): readonly [codes: Int32Array, greatest: number] {
    const kernels = wireKernels(this.#region.pool)
    if (width === 4) {
      const codes = this.#int32(length)
      return [codes, kernels.greatestCode(codes.byteOffset, length) >>> 0]
    }
    check(width === 1 || width === 2, 'the width of codes')
    const bytes = this.#bytes(length * width)
    const codes = this.#region.int32(length)
    return [codes, kernels.widenCodes(bytes.byteOffset, length, width, codes.byteOffset) >>> 0]
  }

  /** Counted anew: what follows trusts in the number. */
  #nulls(flags: number, length: number): { validity: Uint8Array | null; nullCount: number } {
    if ((flags & HAS_VALIDITY) === 0) return { validity: null, nullCount: 0 }
    const validity = this.#bytes((length + 7) >> 3)
    const nullCount = length - countBits(this.#region.pool, validity, length)
    return { validity: nullCount === 0 ? null : validity, nullCount }
  }

  #allNull(length: number): Uint8Array | null {
    return length === 0 ? null : this.#region.bitmap(length)
  }

  #next(): number {
    check(this.#word < this.#words.length, 'its words')
    return this.#words[this.#word++]!
  }

  #bytes(length: number): Uint8Array {
    check(length >= 0 && length <= this.#frame.length - this.#at, 'the size of a buffer')
    const bytes = this.#frame.subarray(this.#at, this.#at + length)
    this.#at += padded(length)
    return bytes
  }

  #int32(length: number): Int32Array {
    const bytes = this.#bytes(length * 4)
    return new Int32Array(bytes.buffer, bytes.byteOffset, length)
  }

  #offsets(length: number): Int32Array {
    const offsets = this.#int32(length + 1)
    const { offsetsRise } = wireKernels(this.#region.pool)
    check(offsetsRise(offsets.byteOffset, length) === 1, 'the order of offsets')
    return offsets
  }

  /** Only the bytes that rows have are in the frame: offsets are made to begin at 0. */
  #texts(length: number): { offsets: Int32Array; bytes: Uint8Array } {
    const offsets = this.#offsets(length)
    const start = offsets[0]!
    if (start !== 0) wireKernels(this.#region.pool).lowerOffsets(offsets.byteOffset, length + 1, start)
    const size = this.#next()
    check(offsets[length] === size, 'the size of texts')
    return { offsets, bytes: this.#bytes(size) }
  }

  #values(type: DataType, count: number): FixedArray {
    switch (type.kind) {
      case 'boolean':
        return this.#bytes((count + 7) >> 3)
      case 'int8': {
        const bytes = this.#bytes(count)
        return new Int8Array(bytes.buffer, bytes.byteOffset, count)
      }
      case 'int16': {
        const bytes = this.#bytes(count * 2)
        return new Int16Array(bytes.buffer, bytes.byteOffset, count)
      }
      case 'float32': {
        const bytes = this.#bytes(count * 4)
        return new Float32Array(bytes.buffer, bytes.byteOffset, count)
      }
      case 'float64': {
        const bytes = this.#bytes(count * 8)
        return new Float64Array(bytes.buffer, bytes.byteOffset, count)
      }
      case 'int32':
      case 'date':
      case 'interval_ym':
        return this.#int32(count)
      default: {
        const bytes = this.#bytes(count * 8)
        return new BigInt64Array(bytes.buffer, bytes.byteOffset, count)
      }
    }
  }
}

function padded(bytes: number): number {
  return (bytes + WIRE_ALIGN - 1) & -WIRE_ALIGN
}
