import { setImmediate } from 'node:timers/promises'
import type {
  RandomAccessFile,
  RowFilter,
  ScanRequest,
  SourceContext,
  Split,
} from '../../engine/connect/index.ts'
import { RowGroupFetch } from '../../engine/formats/parquet/index.ts'
import type { Region } from '../../engine/memory/index.ts'
import type { DataFile } from './list-files.ts'
import { footerOf } from './parquet-footer.ts'

/** What a split of a Parquet table carries: one row group of one file. */
export interface ParquetSplit {
  readonly file: DataFile
  readonly rowGroup: number
}

/** Most row groups, bytes, and part of the memory limit that a task fetches ahead of the one it reads. */
const MOST_GROUPS = 8
const MOST_BYTES = 32 << 20
const LIMIT_PART = 1 / 32

/** So many row groups must have had a wanted row, for the columns of wanted rows to be fetched ahead too. */
const MOST_SURVIVE = 3 / 4

/**
 * The row groups that a task reads, in order. While one is read, the bytes of the next are on their way,
 * where bytes take long to come and memory is not scarce: of a filter's columns, and of the others too where
 * most row groups so far had a wanted row. Elsewhere a row group is fetched when it is read.
 */
export class RowGroupsAhead {
  readonly #splits: readonly Split[]
  readonly #request: ScanRequest
  readonly #context: SourceContext
  readonly #filter: RowFilter | null
  readonly #region: Region
  readonly #ahead: RowGroupReading[] = []
  /** Splits before this one were taken. */
  #next = 0
  #read = 0
  #survived = 0

  constructor(
    splits: readonly Split[],
    request: ScanRequest,
    context: SourceContext,
    filter: RowFilter | null,
  ) {
    this.#splits = splits
    this.#request = request
    this.#context = context
    this.#filter = filter
    this.#region = context.createRegion()
  }

  /** The next row group to read, which whoever takes it must close. */
  take(): RowGroupReading {
    const begun = this.#ahead.shift()
    const split = this.#splits[this.#next++]!
    // What was on its way already leaves the line free for what comes after it.
    if (begun !== undefined) this.pause()
    return begun ?? this.#open(split)
  }

  /** Learns whether a row group had a wanted row. */
  note(hasRows: boolean): void {
    this.#read++
    if (hasRows) this.#survived++
  }

  /**
   * Begins what should be on its way by now. If something is, gives the event loop a turn to take bytes in.
   */
  pause(): Promise<void> | null {
    for (;;) {
      const split = this.#splits[this.#next + this.#ahead.length]
      if (split === undefined || !this.#mayBegin(split)) break
      this.#ahead.push(this.#open(split))
    }
    if (this.#ahead.length === 0) return null
    for (const group of this.#ahead) group.begin(this.#columnsOf(group.file))
    return this.#ahead.some(({ isUnderWay }) => isUnderWay) ? setImmediate() : null
  }

  async close(): Promise<void> {
    const ends = await Promise.allSettled(this.#ahead.map((group) => group.close()))
    this.#region.free()
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }

  #open(split: Split): RowGroupReading {
    return new RowGroupReading(split, this.#request, this.#context, this.#region)
  }

  #mayBegin(split: Split): boolean {
    const { file } = split.data as ParquetSplit
    if (this.#context.fileSystem(file.path).latency === 'low') return false
    const { pool } = this.#context
    if (pool.isScarce || this.#ahead.length >= MOST_GROUPS) return false
    const bytes = this.#ahead.reduce((sum, { sizeBytes }) => sum + sizeBytes, split.sizeBytes)
    return this.#ahead.length === 0 || bytes <= Math.min(MOST_BYTES, pool.limitBytes * LIMIT_PART)
  }

  /** Columns of a file that its row groups will most likely need. */
  #columnsOf(file: DataFile): readonly string[] {
    const filter = this.#filter
    const isSelective = filter !== null && (this.#read === 0 || this.#survived < this.#read * MOST_SURVIVE)
    const tested = filter?.columns ?? []
    const wanted = isSelective ? tested : [...tested, ...this.#request.columns]
    return wanted.filter((name) => !Object.hasOwn(file.partition, name))
  }
}

/** One row group: its file is opened and its columns are fetched when they are wanted, or begun before. */
export class RowGroupReading {
  readonly file: DataFile
  readonly sizeBytes: number
  readonly #rowGroup: number
  readonly #request: ScanRequest
  readonly #context: SourceContext
  readonly #region: Region
  #opened: Promise<RowGroupFetch> | null = null
  #handle: RandomAccessFile | null = null
  #fetch: RowGroupFetch | null = null
  #isClosed = false

  constructor(split: Split, request: ScanRequest, context: SourceContext, region: Region) {
    const { file, rowGroup } = split.data as ParquetSplit
    this.file = file
    this.sizeBytes = split.sizeBytes
    this.#rowGroup = rowGroup
    this.#request = request
    this.#context = context
    this.#region = region
  }

  /** Its bytes. The file is opened once. */
  open(): Promise<RowGroupFetch> {
    this.#opened ??= this.#open()
    return this.#opened
  }

  /** Begins to fetch columns, as far as that has not begun. Errors come to whoever takes a column. */
  begin(columns: readonly string[]): void {
    if (this.#fetch !== null) this.#fetch.begin(columns)
    else
      this.open().then(
        (fetch) => this.#isClosed || fetch.begin(columns),
        () => {},
      )
  }

  get isUnderWay(): boolean {
    return this.#opened !== null && (this.#fetch === null || this.#fetch.isUnderWay)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#opened?.catch(() => {})
    await this.#fetch?.close()
    await this.#handle?.close()
    const unused = this.#fetch?.aheadBytes ?? 0
    if (unused > 0) this.#context.count('bytesReadInVain', unused)
  }

  async #open(): Promise<RowGroupFetch> {
    const { file } = this
    const metadata = await footerOf(file, this.#context)
    this.#handle = await this.#context.fileSystem(file.path).open(file.path, file.sizeBytes)
    const predicates = this.#request.predicates.filter(({ column }) => !Object.hasOwn(file.partition, column))
    this.#fetch = new RowGroupFetch(this.#handle, metadata, this.#rowGroup, predicates, this.#region)
    return this.#fetch
  }
}
