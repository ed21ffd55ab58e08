import type { ColumnPredicate, RandomAccessFile } from '../../connect/index.ts'
import { EngineError } from '../../errors.ts'
import type { Region } from '../../memory/index.ts'
import { type FetchedColumn, fetchColumns, planColumns, plannedBytes, segmentBytes } from './fetch.ts'
import { columnIndexOf, type ParquetMetadata } from './metadata.ts'
import { type RowRange, selectRows } from './page-index.ts'
import { type Leaf, leavesOf } from './schema.ts'

/** A leaf on its way, or here. */
interface LeafFetch {
  readonly column: Promise<FetchedColumn>
  readonly isAhead: boolean
}

/**
 * The bytes of a row group's columns, each fetched once: when they are wanted, or begun before. They lie in
 * memory until `close`, which whoever made the fetch must call, and which stops what is under way.
 */
export class RowGroupFetch {
  readonly file: RandomAccessFile
  readonly metadata: ParquetMetadata
  readonly rowGroup: number
  readonly #predicates: readonly ColumnPredicate[]
  readonly #region: Region
  readonly #abort = new AbortController()
  readonly #leaves = new Map<Leaf, LeafFetch>()
  readonly #underWay = new Set<Promise<unknown>>()
  #selected: Promise<readonly RowRange[]> | null = null
  #aheadBytes = 0

  /** `region` names the pool and the job; nothing is allocated in it. */
  constructor(
    file: RandomAccessFile,
    metadata: ParquetMetadata,
    rowGroup: number,
    predicates: readonly ColumnPredicate[],
    region: Region,
  ) {
    this.file = file
    this.metadata = metadata
    this.rowGroup = rowGroup
    this.#predicates = predicates
    this.#region = region.pool.createRegion(region.tag)
  }

  /** Rows whose pages may hold what the predicates ask for. */
  get selected(): Promise<readonly RowRange[]> {
    this.#selected ??= selectRows(this.file, this.metadata, this.rowGroup, this.#predicates)
    return this.#selected
  }

  /** Whether reads have begun that have not ended. */
  get isUnderWay(): boolean {
    return this.#underWay.size > 0
  }

  /** Bytes that were begun ahead and that nobody has taken. */
  get aheadBytes(): number {
    return this.#aheadBytes
  }

  /** Begins to fetch columns by name, as far as that has not begun. Errors come to whoever takes a column. */
  begin(names: readonly string[]): void {
    this.#begin(this.#leavesOf(names), true)
  }

  /** The leaves of columns by name, with those that nested columns share once. */
  async take(names: readonly string[]): Promise<FetchedColumn[]> {
    const leaves = this.#leavesOf(names)
    this.#begin(leaves, false)
    return Promise.all(leaves.map((leaf) => this.#take(leaf)))
  }

  /** Stops reads that are under way, waits until none is, and frees all bytes. */
  async close(): Promise<void> {
    this.#abort.abort()
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
    this.#region.free()
  }

  #leavesOf(names: readonly string[]): readonly Leaf[] {
    const { metadata } = this
    return [...new Set(names.flatMap((name) => leavesOf(metadata.columns[columnIndexOf(metadata, name)]!)))]
  }

  async #take(leaf: Leaf): Promise<FetchedColumn> {
    const { column, isAhead } = this.#leaves.get(leaf)!
    try {
      const fetched = await column
      if (isAhead) this.#aheadBytes -= segmentBytes(fetched.segments)
      this.#leaves.set(leaf, { column, isAhead: false })
      return fetched
    } catch (error) {
      // There may be memory now.
      if (!isAhead || !(error instanceof EngineError) || error.code !== 'RESOURCES_EXHAUSTED') throw error
      this.#leaves.delete(leaf)
      this.#begin([leaf], false)
      return this.#take(leaf)
    }
  }

  #begin(leaves: readonly Leaf[], isAhead: boolean): void {
    const fresh = leaves.filter((leaf) => !this.#leaves.has(leaf))
    if (fresh.length === 0) return
    const all = this.#fetch(fresh, isAhead)
    this.#underWay.add(all)
    const end = (): void => void this.#underWay.delete(all)
    all.then(end, end)
    for (const [index, leaf] of fresh.entries()) {
      const column = all.then((columns) => columns[index]!)
      column.catch(() => {}) // It is told to whoever takes the column.
      this.#leaves.set(leaf, { column, isAhead })
    }
  }

  async #fetch(leaves: readonly Leaf[], isAhead: boolean): Promise<FetchedColumn[]> {
    const { file, metadata, rowGroup } = this
    const { signal } = this.#abort
    const plans = await planColumns(file, metadata.rowGroups[rowGroup]!, leaves, await this.selected)
    signal.throwIfAborted()
    if (isAhead) this.#aheadBytes += plannedBytes(plans)
    return await fetchColumns(file, plans, this.#region, { isAhead, signal })
  }
}
