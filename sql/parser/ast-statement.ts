import type { Expression } from './ast.ts'
import type { Query } from './ast-query.ts'
import type { Located, TypeName } from './ast-type.ts'

/**
 * One statement. A bare query is `{ kind: 'queryStatement' }`. Table and view names are `parts`: `db.t` is
 * two.
 */
export type Statement =
  | QueryStatement
  | CreateView
  | CreateTempViewUsing
  | CreateTable
  | Insert
  | DropTable
  | Describe
  | Show
  | Explain
  | SetStatement
  | SetTimeZone
  | Reset
  | TableCommand
  | CacheTable
  | AnalyzeTable
  | Use

export interface QueryStatement extends Located {
  readonly kind: 'queryStatement'
  readonly query: Query
}

/** CREATE [OR REPLACE] [[GLOBAL] TEMPORARY] VIEW [IF NOT EXISTS] name [(columns)] AS query */
export interface CreateView extends Located {
  readonly kind: 'createView'
  readonly parts: readonly string[]
  readonly scope: 'permanent' | 'temporary' | 'globalTemporary'
  readonly orReplace: boolean
  readonly ifNotExists: boolean
  readonly columns: readonly { readonly name: string; readonly comment?: string | undefined }[]
  readonly comment?: string | undefined
  readonly properties: readonly OptionEntry[]
  readonly query: Query
  /** The text of the query as written, to store with a permanent view. */
  readonly text: string
}

/** CREATE [OR REPLACE] TEMPORARY VIEW name [(columns)] USING format OPTIONS (…) */
export interface CreateTempViewUsing extends Located {
  readonly kind: 'createTempViewUsing'
  readonly parts: readonly string[]
  readonly global: boolean
  readonly orReplace: boolean
  readonly columns: readonly ColumnDefinition[]
  readonly format: string
  readonly options: readonly OptionEntry[]
}

/** `key` is as written (dots kept); `value` is the text of the constant. */
export interface OptionEntry {
  readonly key: string
  readonly value: string
}

export interface ColumnDefinition extends Located {
  readonly name: string
  readonly type: TypeName
  readonly nullable: boolean
  readonly default?: Expression | undefined
  readonly comment?: string | undefined
}

/** CREATE [OR REPLACE] TABLE. `columns` is empty when a query or the data give them. */
export interface CreateTable extends Located {
  readonly kind: 'createTable'
  readonly parts: readonly string[]
  readonly orReplace: boolean
  readonly ifNotExists: boolean
  readonly columns: readonly ColumnDefinition[]
  readonly format?: string | undefined
  readonly options: readonly OptionEntry[]
  /** Names of columns; those declared only here, with a type, are also in `columns`, last. */
  readonly partitionedBy: readonly string[]
  readonly bucketing?: Bucketing | undefined
  readonly location?: string | undefined
  readonly comment?: string | undefined
  readonly properties: readonly OptionEntry[]
  readonly query?: Query | undefined
}

/** CLUSTERED BY (columns) [SORTED BY (sort)] INTO count BUCKETS */
export interface Bucketing {
  readonly columns: readonly string[]
  readonly sort: readonly { readonly column: string; readonly descending: boolean }[]
  readonly count: number
}

/**
 * INSERT INTO | OVERWRITE [TABLE] name [PARTITION (p = value, q)] [(columns)] query.
 */
export interface Insert extends Located {
  readonly kind: 'insert'
  readonly parts: readonly string[]
  readonly overwrite: boolean
  /** A partition column without value is dynamic. */
  readonly partition: readonly { readonly column: string; readonly value?: Expression | undefined }[]
  readonly ifNotExists: boolean
  readonly columns: readonly string[]
  /** BY NAME: columns of the query are matched by name. */
  readonly byName: boolean
  readonly query: Query
}

export interface DropTable extends Located {
  readonly kind: 'drop'
  readonly object: 'table' | 'view'
  readonly parts: readonly string[]
  readonly ifExists: boolean
}

/** DESCRIBE: of a table (`parts`, and maybe one column), a function (`name`) or a query. */
export type Describe = Located &
  (
    | {
        readonly kind: 'describeTable'
        readonly parts: readonly string[]
        readonly extended: boolean
        readonly column?: readonly string[] | undefined
      }
    | { readonly kind: 'describeFunction'; readonly name: string; readonly extended: boolean }
    | { readonly kind: 'describeQuery'; readonly query: Query }
  )

/** SHOW. `pattern` is Spark's: `*` any text, `|` alternatives. `inSchema` is the name after IN or FROM. */
export type Show = Located &
  (
    | {
        readonly kind: 'show'
        readonly object: 'tables' | 'views' | 'functions' | 'schemas'
        readonly inSchema?: readonly string[] | undefined
        readonly pattern?: string | undefined
      }
    | {
        readonly kind: 'showOf'
        readonly object: 'columns' | 'createTable'
        readonly parts: readonly string[]
      }
    | {
        readonly kind: 'showPartitions'
        readonly parts: readonly string[]
        readonly partition: readonly { readonly column: string; readonly value?: Expression | undefined }[]
      }
  )

export interface Explain extends Located {
  readonly kind: 'explain'
  readonly mode: 'simple' | 'extended' | 'formatted' | 'codegen' | 'cost' | 'analyze'
  readonly statement: Statement
}

/** SET: all settings (no key), one setting (no value), or a change of it. Values are raw text. */
export interface SetStatement extends Located {
  readonly kind: 'set'
  readonly key?: string | undefined
  readonly value?: string | undefined
}

/** SET TIME ZONE 'zone' | LOCAL (undefined) | INTERVAL (microseconds east of UTC). */
export interface SetTimeZone extends Located {
  readonly kind: 'setTimeZone'
  readonly zone?: string | undefined
  readonly offsetMicros?: bigint | undefined
}

/** RESET [key] */
export interface Reset extends Located {
  readonly kind: 'reset'
  readonly key?: string | undefined
}

/** TRUNCATE TABLE, REFRESH TABLE */
export interface TableCommand extends Located {
  readonly kind: 'truncateTable' | 'refreshTable'
  readonly parts: readonly string[]
}

/** CACHE [LAZY] TABLE name [AS query], UNCACHE TABLE [IF EXISTS] name, CLEAR CACHE */
export type CacheTable = Located &
  (
    | {
        readonly kind: 'cacheTable'
        readonly parts: readonly string[]
        readonly lazy: boolean
        readonly query?: Query | undefined
      }
    | { readonly kind: 'uncacheTable'; readonly parts: readonly string[]; readonly ifExists: boolean }
    | { readonly kind: 'clearCache' }
  )

/** ANALYZE TABLE name COMPUTE STATISTICS [NOSCAN | FOR ALL COLUMNS | FOR COLUMNS a, b] */
export interface AnalyzeTable extends Located {
  readonly kind: 'analyzeTable'
  readonly parts: readonly string[]
  readonly scan: boolean
  readonly columns: 'none' | 'all' | readonly string[]
}

/** USE [SCHEMA] name */
export interface Use extends Located {
  readonly kind: 'use'
  readonly parts: readonly string[]
}
