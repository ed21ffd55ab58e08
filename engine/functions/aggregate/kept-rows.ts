import { concat, deepFlatten, type FlatVector, take, type Vector, vectorBuilder } from '../../batch/index.ts'
import { GrowingBuffer, type Region } from '../../memory/index.ts'
import type { DataType } from '../../types/index.ts'

/** Kept rows are copied together when there are so many rows a group, those that were replaced among them. */
const MOST_ROWS_A_GROUP = 1.5
const LEAST_ROWS = 4096

/** They are also put together when they lie in so many pieces, and in twice those of the last time. */
const MOST_PIECES = 256

/** So many groups are copied in one go. */
const COPY_GROUPS = 16_384

/** Rows that were kept together, and what their owner compares of them. */
interface Piece<Key> {
  readonly columns: readonly FlatVector[]
  readonly rowCount: number
  readonly key: Key
}

/** What a choice among the rows of a batch reads and writes; arrays go by group. */
export interface Choice<Key> {
  /** The batch's. */
  readonly key: Key
  /** Those of all pieces by number, the batch among them. */
  readonly keys: readonly (Key | null)[]
  /** The number of the batch. */
  readonly batch: number
  /** The number of the piece that has a group's row; 0: none. */
  readonly pieceOf: Int32Array
  /** Its place there. */
  readonly rowOf: Int32Array
}

/**
 * One row a group, such as the one with the greatest value so far. Rows of a batch that groups keep are
 * copied to a piece of their own; what they replaced goes when it is much.
 *
 *   group | piece row        piece 1 | a 5     piece 2 | x 9
 *     0   |   2    0                 | b 3
 *     1   |   1    1
 *     2   |   0    –         none yet: NULL
 */
export class KeptRows<Key> {
  readonly #types: readonly DataType[]
  readonly #createRegion: () => Region
  readonly #keyOf: (columns: readonly FlatVector[]) => Key
  readonly #pieceOf: GrowingBuffer
  readonly #rowOf: GrowingBuffer
  readonly #scratch: Region
  #region: Region
  /** By number; there is no piece 0. */
  #pieces: (Piece<Key> | null)[] = [null]
  #groupCount = 0
  /** Rows in all pieces. */
  #rowCount = 0
  #mostPieces = MOST_PIECES

  /** Places lie in `region`, rows of columns of `types` in regions of their own. */
  constructor(
    types: readonly DataType[],
    region: Region,
    createRegion: () => Region,
    keyOf: (columns: readonly FlatVector[]) => Key,
  ) {
    this.#types = types
    this.#createRegion = createRegion
    this.#keyOf = keyOf
    this.#pieceOf = new GrowingBuffer(region)
    this.#rowOf = new GrowingBuffer(region)
    this.#region = createRegion()
    this.#scratch = createRegion()
  }

  get heldBytes(): number {
    return this.#region.heldBytes + this.#scratch.heldBytes
  }

  resize(groupCount: number): void {
    const held = this.#groupCount
    if (groupCount <= held) return
    this.#pieceOf.reserve(groupCount * 4, held * 4)
    this.#rowOf.reserve(groupCount * 4, held * 4)
    this.#groupCount = groupCount
    this.#pieceOf.int32(groupCount).fill(0, held)
  }

