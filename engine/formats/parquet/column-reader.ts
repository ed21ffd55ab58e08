import type { FlatVector, Vector } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { FlatReader } from './flat-reader.ts'
import type { ChunkMetadata } from './metadata.ts'
import { type LeafData, NestedReader } from './nested-reader.ts'
import type { Segment } from './page.ts'
import { PageCursor } from './page-cursor.ts'
import type { RowRange } from './page-index.ts'
import type { Leaf } from './schema.ts'

const NO_LEVELS = new Uint8Array(0)

/** Decodes the chunk of one leaf, some rows at a time. */
export class ColumnReader {
  readonly leaf: Leaf
  /** The rows that the fetched pages hold, ascending. */
  readonly rows: readonly RowRange[]
  readonly #flat: FlatReader | null
  readonly #nested: NestedReader | null

  /** Dictionaries lie in `region`, which must outlive all batches; `passing` is reset at will. */
  constructor(
    leaf: Leaf,
    rows: readonly RowRange[],
    segments: readonly Segment[],
    chunk: ChunkMetadata,
    path: string,
    region: Region,
    passing: Region,
  ) {
    this.leaf = leaf
    this.rows = rows
    const cursor = new PageCursor(segments, leaf, chunk, path, region, passing)
    const isFlat = leaf.path.length === 1 && leaf.maxRepetition === 0
    this.#flat = isFlat ? new FlatReader(cursor, region) : null
    this.#nested = isFlat ? null : new NestedReader(cursor, region)
  }

  /** Whether `readAt` serves the leaf: it is a column by itself. */
  get isFlat(): boolean {
    return this.#flat !== null
  }

  /** See `FlatReader.dictionary`; null for nested leaves. */
  get dictionary(): FlatVector | null {
    return this.#flat?.dictionary ?? null
  }

  /** The next `rowCount` rows, with their values in `region`; `asCodes` see `FlatReader.read`. */
  read(rowCount: number, region: Region, asCodes = false): LeafData {
    if (this.#nested !== null) return this.#nested.read(rowCount, region)
    const vector = this.#flat!.read(rowCount, region, asCodes)
    return { vector, entryCount: rowCount, definitions: NO_LEVELS, repetitions: NO_LEVELS }
  }

  /** Of the next `rowCount` rows those at `rows[0 .. count)`, ascending. Only for flat leaves. */
  readAt(rowCount: number, rows: Int32Array, count: number, region: Region, asCodes = false): Vector {
    return this.#flat!.readAt(rowCount, rows, count, region, asCodes)
  }

  /** Passes over `rowCount` rows; `region` is for scratch. */
  skip(rowCount: number, region: Region): void {
    if (this.#flat !== null) this.#flat.skip(rowCount, region)
    else this.#nested!.read(rowCount, region)
  }
}
