import { plainPlan, type Resolved } from '../analyzer/index.ts'
import type { DataFrame } from './data-frame.ts'
import type { LazyPlan } from './lazy-plan.ts'
import type { OutputMode, StreamingQuery, StreamRequest, StreamTrigger } from './streaming.ts'

const DEFAULTS: StreamRequest = {
  format: 'parquet',
  options: {},
  outputMode: 'append',
  trigger: null,
  name: null,
  partitionColumns: [],
  onBatch: null,
}

/** Makes the DataFrame of a batch. */
export type NewFrame = (make: () => Promise<Resolved>) => unknown

/**
 * Says where the rows of a stream go; `start` begins. Immutable: every method gives a new writer.
 *
 *     await sales.writeStream.format('json').option('checkpointLocation', 'state/sales').start('out/sales')
 */
export class DataStreamWriter<R extends object> {
  readonly #lazy: LazyPlan
  readonly #newFrame: NewFrame
  readonly #request: StreamRequest

  constructor(lazy: LazyPlan, newFrame: NewFrame, request: StreamRequest = DEFAULTS) {
    this.#lazy = lazy
    this.#newFrame = newFrame
    this.#request = request
  }

  /** A connector such as `parquet` or `json`; `console`; or `memory`, a table under the query's name. */
  format(format: string): DataStreamWriter<R> {
    return this.#with({ format })
  }

  /** An option of the sink, or `checkpointLocation`: the folder that lets the query go on after a restart. */
  option(name: string, value: string | number | boolean): DataStreamWriter<R> {
    return this.options({ [name]: value })
  }

  options(options: Readonly<Record<string, string | number | boolean>>): DataStreamWriter<R> {
    const texts = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]))
    return this.#with({ options: { ...this.#request.options, ...texts } })
  }

  outputMode(outputMode: OutputMode): DataStreamWriter<R> {
    return this.#with({ outputMode })
  }

  /** When to look for new rows; without it, as soon as the last batch has ended. */
  trigger(trigger: StreamTrigger): DataStreamWriter<R> {
    return this.#with({ trigger })
  }

  queryName(name: string): DataStreamWriter<R> {
    return this.#with({ name })
  }

  /** Columns that become folders `name=value/`. */
  partitionBy(...columns: readonly string[]): DataStreamWriter<R> {
    return this.#with({ partitionColumns: columns })
  }

  /**
   * Gives each batch to a function of the program, on the driver. After a crash the last batch comes again
   * under the same number: what the function writes is exactly once only if it remembers numbers.
   */
  foreachBatch(work: (batch: DataFrame<R>, batchId: number) => Promise<void> | void): DataStreamWriter<R> {
    return this.#with({ format: 'foreachBatch', onBatch: work as NonNullable<StreamRequest['onBatch']> })
  }

  /** Begins; `path` is where files or tables go. Resolves when the query runs, not when it ends. */
  async start(path?: string): Promise<StreamingQuery> {
    const { executor } = this.#lazy
    const plan = plainPlan(await this.#lazy.resolve())
    const options = path === undefined ? this.#request.options : { ...this.#request.options, path }
    return await executor.startStream(plan, { ...this.#request, options }, this.#newFrame)
  }

  /** Writes into a table of the warehouse. */
  async toTable(name: string): Promise<StreamingQuery> {
    return await this.option('table', name).start()
  }

  #with(change: Partial<StreamRequest>): DataStreamWriter<R> {
    return new DataStreamWriter(this.#lazy, this.#newFrame, { ...this.#request, ...change })
  }
}
