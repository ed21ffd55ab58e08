import { EngineError, type ErrorPosition, nearestNames } from '../../engine/errors.ts'
import type { DataType } from '../../engine/types/index.ts'
import type { Query } from '../parser/index.ts'
import type { LogicalPlan, TableRef } from '../plan/index.ts'
import type { StoredObject, TableStore } from './table-store.ts'

/** What a name in FROM may mean. */
export type CatalogEntry =
  | { readonly kind: 'table'; readonly table: TableRef }
  /** A view by its query, analysed anew at each use; `columns` rename it if not empty. */
  | { readonly kind: 'view'; readonly query: Query; readonly columns: readonly string[] }
  /** A view by its text, as the warehouse keeps it. */
  | { readonly kind: 'storedView'; readonly text: string; readonly columns: readonly string[] }
  /** A DataFrame under a name; its columns get new ids at each use. */
  | { readonly kind: 'plan'; readonly plan: LogicalPlan }

/** A TypeScript function that SQL may call. */
export interface UserFunction {
  readonly name: string
  /** Id of the shipped function; see engine/user-code. */
  readonly functionId: string
  /** Types of the arguments; null takes any arguments as they are. */
  readonly args: readonly DataType[] | null
  readonly returns: DataType
}

const DEFAULT_SCHEMA = 'default'
const GLOBAL_SCHEMA = 'global_temp'

/**
 * The names of a session: temporary views, functions, and through the store the tables of the warehouse.
 * All names ignore case. A temporary view hides a table of the same name.
 */
export class Catalog {
  currentSchema = DEFAULT_SCHEMA
  readonly #store: TableStore | null
  readonly #views = new Map<string, { name: string; entry: CatalogEntry }>()
  readonly #globalViews = new Map<string, { name: string; entry: CatalogEntry }>()
  readonly #functions = new Map<string, UserFunction>()

  constructor(store: TableStore | null = null) {
    this.#store = store
  }

  /** Puts a temporary view in; TEMP_TABLE_OR_VIEW_ALREADY_EXISTS if there is one and `replace` is false. */
  setView(name: string, entry: CatalogEntry, { replace = true, global = false } = {}): void {
    const views = global ? this.#globalViews : this.#views
    const key = name.toLowerCase()
    if (!replace && views.has(key))
      throw new EngineError('TEMP_TABLE_OR_VIEW_ALREADY_EXISTS', `temporary view "${name}" already exists`, {
        hint: 'Use CREATE OR REPLACE, or drop it first.',
      })
    views.set(key, { name, entry })
  }

  /** The temporary view of a name, if there is one. */
  view(parts: readonly string[]): CatalogEntry | undefined {
    const name = parts.at(-1)!.toLowerCase()
    if (parts.length === 1) return this.#views.get(name)?.entry
    return parts.length === 2 && parts[0]!.toLowerCase() === GLOBAL_SCHEMA
      ? this.#globalViews.get(name)?.entry
      : undefined
  }

  /** Takes a temporary view away; false if there is none. */
  dropView(parts: readonly string[]): boolean {
    const name = parts.at(-1)!.toLowerCase()
    return parts.length === 1 ? this.#views.delete(name) : this.#globalViews.delete(name)
  }

  /** Names of temporary views, sorted. */
  viewNames(): readonly string[] {
    return [...this.#views.values()].map(({ name }) => name).sort()
  }

  /** Registers a function of the program; a later one of the same name replaces it. */
  setFunction(definition: UserFunction): void {
    this.#functions.set(definition.name.toLowerCase(), definition)
  }

  /** The function of the program of a name, if there is one. */
  function(name: string): UserFunction | undefined {
    return this.#functions.get(name.toLowerCase())
  }

  /** Names of functions of the program, sorted. */
  functionNames(): readonly string[] {
    return [...this.#functions.values()].map(({ name }) => name).sort()
  }

  /** What a name of one, two or three parts means, or undefined. Reads the warehouse. */
  async resolveTable(parts: readonly string[]): Promise<CatalogEntry | undefined> {
    const view = this.view(parts)
    if (view !== undefined) return view
    const stored = await this.stored(parts)
    if (stored === undefined) return undefined
    if (stored.kind === 'table') return { kind: 'table', table: stored.table }
    return { kind: 'storedView', text: stored.text, columns: stored.columns }
  }

  /** The table or view of the warehouse under a name, or undefined; temporary views are not looked at. */
  async stored(parts: readonly string[]): Promise<StoredObject | undefined> {
    return await this.#store?.load(this.storedName(parts))
  }

  /** Schema and name in the warehouse; a first part `spark_catalog` is left out. */
  storedName(parts: readonly string[]): readonly [schema: string, table: string] {
    return [(parts.at(-2) ?? this.currentSchema).toLowerCase(), parts.at(-1)!.toLowerCase()]
  }

  /** The store of the warehouse; UNSUPPORTED_FEATURE without one. */
  get store(): TableStore {
    if (this.#store !== null) return this.#store
    throw new EngineError('UNSUPPORTED_FEATURE', 'this session has no warehouse for tables', {
      hint: 'Use CREATE TEMPORARY VIEW, or start the session with a warehouse folder.',
    })
  }

  /** Names of tables and views of a schema, and of temporary views. */
  async tableNames(schema: string = this.currentSchema): Promise<readonly string[]> {
    const stored = (await this.#store?.list(schema.toLowerCase())) ?? []
    return [...new Set([...this.viewNames(), ...stored])].sort()
  }

  /** The error for a name that nothing has, with the nearest ones. */
  async tableNotFound(parts: readonly string[], position?: ErrorPosition): Promise<EngineError> {
    return tableNotFound(parts, await this.tableNames(parts.at(-2) ?? this.currentSchema), position)
  }
}

/** TABLE_OR_VIEW_NOT_FOUND with the nearest of `names` as a hint. */
export function tableNotFound(
  parts: readonly string[],
  names: readonly string[],
  position?: ErrorPosition,
): EngineError {
  const near = nearestNames(parts.at(-1)!, names)
  const hint =
    near.length > 0
      ? `Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?`
      : 'Create it with CREATE VIEW or CREATE TABLE, or read a file as parquet.`/path`.'
  return new EngineError('TABLE_OR_VIEW_NOT_FOUND', `table or view "${parts.join('.')}" does not exist`, {
    position,
    hint,
  })
}
