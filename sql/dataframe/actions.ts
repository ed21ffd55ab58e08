import type { ArrowTable } from '../../engine/arrow/index.ts'
import type { RowOptions } from '../../engine/run/index.ts'
import { type DataType, type Schema, typeName } from '../../engine/types/index.ts'
import {
  aggregatePlan,
  limitPlan,
  plainPlan,
  type Resolved,
  selectPlan,
  visibleColumns,
} from '../analyzer/index.ts'
import type { SelectItem } from '../parser/index.ts'
import { type LogicalPlan, schemaOf } from '../plan/index.ts'
import { captureCallSite } from './call-site.ts'
import type { ExplainMode, RunningRows, RunOptions } from './executor.ts'
import { type LazyPlan, located } from './lazy-plan.ts'
import { collectRows, readRows } from './read-rows.ts'
import type { Int64Mode, RowObject } from './row-types.ts'
import { formatTable } from './show-rows.ts'
import { toArrowTable } from './to-arrow.ts'
import { DataFrameWriter } from './writer.ts'

/** What an action that gives rows may be told. */
export interface CollectOptions<M extends Int64Mode = Int64Mode> extends RunOptions {
  /**
   * How bigint columns arrive: `number` (the default; beyond 2^53 is an error) or `bigint`. The type follows.
   */
  readonly int64?: M | undefined
}

/**
 * The methods of a DataFrame that run it. Every one works the plan out first, and then errors name the line
 * of the step.
 */
export abstract class QueryActions<R> {
  /** How the plan comes about; for the package itself. */
  readonly lazy: LazyPlan

  constructor(lazy: LazyPlan) {
    this.lazy = lazy
  }

  /** All rows, as plain objects in an array. */
  async collect<M extends Int64Mode = 'number'>(options: CollectOptions<M> = {}): Promise<RowObject<R, M>[]> {
    const running = await this.#start(options)
    return (await collectRows(running, rowOptions(options))) as RowObject<R, M>[]
  }

  /** The same as `collect`. */
  async toArray<M extends Int64Mode = 'number'>(options: CollectOptions<M> = {}): Promise<RowObject<R, M>[]> {
    return await this.collect(options)
  }

  /** Rows one by one; memory is bounded by a few batches. Leaving the loop cancels the query. */
  async *rows<M extends Int64Mode = 'number'>(
    options: CollectOptions<M> = {},
  ): AsyncGenerator<RowObject<R, M>, void, void> {
    const running = await this.#start(options)
    yield* readRows(running, rowOptions(options)) as AsyncGenerator<RowObject<R, M>, void, void>
  }

  /** `for await (const row of df)`: see `rows`. */
  [Symbol.asyncIterator](): AsyncGenerator<RowObject<R>, void, void> {
    return this.rows()
  }

  /** Calls a function for each row, one after the other; a promise is waited for. */
  async forEach(visit: (row: RowObject<R>) => void | Promise<void>, options: RunOptions = {}): Promise<void> {
    for await (const row of this.rows(options)) await visit(row)
  }

  /** The first `count` rows at most. */
  async take<M extends Int64Mode = 'number'>(
    count: number,
    options: CollectOptions<M> = {},
  ): Promise<RowObject<R, M>[]> {
    const running = await this.#start(options, (input) => limitPlan(input, count))
    return (await collectRows(running, rowOptions(options))) as RowObject<R, M>[]
  }

  /** The first `count` rows at most, one if not said. */
  async head<M extends Int64Mode = 'number'>(
    count = 1,
    options: CollectOptions<M> = {},
  ): Promise<RowObject<R, M>[]> {
    return await this.take(count, options)
  }

  /** The first row, or undefined if there is none. */
  async first<M extends Int64Mode = 'number'>(
    options: CollectOptions<M> = {},
  ): Promise<RowObject<R, M> | undefined> {
    return (await this.take(1, options))[0]
  }

  /** Number of rows. */
  async count(options: RunOptions = {}): Promise<number> {
    const item: SelectItem = {
      kind: 'selectItem',
      expression: { kind: 'call', name: 'count', args: [{ kind: 'star', qualifier: [], except: [] }] },
      aliases: ['count'],
    }
    const context = this.lazy.executor.analyzerContext()
    const running = await this.#start(options, (input) => aggregatePlan(input, [], [item], context))
    const [row] = await collectRows(running, {})
    return Number(row?.['count'] ?? 0)
  }

  /** Whether there is no row. */
  async isEmpty(options: RunOptions = {}): Promise<boolean> {
    return (await this.take(1, options)).length === 0
  }

  /** Prints the first rows as a table. Long values are cut to 20 characters, to `truncate`, or not at all. */
  async show(count = 20, { truncate = true }: { readonly truncate?: boolean | number } = {}): Promise<void> {
    console.log(await this.showText(count, { truncate }))
  }

