import type { Bucketing, SourceOptions } from '../../engine/connect/index.ts'
import type { Schema, Value } from '../../engine/types/index.ts'
import type { CatalogEntry } from '../catalog/index.ts'
import type {
  AnalyzeTable,
  CacheTable,
  DropTable,
  Explain,
  Reset,
  SetStatement,
  SetTimeZone,
  Show,
  TableCommand,
  Use,
} from '../parser/index.ts'
import type { LogicalPlan, TableRef } from '../plan/index.ts'

/** What a statement asks for, checked and with typed plans; the session carries it out. Plain data. */
export type AnalyzedStatement =
  | QueryResult
  | CreateViewCommand
  | CreateTableCommand
  | InsertCommand
  | DescribeCommand
  | ExplainCommand
  | CacheCommand
  | DropTable
  | Show
  | SetStatement
  | SetTimeZone
  | Reset
  | TableCommand
  | AnalyzeTable
  | Use

export interface QueryResult {
  readonly kind: 'query'
  readonly plan: LogicalPlan
}

/** CREATE VIEW, CREATE TEMPORARY VIEW … USING. `schema` is what the view gives now. */
export interface CreateViewCommand {
  readonly kind: 'createView'
  readonly parts: readonly string[]
  readonly scope: 'permanent' | 'temporary' | 'globalTemporary'
  readonly orReplace: boolean
  readonly ifNotExists: boolean
  /** For a temporary view: what goes into the catalog. */
  readonly entry: CatalogEntry
  /** The query as written, for a permanent view; empty with USING. */
  readonly text: string
  /** Names that rename the columns of the query; may be empty. */
  readonly columns: readonly string[]
  readonly comment?: string | undefined
  readonly schema: Schema
}

/** CREATE TABLE; with `plan` AS a query, whose columns are those of `schema`, in order. */
export interface CreateTableCommand {
  readonly kind: 'createTable'
  readonly parts: readonly string[]
  readonly orReplace: boolean
  readonly ifNotExists: boolean
  /** Null when the data at `location` give it. Partition columns come last. */
  readonly schema: Schema | null
  /** Name of the connector, `parquet` by default. */
  readonly source: string
  readonly options: SourceOptions
  readonly partitionColumns: readonly string[]
  readonly bucketing?: Bucketing | undefined
  readonly location?: string | undefined
  readonly comment?: string | undefined
  readonly properties: Readonly<Record<string, string>>
  readonly plan: LogicalPlan | null
}

/**
 * INSERT. The plan has the columns of the table, in order and of its types, fixed partition values included.
 */
export interface InsertCommand {
  readonly kind: 'insert'
  readonly parts: readonly string[]
  readonly table: TableRef
  readonly plan: LogicalPlan
  readonly overwrite: boolean
  readonly ifNotExists: boolean
  /** Values of PARTITION (p = value), by the table's name of the column. */
  readonly staticPartition: Readonly<Record<string, Value>>
}

/** DESCRIBE. Of a table or view: its columns, and `table` if it is one. */
export type DescribeCommand =
  | {
      readonly kind: 'describeTable'
      readonly parts: readonly string[]
      readonly extended: boolean
      readonly schema: Schema
      readonly table: TableRef | null
      /** Only this column is asked for. */
      readonly column?: string | undefined
    }
  | { readonly kind: 'describeQuery'; readonly schema: Schema }
  | {
      readonly kind: 'describeFunction'
      readonly name: string
      readonly usage: string
      readonly extended: boolean
    }

export interface ExplainCommand {
  readonly kind: 'explain'
  readonly mode: Explain['mode']
  readonly statement: AnalyzedStatement
}

/** CACHE TABLE with its query analysed, and the other caching statements as they are. */
export type CacheCommand =
  | {
      readonly kind: 'cacheTable'
      readonly parts: readonly string[]
      readonly lazy: boolean
      /** The rows to keep: of the query, or of the table itself. */
      readonly plan: LogicalPlan
      /** Whether the name is new, a temporary view of the query. */
      readonly isNew: boolean
    }
  | Exclude<CacheTable, { kind: 'cacheTable' }>
