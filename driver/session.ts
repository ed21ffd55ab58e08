import { type ArrowTable, fromArrow } from '../engine/arrow/index.ts'
import { EngineError, type ErrorPosition } from '../engine/errors.ts'
import { types } from '../engine/types/index.ts'
import { type Parameters, resolvedOf } from '../sql/analyzer/index.ts'
import type { Catalog } from '../sql/catalog/index.ts'
import {
  createDataFrame,
  createFrame,
  type DataFrame,
  DataFrameReader,
  type DynamicRow,
  type Int64,
  type PlanExecutor,
  type RowObject,
  type RowOfObject,
  type SqlParameters,
  type StreamingQuery,
  type TableSchema,
} from '../sql/dataframe/index.ts'
import { parseStatement, type StatementText } from '../sql/parser/index.ts'
import { type LogicalPlan, newColumn } from '../sql/plan/index.ts'
import { type RDD, RddContext, registerUdf, type UdfOptions } from './rdd/index.ts'
import {
  keepBlocks,
  planExecutor,
  type RunningQuery,
  type RunOptions,
  SessionCore,
  type SessionOptions,
} from './session/index.ts'

export type { SessionOptions } from './session/index.ts'

/**
 * A program's door to Millrace: tables, queries and the threads they run on.
 *
 * ```ts
 * const session = new Session({ master: 'local[2]' })
 * await session.read.parquet('orders').groupBy('country').count().show()
 * await session.stop()
 * ```
 */
export class Session {
  readonly #core: SessionCore
  readonly #executor: PlanExecutor
  readonly #rdds: RddContext
  /** The command that was asked for last; statements wait for those before them. */
  #lastCommand: Promise<unknown> = Promise.resolve()
  /** Failures of commands that nobody has been told of. */
  readonly #unseenFailures = new Set<unknown>()

