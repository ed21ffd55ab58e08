import type { SourceOptions } from '../../engine/connect/index.ts'
import type { Schema } from '../../engine/types/index.ts'
import { tablePlan } from '../analyzer/index.ts'
import { captureCallSite } from './call-site.ts'
import { DataFrame } from './data-frame.ts'
import type { PlanExecutor } from './executor.ts'
import { LazyPlan, located } from './lazy-plan.ts'
import type { DynamicRow } from './row-types.ts'
import type { TableSchema } from './schema.ts'

/** Options of a read: those of the format, and `schema`, which then rules. */
export interface ReadOptions<R> {
  readonly schema?: TableSchema<R> | undefined
  readonly [option: string]: string | number | boolean | TableSchema<R> | undefined
}

/**
 * Says what is read and how. Files are looked at when an action runs. Immutable: every method gives a new
 * reader.
 */
export class DataFrameReader<R extends object = DynamicRow> {
  readonly #executor: PlanExecutor
  readonly #format: string
  readonly #options: SourceOptions
  readonly #schema: Schema | null
  readonly #isStream: boolean

  constructor(
    executor: PlanExecutor,
    format = 'parquet',
    options: SourceOptions = {},
    schema: Schema | null = null,
    isStream = false,
  ) {
    this.#executor = executor
    this.#format = format
    this.#options = options
    this.#schema = schema
    this.#isStream = isStream
  }

  /** `parquet`, `csv`, `json` or `text`. */
  format(format: string): DataFrameReader<R> {
    return new DataFrameReader(this.#executor, format, this.#options, this.#schema, this.#isStream)
  }

  /** An option of the format. */
  option(name: string, value: string | number | boolean): DataFrameReader<R> {
    return this.options({ [name]: value })
  }

  /** Several options of the format. */
  options(options: Readonly<Record<string, string | number | boolean>>): DataFrameReader<R> {
    return new DataFrameReader(
      this.#executor,
      this.#format,
      { ...this.#options, ...texts(options) },
      this.#schema,
      this.#isStream,
    )
  }

  /** The columns of the files, with which the compiler then knows them. */
  schema<T extends object>(schema: TableSchema<T>): DataFrameReader<T> {
    return new DataFrameReader<T>(this.#executor, this.#format, this.#options, schema, this.#isStream)
  }

  /** A file, a folder or a glob; other sources may do without a path. */
  load(path?: string): DataFrame<R> {
    const [executor, site] = [this.#executor, captureCallSite()]
    const [format, schema] = [this.#format, this.#schema]
    const options = path === undefined ? this.#options : { ...this.#options, path }
    const isStream = this.#isStream
    const make = async () => {
      const table = await executor.describeSource(format, options, schema)
      return tablePlan(isStream ? { ...table, isStream } : table)
    }
    return new DataFrame(new LazyPlan(executor, () => located(site, make)))
  }

  /** Parquet files. */
  parquet<T extends object = R>(path: string, options: ReadOptions<T> = {}): DataFrame<T> {
    return this.#load('parquet', path, options)
  }

  /**
   * CSV files: `csv('a.csv', { header: true, schema })`. Without a schema columns are strings, or
   * `inferSchema` says.
   */
  csv<T extends object = R>(path: string, options: ReadOptions<T> = {}): DataFrame<T> {
    return this.#load('csv', path, options)
  }

  /** Files of JSON lines, or with `multiLine` of whole values. */
  json<T extends object = R>(path: string, options: ReadOptions<T> = {}): DataFrame<T> {
    return this.#load('json', path, options)
  }

  /** Files of text, one string column `value`. */
  text(path: string, options: ReadOptions<DynamicRow> = {}): DataFrame<{ readonly value: string }> {
    return this.#load('text', path, options as ReadOptions<{ readonly value: string }>)
  }

  /** A table or view of the session. */
  table(name: string): DataFrame<R> {
    const [executor, site] = [this.#executor, captureCallSite()]
    return new DataFrame(new LazyPlan(executor, () => located(site, () => executor.table(name))))
  }

  #load<T extends object>(
    format: string,
    path: string,
    { schema, ...options }: ReadOptions<T>,
  ): DataFrame<T> {
    const given = { ...this.#options, ...texts(options) }
    return new DataFrameReader<T>(this.#executor, format, given, schema ?? this.#schema, this.#isStream).load(
      path,
    )
  }
}

function texts(options: Readonly<Record<string, unknown>>): SourceOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
}
