import { BATCH_ROWS, type FlatVector, take, type Vector } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { assemble } from './assemble.ts'
import type { ColumnReader } from './column-reader.ts'
import type { Place } from './corrupt-file.ts'
import type { LeafData } from './nested-reader.ts'
import { type RowRange, rowsWithin } from './page-index.ts'
import type { Shape } from './schema.ts'

/** A column of a row group, read from its first row to its last. */
export class ColumnRows {
  readonly #shape: Shape
  readonly #readers: readonly ColumnReader[]
  readonly #place: Place
  readonly #region: Region
  /** The row that comes next. */
  #next = 0

  /** Vectors come to lie in `region`, which the caller resets between batches. */
  constructor(shape: Shape, readers: readonly ColumnReader[], place: Place, region: Region) {
    this.#shape = shape
    this.#readers = readers
    this.#place = place
    this.#region = region
  }

  /**
   * The dictionary, if all rows of the row group that can be read are codes of it and it has few entries for
   * them; else null.
   */
  get dictionary(): FlatVector | null {
    return this.#shape.kind === 'leaf' ? this.#readers[0]!.dictionary : null
  }

  /** Whether rows may be NULL. */
  get hasNulls(): boolean {
    return this.#shape.kind !== 'leaf' || this.#readers[0]!.leaf.maxDefinition > 0
  }

  /** All rows of a window. With `asCodes` those of a column with a dictionary are its codes. */
  read({ from, to }: RowRange, asCodes = false): Vector {
    this.#moveTo(from, to)
    const leaves = new Map<number, LeafData>()
    for (const reader of this.#readers)
      leaves.set(reader.leaf.index, reader.read(to - from, this.#region, asCodes))
    return assemble(this.#shape, leaves, this.#place, this.#region)
  }

  /** Of a window the rows at `rows[0 .. count)`, counted from its start and ascending. */
  readAt({ from, to }: RowRange, rows: Int32Array, count: number, asCodes = false): Vector {
    const [first] = this.#readers
    if (!first!.isFlat) return take(this.read({ from, to }), rows, count, this.#region)
    this.#moveTo(from, to)
    return first!.readAt(to - from, rows, count, this.#region, asCodes)
  }

  /** Passes over rows as far as the column has them: pages end elsewhere in each. */
  #moveTo(from: number, to: number): void {
    if (from !== this.#next)
      for (const reader of this.#readers)
        for (let left = rowsWithin(reader.rows, this.#next, from); left > 0; left -= BATCH_ROWS)
          reader.skip(Math.min(left, BATCH_ROWS), this.#region)
    this.#next = to
  }
}
