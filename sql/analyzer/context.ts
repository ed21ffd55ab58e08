import type { SourceOptions } from '../../engine/connect/index.ts'
import type { AggregateFunction, ScalarFunction, WindowFunction } from '../../engine/functions/index.ts'
import type { DataType, Schema, Value } from '../../engine/types/index.ts'
import type { Catalog, CatalogEntry } from '../catalog/index.ts'
import type { CommonTable, Position, Query } from '../parser/index.ts'
import type { TableRef } from '../plan/index.ts'
import type { Resolved, Scope } from './scope.ts'

/** Where built-in functions are found; names ignore case. */
export interface FunctionLookup {
  scalar(name: string): ScalarFunction | undefined
  aggregate(name: string): AggregateFunction | undefined
  window(name: string): WindowFunction | undefined
  /** Every name, for hints. */
  names(): readonly string[]
}

/** The value of `:name` or `?`, in the engine's form for its type. */
export interface ParameterValue {
  readonly value: Value
  readonly type: DataType
}

/** Values for the parameters of one statement. */
export interface Parameters {
  readonly named?: Readonly<Record<string, ParameterValue>> | undefined
  readonly positional?: readonly ParameterValue[] | undefined
}

/** What the session gives to the analyzer. */
export interface AnalyzerContext {
  readonly catalog: Catalog
  readonly functions: FunctionLookup
  /** IANA name of the session's zone, for literals of type timestamp. */
  readonly timeZone: string
  readonly parameters?: Parameters | undefined
  /** Seed of TABLESAMPLE without REPEATABLE. */
  readonly randomSeed?: number | undefined
  /** Asks a connector what a table looks like; `declared` is the schema the user gave. */
  resolveSource(source: string, options: SourceOptions, declared: Schema | null): Promise<TableRef>
}

/** A name of WITH, and the names that its query sees. */
export interface CommonTableEntry {
  readonly table: CommonTable
  readonly analysis: Analysis
  /** The columns around the query that has the WITH. */
  readonly outer: Scope | null
}

/** What holds while one statement is analysed. Plain data but for the two registers at the end. */
export interface Analysis {
  readonly context: AnalyzerContext
  readonly parameters: Parameters
  /** By lower-case name. */
  readonly commonTables: ReadonlyMap<string, CommonTableEntry>
  /** Tables and views read beforehand, by `tableKey`. */
  readonly tables: ReadonlyMap<string, CatalogEntry>
  /** Names for hints when a table is not found. */
  readonly knownTables: readonly string[]
  /** How many views are open around this place. */
  readonly viewDepth: number
  /**
   * Analyses a subquery; `outer` holds the columns around it. Set by query.ts, so that files stay free of
   * cycles.
   */
  readonly analyzeQuery: (analysis: Analysis, query: Query, outer: Scope | null) => Resolved
  /** Where expressions stand in the text. */
  readonly positions: WeakMap<object, Position>
}

/** The key of a table name in `Analysis.tables`. */
export function tableKey(parts: readonly string[]): string {
  return parts.map((part) => part.toLowerCase()).join('\u0000')
}

/** The key of parquet.`/path`. */
export function fileKey(format: string, path: string): string {
  return `${format.toLowerCase()}\u0001${path}`
}
