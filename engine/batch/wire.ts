import { addressIn, wireKernels } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import { type DataType, typesEqual } from '../types/index.ts'
import type { DictionaryVector, FlatVector, RecordBatch, Vector } from './vector.ts'

/**
 * A batch as bytes, for files and other processes of the same engine: little-endian, laid out so that reading
 * it is one read and a few views.
 *
 * ```
 * frame   | words: int32 | row count | column count | node … | padding | buffer | buffer | …
 * node    | encoding, flags | type | length | NULLs | what the encoding adds | nodes of children |
 * buffer  starts at a multiple of 8 within the frame: validity first, then offsets, values or codes
 * ```
 *
 * Types and dictionaries stand beside the frames, by number (`WireTables`): a dictionary is a frame of its
 * own of one column, written before the first batch that needs it and once only. Codes take one, two or four
 * bytes, as the size of the dictionary asks.
 */
export interface WireTables {
  /** Number of a type, the same for equal types. */
  typeId(type: DataType): number
  /** Number of a dictionary; writes it if it is new. */
  dictionaryId(dictionary: FlatVector): number
}

/** What `flags` of a node say, beside the encoding in the low four bits. */
export const HAS_VALIDITY = 16
export const TWO_LANES = 32

/** Encodings by number. */
export const ENCODINGS = ['fixed', 'bytes', 'dictionary', 'constant', 'list', 'struct', 'null'] as const

/** Where buffers start within a frame. */
export const WIRE_ALIGN = 8

const PADDING = new Uint8Array(WIRE_ALIGN)

/** A batch as pieces that follow each other: views of its own buffers, and of `scratch`. */
export function encodeBatch(batch: RecordBatch, tables: WireTables, scratch: Region): Uint8Array[] {
  const frame = new FrameWriter(tables, scratch)
  for (const column of batch.columns) frame.vector(column)
  return frame.finish(batch.rowCount, batch.columns.length)
}

/** Numbers types by what they are. */
export class TypeTable {
  readonly types: DataType[] = []
  readonly #known = new Map<DataType, number>()

  idOf(type: DataType): number {
    let id = this.#known.get(type)
    if (id !== undefined) return id
    id = this.types.findIndex((other) => typesEqual(other, type))
    if (id < 0) id = this.types.push(type) - 1
    this.#known.set(type, id)
    return id
  }
}

/** Bytes a code takes for a dictionary of so many entries. */
export function codeBytes(entryCount: number): 1 | 2 | 4 {
  return entryCount <= 0x100 ? 1 : entryCount <= 0x1_0000 ? 2 : 4
}

class FrameWriter {
  readonly #tables: WireTables
  readonly #scratch: Region
  readonly #words: number[] = [0, 0, 0]
  readonly #buffers: Uint8Array[] = []

  constructor(tables: WireTables, scratch: Region) {
    this.#tables = tables
    this.#scratch = scratch
  }

  finish(rowCount: number, columnCount: number): Uint8Array[] {
    const words = this.#words
    words[0] = words.length
    words[1] = rowCount
    words[2] = columnCount
    const head = Int32Array.from(words)
    const pieces: Uint8Array[] = []
    add(pieces, new Uint8Array(head.buffer))
    for (const buffer of this.#buffers) add(pieces, buffer)
    return pieces
  }

  vector(vector: Vector): void {
    const { length, validity } = vector
    const hasValidity = validity !== null && vector.encoding !== 'null'
    const lanes = vector.encoding === 'fixed' && vector.lanes === 2 ? TWO_LANES : 0
    const encoding = ENCODINGS.indexOf(vector.encoding)
    this.#words.push(encoding | (hasValidity ? HAS_VALIDITY : 0) | lanes)
    this.#words.push(this.#tables.typeId(vector.type), length, vector.nullCount)
    if (hasValidity) this.#buffers.push(validity.subarray(0, (length + 7) >> 3))
    switch (vector.encoding) {
      case 'fixed': {
        const { values, lanes: width, type } = vector
        const count = type.kind === 'boolean' ? (length + 7) >> 3 : length * width
        this.#push(values.subarray(0, count))
        break
      }
      case 'bytes': {
        const [start, end] = this.#offsets(vector.offsets, length)
        this.#words.push(end - start)
        this.#buffers.push(vector.bytes.subarray(start, end))
        break
      }
      case 'dictionary':
        this.#words.push(this.#tables.dictionaryId(vector.dictionary))
        this.#codes(vector)
        break
      case 'constant':
        this.vector(vector.value)
        break
      case 'list':
        this.#push(vector.offsets.subarray(0, length + 1))
        this.vector(vector.child)
        break
      case 'struct':
        this.#words.push(vector.children.length)
        for (const child of vector.children) this.vector(child)
        break
      case 'null':
        break
    }
  }

  /** Offsets of bytes as they are; the reader takes `offsets[0]` off. */
  #offsets(offsets: Int32Array, length: number): readonly [start: number, end: number] {
    this.#push(offsets.subarray(0, length + 1))
    return [offsets[0]!, offsets[length]!]
  }

  #codes(vector: DictionaryVector): void {
    const { length } = vector
    const codes = vector.codes.subarray(0, length)
    const width = codeBytes(vector.dictionary.length)
    this.#words.push(width)
    if (width === 4) {
      this.#push(codes)
      return
    }
    const bytes = this.#scratch.uint8(length * width)
    const from = addressIn(this.#scratch, codes)
    wireKernels(this.#scratch.pool).narrowCodes(from, length, width, bytes.byteOffset)
    this.#buffers.push(bytes)
  }

  #push(values: {
    readonly buffer: ArrayBufferLike
    readonly byteOffset: number
    readonly byteLength: number
  }): void {
    this.#buffers.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  }
}

function add(pieces: Uint8Array[], piece: Uint8Array): void {
  if (piece.length === 0) return
  pieces.push(piece)
  const over = piece.length % WIRE_ALIGN
  if (over !== 0) pieces.push(PADDING.subarray(over))
}