  /**
   * Keeps rows of a batch, of flat columns: `choose` writes the number of the batch and the row for groups
   * that are to keep one.
   */
  keep(
    columns: readonly Vector[],
    groups: Int32Array,
    rowCount: number,
    choose: (choice: Choice<Key>) => void,
  ): void {
    // Whoever gives rows to an accumulator has flattened them.
    const flat = columns as readonly FlatVector[]
    const batch = this.#pieces.length
    const pieceOf = this.#pieceOf.int32(this.#groupCount)
    const rowOf = this.#rowOf.int32(this.#groupCount)
    const key = this.#keyOf(flat)
    const keys = [...this.#pieces.map((piece) => piece?.key ?? null), key]
    choose({ key, keys, batch, pieceOf, rowOf })
    this.#scratch.reset()
    const chosen = this.#scratch.int32(rowCount)
    let count = 0
    for (let row = 0; row < rowCount; row++) {
      const group = groups[row]!
      if (pieceOf[group] !== batch || rowOf[group] !== row) continue
      rowOf[group] = count
      chosen[count++] = row
    }
    if (count === 0) return
    const kept = flat.map((column) => owned(column, chosen, count, this.#region))
    this.#pieces.push({ columns: kept, rowCount: count, key: this.#keyOf(kept) })
    this.#rowCount += count
    const mostRows = LEAST_ROWS + this.#groupCount * MOST_ROWS_A_GROUP
    if (this.#rowCount > mostRows || this.#pieces.length > this.#mostPieces) this.#copyTogether()
  }

  /** Of groups [from, from + count): whether they have a row. */
  *areKept(from: number, count: number): Iterable<boolean> {
    for (const piece of this.#pieceOf.int32(this.#groupCount).subarray(from, from + count)) yield piece !== 0
  }

  /** The first columns of the rows of groups [from, from + count) in `region`; NULL where there is none. */
  columns(width: number, from: number, count: number, region: Region): readonly FlatVector[] {
    const { parts, places } = this.#find(from, count)
    const { length } = parts
    return this.#types.slice(0, width).map((type, index) => {
      const rows = length === 0 ? vectorBuilder(type, this.#scratch, 1).finish() : this.#joined(parts, index)
      return owned(rows, places, count, region)
    })
  }

  free(): void {
    this.#region.free()
    this.#scratch.free()
  }

  /** Where the rows of groups lie, by piece, and the place of each group's among all these; -1: none. */
  #find(from: number, count: number): { readonly parts: readonly Part[]; readonly places: Int32Array } {
    this.#scratch.reset()
    const pieceOf = this.#pieceOf.int32(this.#groupCount).subarray(from, from + count)
    const rowOf = this.#rowOf.int32(this.#groupCount).subarray(from, from + count)
    const ends = new Int32Array(this.#pieces.length)
    for (const piece of pieceOf) ends[piece]!++
    ends[0] = 0
    let total = 0
    for (let piece = 1; piece < ends.length; piece++) {
      const rows = ends[piece]!
      ends[piece] = total
      total += rows
    }
    const starts = ends.slice()
    const rows = this.#scratch.int32(count)
    const places = this.#scratch.int32(count)
    for (let i = 0; i < count; i++) {
      const piece = pieceOf[i]!
      const place = piece === 0 ? -1 : ends[piece]!++
      places[i] = place
      if (place >= 0) rows[place] = rowOf[i]!
    }
    const parts = this.#pieces.flatMap((piece, number) => {
      const [start, end] = [starts[number]!, ends[number]!]
      return piece === null || start === end ? [] : [{ piece, rows: rows.subarray(start, end) }]
    })
    return { parts, places }
  }

  /** A column of the rows that were found, in scratch memory. */
  #joined(parts: readonly Part[], index: number): FlatVector {
    const taken = parts.map(({ piece, rows }) => {
      return take(piece.columns[index]!, rows, rows.length, this.#scratch)
    })
    return concat(taken, this.#scratch)
  }

  /** Copies the rows that are kept to new pieces, and drops the old ones. */
  #copyTogether(): void {
    const region = this.#createRegion()
    const pieces: (Piece<Key> | null)[] = [null]
    const pieceOf = this.#pieceOf.int32(this.#groupCount)
    const rowOf = this.#rowOf.int32(this.#groupCount)
    this.#rowCount = 0
    for (let from = 0; from < this.#groupCount; from += COPY_GROUPS) {
      const count = Math.min(COPY_GROUPS, this.#groupCount - from)
      const { parts, places } = this.#find(from, count)
      if (parts.length === 0) continue
      let rowCount = 0
      for (let i = 0; i < count; i++) {
        const place = places[i]!
        if (place < 0) continue
        pieceOf[from + i] = pieces.length
        rowOf[from + i] = rowCount
        places[rowCount++] = place
      }
      const columns = this.#types.map((_, index) =>
        owned(this.#joined(parts, index), places, rowCount, region),
      )
      pieces.push({ columns, rowCount, key: this.#keyOf(columns) })
      this.#rowCount += rowCount
    }
    this.#region.free()
    this.#region = region
    this.#pieces = pieces
    this.#mostPieces = Math.max(MOST_PIECES, 2 * pieces.length)
  }
}

interface Part {
  readonly piece: { readonly columns: readonly FlatVector[] }
  readonly rows: Int32Array
}

/** Rows of a column, with all that belongs to them in `region`. */
function owned(column: FlatVector, rows: Int32Array, count: number, region: Region): FlatVector {
  return deepFlatten(take(column, rows, count, region), region)
}
