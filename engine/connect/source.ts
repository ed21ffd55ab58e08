import type { RecordBatch } from '../batch/index.ts'
import type { MemoryPool, Region } from '../memory/index.ts'
import type { Schema, Value } from '../types/index.ts'
import type { FileSystem } from './file-system.ts'
import type { StreamingSource } from './stream.ts'

/** Options of a table or a read, as given: `{ header: 'true', sep: ';' }`. Keys ignore case. */
export type SourceOptions = Readonly<Record<string, string>>

/**
 * A simple condition that a source may use to skip row groups, pages or files. It is only a hint: the filter
 * is applied again above the scan. Values have the column's type. `in` has many values, the others one,
 * `isnull` and `isnotnull` none.
 */
export interface ColumnPredicate {
  readonly column: string
  readonly op: '=' | '<' | '<=' | '>' | '>=' | 'in' | 'isnull' | 'isnotnull'
  readonly values: readonly Value[]
}

/** How many rows and bytes a table has, as far as its source knows without reading it. */
export interface TableStatistics {
  readonly rowCount?: number
  readonly sizeBytes?: number
  /** By column name. */
  readonly columns?: Readonly<Record<string, ColumnStatistics>>
}

/** What footers or ANALYZE know of a column. */
export interface ColumnStatistics {
  readonly min?: Value
  readonly max?: Value
  readonly nullCount?: number
  readonly distinctCount?: number
  /** A guess of it. */
  readonly distinctEstimate?: number
}

/** How rows are laid out in files by the hash of columns (CLUSTERED BY … INTO n BUCKETS). */
export interface Bucketing {
  readonly columns: readonly string[]
  readonly bucketCount: number
}

/** What a source tells the analyzer about a table. */
export interface TableDescription {
  readonly schema: Schema
  readonly statistics: TableStatistics
  /**
   * Columns whose values come from folder names, as `country=FR/`. They are part of the schema, at its end.
   */
  readonly partitionColumns: readonly string[]
  readonly bucketing?: Bucketing | undefined
}

/** What is read: plain data, the same on the driver and in the task. */
export interface ScanRequest {
  readonly options: SourceOptions
  /** All columns of the table, as described or declared. */
  readonly schema: Schema
  /** Names of the columns wanted, in the order wanted; may be empty (count(*)). */
  readonly columns: readonly string[]
  readonly predicates: readonly ColumnPredicate[]
  /** Numbers too may come as codes of a dictionary: who reads them looks them up as cheaply as the source. */
  readonly asCodes?: boolean | undefined
}

/**
 * A fixed piece of a source, read by one task: a row group, a byte range, an offset range. Plain data, so
 * that a retry reads the same rows.
 */
export interface Split {
  readonly sizeBytes: number
  readonly rowCount?: number | undefined
  /** Bucket of a bucketed table. */
  readonly bucket?: number | undefined
  /** Whatever the source needs: path, offsets, partition values. */
  readonly data: unknown
}

/** Splits, and what pruning left out, for EXPLAIN. */
export interface SplitPlan {
  readonly splits: readonly Split[]
  /** `partitions: 3 of 12`, `row groups: 2 of 49`. */
  readonly notes: readonly string[]
}

/** What a source may use while it reads or plans. */
export interface SourceContext {
  readonly pool: MemoryPool
  readonly settings: { readonly timeZone: string }
  /** A region that ends with the task at the latest. */
  createRegion(): Region
  /** CANCELLED if the job was cancelled; called at least once a batch. */
  checkCancelled(): void
  /** Adds to a metric of the scan: `badRows`, `bytesRead`, `rowGroups`. */
  count(metric: string, amount: number): void
  fileSystem(path: string): FileSystem
}

/**
 * Which rows of a scan are wanted. A source that knows it reads the columns of the filter first, and of the
 * others only what belongs to wanted rows.
 */
export interface RowFilter {
  /** Names of the columns that it reads, in the order of `select`'s batch; each once. */
  readonly columns: readonly string[]
  /**
   * Writes the rows of `batch` that are wanted to `out`, ascending; gives how many. `out` lies in the arena
   * and has room for all.
   */
  select(batch: RecordBatch, out: Int32Array): number
  /**
   * The same as conditions of which each row must satisfy all: in any order, each only of rows that are left.
   * They stand in the order that seems best by what was seen so far, so look again for each batch.
   */
  readonly steps: readonly FilterStep[]
}

/** One condition of a filter. */
export interface FilterStep {
  /** Names of the columns that it reads, in the order of `select`'s batch; each once. */
  readonly columns: readonly string[]
  /** Whether values alone decide: then entries of a dictionary may be tested instead of rows. */
  readonly isByValue: boolean
  /** As that of the filter. */
  select(batch: RecordBatch, out: Int32Array): number
  /** Is told how many rows were tested, and how many passed. */
  note(tested: number, passed: number): void
}

/** A format or system that rows come from. */
export interface TableSource {
  readonly name: string
  /** Declared options with their defaults and meaning; others are CONFIG_INVALID. */
  readonly options: Readonly<Record<string, { readonly usage: string; readonly default?: string }>>
  /** Schema and sizes; `declared` is the schema a user gave, which then rules. Runs on the driver. */
  describe(options: SourceOptions, declared: Schema | null, context: SourceContext): Promise<TableDescription>
  /** The pieces to read, after pruning by predicates. Runs on the driver. */
  plan(request: ScanRequest, context: SourceContext): Promise<SplitPlan>
  /**
   * The rows of splits in their order, columns as asked for. A batch is valid until the next is asked for.
   * Runs in a task. A source may fetch what belongs to later splits while an earlier one is read. A source
   * with `filters` gives only the rows that `filter` selects; others need not look at it.
   */
  read(
    splits: readonly Split[],
    request: ScanRequest,
    context: SourceContext,
    filter?: RowFilter | null,
  ): AsyncIterable<RecordBatch>
  /** Set if the source can be read as a stream. */
  readonly stream?: StreamingSource
  /** Whether `read` applies the filter that it is given; the scan operator does where it is absent. */
  readonly filters?: boolean
}
