import { type FixedVector, flatten, type Vector, widen } from '../batch/index.ts'
import { type KeyTables, keyFlags, keyKinds, type SortKeyKernels, sortKeyKernels } from '../kernels/index.ts'
import type { MemoryPool, Region } from '../memory/index.ts'
import { type DataType, MAX_INT64_PRECISION } from '../types/index.ts'
import { orderedBytes } from './ordered-bytes.ts'

/** A key and how it is ordered. */
export interface KeyOrder {
  readonly type: DataType
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** Where the key words of one piece of rows lie: its entry in `KeyTables`. */
export interface KeyWords {
  readonly words: number
  readonly starts: number
}

interface KeyColumn {
  readonly index: number
  /** Kind of its values; null: text, or made into text. */
  readonly kind: number | null
  readonly flags: number
  /** The first bit of it in rows of fixed width. */
  readonly position: number
}

/**
 * Makes key words of rows: rows order as their words do, unsigned, and words compare between batches. Spark's
 * order: NaN is the greatest number, -0.0 is 0.0, text goes by bytes. A piece has at most 65,536 rows.
 *
 * ```
 * (int, double)  | null int (32 bits) null double (first 30 bits) | double (last 34 bits) 0… |   width 2
 * (text, int)    | null n o r t h 0 0 | null int (4 bytes) 0 0 0 |                               width 0
 * ```
 */
export class SortWords {
  /** Words a row; 0 if text makes them differ. */
  readonly width: number
  readonly #columns: readonly KeyColumn[]
  readonly #kernels: SortKeyKernels

  constructor(keys: readonly KeyOrder[], pool: MemoryPool) {
    this.#kernels = sortKeyKernels(pool)
    const columns: KeyColumn[] = []
    let position = 0
    for (const [index, { type, descending, nullsFirst }] of keys.entries()) {
      // Rows are all alike in a key of type null.
      if (type.kind === 'null') continue
      const kind = kindOf(type)
      const flags = (descending ? keyFlags.descending : 0) | (nullsFirst ? keyFlags.nullsFirst : 0)
      columns.push({ index, kind, flags, position })
      position += 1 + (kind === null ? 0 : BITS[kind]!)
    }
    this.#columns = columns
    const isFixed = columns.every(({ kind }) => kind !== null)
    this.width = isFixed ? Math.max(1, Math.ceil(position / 64)) : 0
  }

  /** Bytes that the words of rows will take, about. */
  bytesOf(vectors: readonly Vector[], rowCount: number): number {
    if (this.width > 0) return rowCount * this.width * 8
    const columns = this.#columns.map(({ index, kind }) =>
      kind === null ? textBytes(vectors[index]!) : rowCount * bytesOf(kind),
    )
    // Where they begin, the end of the last word, and a byte or two a column.
    return columns.reduce((sum, bytes) => sum + bytes + 2 * rowCount, rowCount * 8)
  }

  /**
   * Words of rows by their key vectors (one a key, in order), in `region`. Where they begin lies in
   * `startsRegion`: small buffers between large ones leave gaps.
   */
  make(
    vectors: readonly Vector[],
    rowCount: number,
    region: Region,
    scratch: Region,
    startsRegion = region,
  ): KeyWords {
    return this.width > 0
      ? this.#makeFixed(vectors, rowCount, region, scratch)
      : this.#makeVariable(vectors, rowCount, region, scratch, startsRegion)
  }

  /** The tables of pieces. */
  tables(pieces: readonly KeyWords[], region: Region): KeyTables {
    const addresses = region.int32(pieces.length * 2)
    for (const [index, { words, starts }] of pieces.entries()) {
      addresses[2 * index] = words
      addresses[2 * index + 1] = starts
    }
    return { width: this.width, addresses }
  }