  constructor(options: SessionOptions = {}) {
    this.#core = new SessionCore(options)
    this.#executor = planExecutor(this.#core)
    const { pool, jobs, runner } = this.#core
    this.#rdds = new RddContext({
      pool,
      jobs,
      settings: () => this.#core.settings(),
      executor: this.#executor,
      planOf: (plan) => runner.plan(plan, this.#core.settings()),
    })
  }

  /** Reads files and tables: `session.read.csv('sales.csv', { header: true, inferSchema: true })`. */
  get read(): DataFrameReader {
    return new DataFrameReader(this.#executor)
  }

  /** Reads streams: `session.readStream.format('log').option('path', 'events').load()`. */
  get readStream(): DataFrameReader {
    return new DataFrameReader(this.#executor, 'parquet', {}, null, true)
  }

  /** Streaming queries that run, by name. */
  get streams(): readonly StreamingQuery[] {
    return [...this.#core.streams.values()].filter(({ isActive }) => isActive)
  }

  /**
   * The result of a SQL statement. A query is looked at when its rows are asked for; a command (CREATE,
   * INSERT, …) begins now, and statements after it wait for it. Its failure is thrown where its result is
   * used, or else by `stop`. `parameters` are values for `:name` (an object) or `?` (an array).
   * PARSE_SYNTAX_ERROR is thrown at once.
   */
  sql<R extends object = DynamicRow>(text: string, parameters: SqlParameters = {}): DataFrame<R> {
    const isQuery = parseStatement(text).kind === 'queryStatement'
    const before = this.#lastCommand
    if (isQuery)
      return createFrame<R>(this.#executor, async () => {
        await before
        return await this.#executor.sql(text, parameters)
      })
    const done = before.then(() => this.#executor.sql(text, parameters))
    this.#lastCommand = done.catch((error: unknown) => void this.#unseenFailures.add(error))
    return createFrame<R>(this.#executor, () =>
      done.catch((error: unknown) => {
        this.#unseenFailures.delete(error)
        throw error
      }),
    )
  }

  /**
   * Carries out a SQL statement and gives its rows, if it has any: `await session.execute('CREATE VIEW …')`.
   */
  async execute(text: string, parameters: SqlParameters = {}): Promise<readonly Record<string, unknown>[]> {
    return (await this.sql(text, parameters).collect()) as Record<string, unknown>[]
  }

  /** A table or view by its name. */
  table<R extends object = DynamicRow>(name: string): DataFrame<R> {
    const before = this.#lastCommand
    return createFrame<R>(this.#executor, async () => {
      await before
      return await this.#executor.table(name)
    })
  }

  /** Objects of the program as a table; a schema says the types, else they are inferred. */
  createDataFrame<T extends object>(rows: readonly T[]): DataFrame<RowOfObject<T>>
  createDataFrame<R extends object>(rows: readonly object[], schema: TableSchema<R>): DataFrame<R>
  createDataFrame(rows: readonly object[], schema?: TableSchema<object>): DataFrame<object> {
    if (schema === undefined) return createDataFrame(this.#executor, rows)
    return createDataFrame(this.#executor, rows, schema)
  }

  /**
   * A table of apache-arrow as a DataFrame; its rows are copied into memory that the session's end gives
   * back.
   */
  fromArrow<R extends object = DynamicRow>(table: ArrowTable): DataFrame<R> {
    return createFrame<R>(this.#executor, async () => {
      const region = this.#core.pool.createRegion()
      const { schema, batches } = await fromArrow(table, region)
      const columns = schema.fields.map(({ name, type, nullable }) => newColumn(name, type, nullable))
      const bytes = region.heldBytes
      const stored = { partitions: [batches], regionId: region.release(), spillPath: null, bytes }
      return resolvedOf(keepBlocks(columns, stored, this.#core).plan)
    })
  }

  /** The numbers from `start` (0 if only `end` is given) up to but without `end`, as column `id`. */
  range(
    startOrEnd: number | bigint,
    end?: number | bigint,
    step: number | bigint = 1,
  ): DataFrame<{ id: Int64 }> {
    const [first, last] = end === undefined ? [0, startOrEnd] : [startOrEnd, end]
    const column = newColumn('id', types.int64, false)
    const numbers = { start: BigInt(first), end: BigInt(last), step: BigInt(step) }
    if (numbers.step === 0n) throw new EngineError('INVALID_ARGUMENT', 'the step of a range must not be 0')
    const plan: LogicalPlan = { kind: 'Range', column, ...numbers, partitionCount: 0 }
    return createFrame(this.#executor, async () => resolvedOf(plan))
  }

  /** Values of the program as an RDD, in partitions of about equal size; as many as threads by default. */
  parallelize<T>(values: Iterable<T>, partitions?: number): RDD<T> {
    return this.#rdds.parallelize(values, partitions)
  }

  /** The lines of a file, a folder or a glob as an RDD. `.gz` is unpacked; large files are read in pieces. */
  textFile(path: string, minPartitions?: number): RDD<string> {
    return this.#rdds.textFile(path, minPartitions)
  }

  /** The rows of a DataFrame as an RDD of objects. */
  rdd<R extends object>(frame: DataFrame<R>): RDD<RowObject<R>> {
    return this.#rdds.fromDataFrame(frame)
  }

  /**
   * Makes a function of the program callable in SQL and with `callFunction`, on the worker threads. `args`
   * and `returns` are SQL types; `with` holds values the function uses. Without `args` it takes what it is
   * given.
   */
  udf(name: string, fn: (...args: never[]) => unknown, options: UdfOptions): void {
    registerUdf(this.#core, name, fn, options)
  }

  /** The names this session knows. */
  get catalog(): Catalog {
    return this.#core.catalog
  }

  /** The session's time zone. */
  get timeZone(): string {
    return this.#core.timeZone
  }

  /** Bytes of the memory pool in use: 0 when no query runs. */
  get usedBytes(): number {
    return this.#core.pool.usedBytes
  }

  /** Starts the session's threads now; otherwise the first query does. */
  async warmUp(): Promise<void> {
    await this.#core.jobs.warmUp()
  }

  /** Runs one statement of a text; positions in errors are those of the whole text. */
  async runText(
    statement: StatementText,
    given: RunOptions = {},
    parameters?: Parameters,
  ): Promise<RunningQuery> {
    const options = { ...given, label: statement.text }
    try {
      const plan = await this.#core.statement(statement.text, options, parameters)
      return await this.#core.runner.start(plan, this.#core.settings(), options)
    } catch (error) {
      throw shifted(error, statement.position)
    }
  }

  /** A file, folder or glob as a temporary view; the ending of the name tells the format. */
  async registerPath(name: string, path: string): Promise<void> {
    await this.#core.registerPath(name, path)
  }

  /**
   * Ends the session's threads; queries that run are cancelled. Throws the failure of a command whose result
   * nobody used.
   */
  async stop(): Promise<void> {
    await this.#lastCommand
    await this.#core.stop()
    for (const failure of this.#unseenFailures) throw failure
  }
}

/** An error in a statement, placed in the text the statement stands in. */
function shifted(error: unknown, start: StatementText['position']): unknown {
  if (
    !(error instanceof EngineError) ||
    error.position?.line === undefined ||
    error.position.file !== undefined
  )
    return error
  const { line, column = 1, offset } = error.position
  const position: ErrorPosition = {
    line: line + start.line - 1,
    column: line === 1 ? column + start.column - 1 : column,
    ...(offset === undefined ? {} : { offset: offset + start.offset }),
  }
  return new EngineError(error.code, error.message, { hint: error.hint, cause: error.cause, position })
}
