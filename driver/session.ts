import { EngineError, type ErrorPosition } from '../engine/errors.ts'
import type { Parameters } from '../sql/analyzer/index.ts'
import type { Catalog } from '../sql/catalog/index.ts'
import type { StatementText } from '../sql/parser/index.ts'
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

  /** Ends the session's threads. Queries that run are cancelled. */
  async stop(): Promise<void> {
    await this.#core.stop()
  }
}

/** An error in a statement, placed in the text the statement stands in. */
function shifted(error: unknown, start: StatementText['position']): unknown {
  if (!(error instanceof EngineError) || error.position?.line === undefined || error.position.file !== undefined)
    return error
  const { line, column = 1, offset } = error.position
  const position: ErrorPosition = {
    line: line + start.line - 1,
    column: line === 1 ? column + start.column - 1 : column,
    ...(offset === undefined ? {} : { offset: offset + start.offset }),
  }
  return new EngineError(error.code, error.message, { hint: error.hint, cause: error.cause, position })
}
