import type { Region } from '../memory/index.ts'
import type { DataType } from '../types/index.ts'
import type { FixedArray, FlatVector, RecordBatch, Vector } from './vector.ts'
import { ENCODINGS, HAS_VALIDITY, TWO_LANES, WIRE_ALIGN } from './wire.ts'

/** What frames refer to by number. */
export interface WireLookup {
  type(id: number): DataType
  dictionary(id: number): FlatVector
}

/**
 * The batch that a frame holds (see wire.ts). Its buffers are views of the frame, which lies in the arena at
 * a multiple of 8; codes that were narrow, and NULLs, go to `region`.
 */
export function decodeBatch(frame: Uint8Array, lookup: WireLookup, region: Region): RecordBatch {
  const first = new Int32Array(frame.buffer, frame.byteOffset, 3)
  const words = new Int32Array(frame.buffer, frame.byteOffset, first[0]!)
  const reader = new FrameReader(frame, words, lookup, region)
  const columns: Vector[] = []
  for (let i = 0; i < words[2]!; i++) columns.push(reader.vector())
  return { rowCount: words[1]!, columns }
}

class FrameReader {
  readonly #frame: Uint8Array
  readonly #words: Int32Array
  readonly #lookup: WireLookup
  readonly #region: Region
  #word = 3
  #at: number

  constructor(frame: Uint8Array, words: Int32Array, lookup: WireLookup, region: Region) {
    this.#frame = frame
    this.#words = words
    this.#lookup = lookup
    this.#region = region
    this.#at = padded(words.byteLength)
  }

  vector(): Vector {
    const flags = this.#next()
    const type = this.#lookup.type(this.#next())
    const length = this.#next()
    const nullCount = this.#next()
    const validity = (flags & HAS_VALIDITY) === 0 ? null : this.#bytes((length + 7) >> 3)
    const base = { type, length, nullCount, validity }
    const encoding = ENCODINGS[flags & 15]!
    switch (encoding) {
      case 'fixed': {
        const lanes = (flags & TWO_LANES) === 0 ? 1 : 2
        return { encoding, ...base, values: this.#values(type, length * lanes), lanes }
      }
      case 'bytes': {
        const offsets = this.#offsets(length)
        return { encoding, ...base, offsets, bytes: this.#bytes(this.#next()) }
      }
      case 'dictionary': {
        const dictionary = this.#lookup.dictionary(this.#next())
        return { encoding, ...base, codes: this.#codes(length, this.#next()), dictionary }
      }
      case 'constant':
        return { encoding, ...base, value: this.vector() as FlatVector }
      case 'list': {
        const offsets = this.#offsets(length)
        return { encoding, ...base, offsets, child: this.vector() }
      }
      case 'struct': {
        const children = Array.from({ length: this.#next() }, () => this.vector())
        return { encoding, ...base, children }
      }
      case 'null':
        return { encoding, ...base, validity: length === 0 ? null : this.#region.bitmap(length) }
    }
  }

  #next(): number {
    return this.#words[this.#word++]!
  }

  #bytes(length: number): Uint8Array {
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
    const start = offsets[0]!
    if (start !== 0) for (let i = 0; i <= length; i++) offsets[i]! -= start
    return offsets
  }

  #codes(length: number, width: number): Int32Array {
    if (width === 4) return this.#int32(length)
    const bytes = this.#bytes(length * width)
    const codes = this.#region.int32(length)
    codes.set(width === 1 ? bytes : new Uint16Array(bytes.buffer, bytes.byteOffset, length))
    return codes
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
