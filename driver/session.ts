import type { ErrorPosition } from '../engine/errors.ts'
import { EngineError } from '../engine/errors.ts'
import { analyzeQuery, type Parameters } from '../sql/analyzer/index.ts'
import type { Catalog } from '../sql/catalog/index.ts'
import { parseStatement, type StatementText } from '../sql/parser/index.ts'
import type { LogicalPlan } from '../sql/plan/index.ts'
import { type RunningQuery, type RunOptions, SessionCore, type SessionOptions } from './session/index.ts'

export type { SessionOptions } from './session/index.ts'

/** A program's door to Millrace: tables, queries and the threads they run on. */
export class Session {
  readonly #core: SessionCore

  constructor(options: SessionOptions = {}) {
    this.#core = new SessionCore(options)
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

  /** Runs one statement of a text; positions in errors are those of the whole text. */
  async runText(statement: StatementText, options: RunOptions = {}, parameters?: Parameters): Promise<RunningQuery> {
    try {
      const settings = this.#core.settings()
      const plan = await this.#analyze(statement.text, parameters)
      return await this.#core.runner.start(plan, settings, options)
    } catch (error) {
      throw shifted(error, statement.position)
    }
  }

  /** Ends the session's threads. Queries that run are cancelled. */
  async stop(): Promise<void> {
    await this.#core.stop()
  }

  async #analyze(text: string, parameters: Parameters | undefined): Promise<LogicalPlan> {
    const statement = parseStatement(text)
    const context = this.#core.analyzerContext(parameters)
    if (statement.kind === 'queryStatement') return await analyzeQuery(statement.query, context)
    throw new EngineError('UNSUPPORTED_FEATURE', statement.kind)
  }

  /** A file or folder as a temporary view; the ending tells the format. */
  async registerPath(_name: string, _path: string): Promise<void> {}
}

/** An error in a statement, placed in the text the statement stands in. */
function shifted(error: unknown, start: { readonly line: number; readonly column: number; readonly offset: number }): unknown {
  if (!(error instanceof EngineError) || error.position?.line === undefined || error.position.file !== undefined) return error
  const { line, column = 1, offset } = error.position
  const position: ErrorPosition = {
    line: line + start.line - 1,
    column: line === 1 ? column + start.column - 1 : column,
    ...(offset === undefined ? {} : { offset: offset + start.offset }),
  }
  return new EngineError(error.code, error.message, { hint: error.hint, cause: error.cause, position })
}

