import type { WriteMode } from '../../engine/connect/index.ts'
import { plainPlan } from '../analyzer/index.ts'
import type { RunOptions, WriteSummary, WriteTarget } from './executor.ts'
import type { LazyPlan } from './lazy-plan.ts'

type Settings = Omit<WriteTarget, 'kind' | 'name'>

/**
 * Says how a DataFrame is written; the last method of the chain writes. Immutable: every method gives a new
 * writer.
 */
export class DataFrameWriter {
  readonly #lazy: LazyPlan
  readonly #settings: Settings

  constructor(lazy: LazyPlan, settings: Settings = { options: {}, partitionColumns: [] }) {
    this.#lazy = lazy
    this.#settings = settings
  }

  /** What to do if the place holds data already: `error` (the default), `append`, `overwrite` or `ignore`. */
  mode(mode: WriteMode): DataFrameWriter {
    return this.#with({ mode })
  }

  /** `parquet`, `csv` or `json`. */
  format(format: string): DataFrameWriter {
    return this.#with({ format })
  }

  /** An option of the format. */
  option(name: string, value: string | number | boolean): DataFrameWriter {
    return this.options({ [name]: value })
  }

  /** Several options of the format. */
  options(options: Readonly<Record<string, string | number | boolean>>): DataFrameWriter {
    const texts = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]))
    return this.#with({ options: { ...this.#settings.options, ...texts } })
  }

  /** Columns that become folders `name=value/`. */
  partitionBy(...columns: readonly string[]): DataFrameWriter {
    return this.#with({ partitionColumns: columns })
  }

  /** Rows go into files by the hash of columns. For tables. */
  bucketBy(bucketCount: number, ...columns: readonly string[]): DataFrameWriter {
    return this.#with({ bucketing: { columns, bucketCount } })
  }

  /** Writes files into a folder. */
  async save(path: string, options: RunOptions = {}): Promise<WriteSummary> {
    return await this.#write({ ...this.#settings, kind: 'path', name: path }, options)
  }

  /** Writes Parquet files into a folder. */
  async parquet(path: string, options: RunOptions = {}): Promise<WriteSummary> {
    return await this.format('parquet').save(path, options)
  }

  /** Writes CSV files into a folder. */
  async csv(path: string, options: RunOptions = {}): Promise<WriteSummary> {
    return await this.format('csv').save(path, options)
  }

  /** Writes files of JSON lines into a folder. */
  async json(path: string, options: RunOptions = {}): Promise<WriteSummary> {
    return await this.format('json').save(path, options)
  }

  /** Makes a table of the warehouse, or adds to one with mode `append`. */
  async saveAsTable(name: string, options: RunOptions = {}): Promise<WriteSummary> {
    return await this.#write({ ...this.#settings, kind: 'table', name }, options)
  }

  /** Adds rows to a table that is there, columns by position; with mode `overwrite` they replace its rows. */
  async insertInto(name: string, options: RunOptions = {}): Promise<WriteSummary> {
    return await this.#write({ ...this.#settings, kind: 'insert', name }, options)
  }

  async #write(target: WriteTarget, options: RunOptions): Promise<WriteSummary> {
    return await this.#lazy.executor.write(plainPlan(await this.#lazy.resolve()), target, options)
  }

  #with(change: Partial<Settings>): DataFrameWriter {
    return new DataFrameWriter(this.#lazy, { ...this.#settings, ...change })
  }
}