  #makeFixed(vectors: readonly Vector[], rowCount: number, region: Region, scratch: Region): KeyWords {
    const { width } = this
    const words = region.uint8(rowCount * width * 8).fill(0).byteOffset
    for (const { index, kind, flags, position } of this.#columns) {
      const { values, validity } = fixedOf(vectors[index]!, kind!, scratch)
      this.#kernels.packKeyColumn(values, validity, kind!, 0, flags, rowCount, words, width, position)
      if (kind === keyKinds.int128)
        this.#kernels.packKeyColumn(values, validity, kind, 1, flags, rowCount, words, width, position + 65)
    }
    return { words, starts: 0 }
  }

  #makeVariable(
    vectors: readonly Vector[],
    rowCount: number,
    region: Region,
    scratch: Region,
    startsRegion: Region,
  ): KeyWords {
    const kernels = this.#kernels
    const starts = startsRegion.int32(rowCount + 1)
    const fixedBytes = this.#columns.reduce((sum, { kind }) => sum + (kind === null ? 0 : bytesOf(kind)), 0)
    starts.fill(fixedBytes)
    const columns = this.#columns.map(({ index, kind, flags }) => {
      const vector = vectors[index]!
      if (kind !== null) return { kind, flags, ...fixedOf(vector, kind, scratch) }
      const text = textOf(vector, scratch)
      const { offsets, bytes, codes, validity } = text
      kernels.addTextSizes(offsets, bytes, codes, validity, rowCount, starts.byteOffset)
      return { kind, flags, ...text }
    })
    const wordCount = kernels.keyStarts(starts.byteOffset, rowCount) >>> 0
    const words = region.uint8(wordCount * 8).fill(0).byteOffset
    const cursors = scratch.int32(rowCount)
    for (let row = 0; row < rowCount; row++) cursors[row] = words + starts[row]! * 8
    for (const column of columns) {
      const { validity, flags } = column
      if (column.kind !== null)
        kernels.writeFixedKeys(column.values, validity, column.kind, flags, rowCount, cursors.byteOffset)
      else {
        const { offsets, bytes, codes } = column
        kernels.writeTextKeys(offsets, bytes, codes, validity, flags, rowCount, cursors.byteOffset)
      }
    }
    kernels.swapKeyWords(words, wordCount)
    return { words, starts: starts.byteOffset }
  }
}

/** The kind of the values of a type; null for text and what is made into text. */
function kindOf(type: DataType): number | null {
  switch (type.kind) {
    case 'boolean':
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'float32':
    case 'float64':
      return keyKinds[type.kind]
    case 'date':
    case 'interval_ym':
      return keyKinds.int32
    case 'timestamp':
    case 'timestamp_ntz':
    case 'interval_dt':
      return keyKinds.int64
    case 'decimal':
      return type.precision > MAX_INT64_PRECISION ? keyKinds.int128 : keyKinds.int64
    default:
      return null
  }
}

/** Bits of a value, by kind. */
const BITS = [8, 16, 32, 64, 32, 64, 1, 128] as const

/** Bytes of a value and its NULL byte, by kind. */
function bytesOf(kind: number): number {
  return 1 + Math.max(1, BITS[kind]! / 8)
}

interface FixedBuffers {
  readonly values: number
  readonly validity: number
}

function fixedOf(vector: Vector, kind: number, scratch: Region): FixedBuffers {
  const flat = flatten(vector, scratch)
  const validity = flat.validity?.byteOffset ?? 0
  if (flat.encoding !== 'fixed') return { values: 0, validity }
  if (kind !== keyKinds.int128 || flat.lanes === 2) return { values: flat.values.byteOffset, validity }
  return { values: widened(flat, scratch), validity }
}

function widened({ values, length }: FixedVector, scratch: Region): number {
  const wide = scratch.int64(length * 2)
  widen(values as BigInt64Array, length, wide)
  return wide.byteOffset
}

interface TextBuffers {
  readonly offsets: number
  readonly bytes: number
  readonly codes: number
  readonly validity: number
}

/** Bytes of all rows of a text; of what is made into text, a guess. */
function textBytes(vector: Vector): number {
  const { encoding, length } = vector
  if (encoding === 'bytes') return vector.offsets[length]! - vector.offsets[0]!
  if (encoding === 'dictionary')
    return (textBytes(vector.dictionary) / Math.max(1, vector.dictionary.length)) * length
  return encoding === 'constant' ? textBytes(vector.value) * length : length * BYTES_OF_NESTED
}

const BYTES_OF_NESTED = 32

function textOf(vector: Vector, scratch: Region): TextBuffers {
  const validity = vector.validity?.byteOffset ?? 0
  if (vector.encoding === 'dictionary' && vector.dictionary.encoding === 'bytes') {
    const { offsets, bytes } = vector.dictionary
    const codes = vector.codes.byteOffset
    return { offsets: offsets.byteOffset, bytes: bytes.byteOffset, codes, validity }
  }
  const flat = flatten(vector, scratch)
  if (flat.encoding === 'null') return { offsets: 0, bytes: 0, codes: 0, validity }
  const { offsets, bytes } = flat.encoding === 'bytes' ? flat : orderedBytes(flat, scratch)
  return { offsets: offsets.byteOffset, bytes: bytes.byteOffset, codes: 0, validity }
}