  /** What `show` prints. */
  async showText(
    count = 20,
    { truncate = true }: { readonly truncate?: boolean | number } = {},
  ): Promise<string> {
    const resolved = await this.lazy.resolve()
    const names = visibleColumns(resolved.scope).map(({ name }) => name)
    const running = await this.#start({}, (input) => limitPlan(asText(input, this.lazy), count + 1))
    const rows = (await collectRows(running, {})).map((row) =>
      names.map((_, index) => row[`c${index}`] as string | null),
    )
    const width = typeof truncate === 'number' ? truncate : truncate ? 20 : 0
    const table = formatTable(names, rows.slice(0, count), width)
    return rows.length > count ? `${table}\nonly showing top ${count} row${count === 1 ? '' : 's'}` : table
  }

  /** Names, types and nullability of the columns. */
  async schema(): Promise<Schema> {
    return schemaOf(await this.#plan())
  }

  /** Names of the columns. */
  async columns(): Promise<readonly string[]> {
    return (await this.schema()).fields.map(({ name }) => name)
  }

  /** Names and types, as Spark's simple strings. */
  async dtypes(): Promise<readonly (readonly [name: string, type: string])[]> {
    return (await this.schema()).fields.map(({ name, type }) => [name, typeName(type)] as const)
  }

  /** Prints the schema as a tree. */
  async printSchema(): Promise<void> {
    const lines = (await this.schema()).fields.flatMap(({ name, type, nullable }) =>
      fieldLines(name, type, nullable, ' '),
    )
    console.log(['root', ...lines].join('\n'))
  }

  /** The plan as text: what is read, pruned, exchanged. */
  async explain(mode: ExplainMode | boolean = 'simple'): Promise<string> {
    const wanted = typeof mode === 'string' ? mode : mode ? 'extended' : 'simple'
    return await this.lazy.executor.explain(await this.#plan(), wanted)
  }

  /** A temporary view of the session over this DataFrame; one that is there is replaced. */
  async createOrReplaceTempView(name: string): Promise<void> {
    this.lazy.executor.registerView(name, await this.#plan(), { replace: true, global: false })
  }

  /** A temporary view; TEMP_TABLE_OR_VIEW_ALREADY_EXISTS if the name is taken. */
  async createTempView(name: string): Promise<void> {
    this.lazy.executor.registerView(name, await this.#plan(), { replace: false, global: false })
  }

  /** A view that all sessions see as `global_temp.name`. */
  async createOrReplaceGlobalTempView(name: string): Promise<void> {
    this.lazy.executor.registerView(name, await this.#plan(), { replace: true, global: true })
  }

  /** All rows as a table of the package apache-arrow. */
  async toArrow(options: RunOptions = {}): Promise<ArrowTable> {
    return await toArrowTable(await this.#start(options))
  }

  /** Where writing starts: `df.write.mode('overwrite').partitionBy('year').parquet('out')`. */
  get write(): DataFrameWriter {
    return new DataFrameWriter(this.lazy)
  }

  async #plan(): Promise<LogicalPlan> {
    return plainPlan(await this.lazy.resolve())
  }

  async #start(
    options: RunOptions,
    last: (input: Resolved) => Resolved = (input) => input,
  ): Promise<RunningRows> {
    const site = captureCallSite()
    const { signal, onProgress } = options
    const resolved = await this.lazy.resolve()
    const plan = plainPlan(await located(site, () => last(resolved)))
    return await this.lazy.executor.start(plan, { signal, onProgress })
  }
}

function rowOptions({ int64 }: CollectOptions): RowOptions {
  return int64 === undefined ? {} : { int64 }
}

/** Every column cast to string, under names by position. */
function asText(input: Resolved, lazy: LazyPlan): Resolved {
  const plan = plainPlan(input)
  const items = visibleColumns(input.scope).map((_, index): SelectItem => {
    const column = { kind: 'column', parts: [`c${index}`] } as const
    const type = { kind: 'type', name: 'string', args: [] } as const
    return {
      kind: 'selectItem',
      expression: { kind: 'cast', input: column, type, try: false },
      aliases: [`c${index}`],
    }
  })
  const columns = visibleColumns(input.scope).map((column, index) => ({
    column: { ...column, name: `c${index}` },
    qualifier: [],
    hidden: false,
  }))
  return selectPlan({ plan, scope: { columns, outer: null } }, items, lazy.executor.analyzerContext())
}

function fieldLines(name: string, type: DataType, nullable: boolean, indent: string): string[] {
  const own = `${indent}|-- ${name}: ${treeName(type)} (nullable = ${nullable})`
  return [own, ...innerLines(type, `${indent}|    `)]
}

/** Nested types only by their kind: what is in them stands below. */
function treeName(type: DataType): string {
  if (type.kind === 'list') return 'array'
  return type.kind === 'struct' || type.kind === 'map' ? type.kind : typeName(type)
}

function innerLines(type: DataType, indent: string): string[] {
  switch (type.kind) {
    case 'struct':
      return type.fields.flatMap((field) => fieldLines(field.name, field.type, field.nullable, indent))
    case 'list':
      return fieldLines('element', type.element, true, indent)
    case 'map':
      return [...fieldLines('key', type.key, false, indent), ...fieldLines('value', type.value, true, indent)]
    default:
      return []
  }
}
