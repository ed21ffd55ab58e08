import { createInterface } from 'node:readline'
import type { Session } from '../driver/session.ts'
import type { RecordBatch } from '../engine/batch/index.ts'
import { EngineError } from '../engine/errors.ts'
import { type Schema, typeName } from '../engine/types/index.ts'
import { isComplete, type StatementText, splitStatements } from '../sql/parser/index.ts'
import { standardOutput } from './byte-output.ts'
import { jsonRows, localClock } from './json-value.ts'
import { type RowSink, runStatement } from './run-statement.ts'

/**
 * Statements from standard input, one JSON line each on standard output, all in one session, going on after
 * errors. A statement ends with `;` at the end of a line, outside quotes and comments. Positions in errors
 * count from the statement's first line.
 */
export async function serveJsonLines(session: Session, input: NodeJS.ReadableStream): Promise<void> {
  let pending = ''
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (pending === '' && line.trim() === '') continue
    pending += pending === '' ? line : `\n${line}`
    if (!line.trimEnd().endsWith(';') || !isComplete(pending)) continue
    const text = pending
    pending = ''
    await answerAll(session, text)
  }
  if (splitStatements(pending).length > 0) await answerAll(session, pending)
}

/** Whoever sends a text waits for a line, also if it has no statement in it. */
async function answerAll(session: Session, text: string): Promise<void> {
  const statements = splitStatements(text)
  for (const statement of statements) await answer(session, statement)
  if (statements.length === 0)
    for (const part of new JsonResult(session.timeZone).line(0)) await standardOutput.write(part)
}

async function answer(session: Session, statement: StatementText): Promise<void> {
  const result = new JsonResult(session.timeZone)
  try {
    const { seconds } = await runStatement(session, statement, result)
    for (const part of result.line(seconds)) await standardOutput.write(part)
  } catch (error) {
    await standardOutput.write(errorLine(error))
  }
}

/**
 * The rows of a statement as JSON text. They are kept until its end, since only then it is known to succeed.
 */
class JsonResult implements RowSink {
  readonly #toLocal: (micros: bigint) => bigint
  readonly #batches: Buffer[] = []
  #schema: Schema = { fields: [] }

  constructor(timeZone: string) {
    this.#toLocal = localClock(timeZone)
  }

  begin(schema: Schema): void {
    this.#schema = schema
  }

  batch(batch: RecordBatch): void {
    if (batch.rowCount === 0 || this.#schema.fields.length === 0) return
    const rows = JSON.stringify(jsonRows(this.#schema, batch, this.#toLocal))
    this.#batches.push(Buffer.from(rows.slice(1, -1)))
  }

  end(): void {}

  abort(): void {
    this.#batches.length = 0
  }

  /** The parts of the line, in order; a result may be longer than a string can be. */
  *line(seconds: number): Generator<string | Uint8Array> {
    const columns = JSON.stringify(this.#schema.fields.map((field) => field.name))
    const types = JSON.stringify(this.#schema.fields.map((field) => typeName(field.type)))
    yield `{"ok":true,"columns":${columns},"types":${types},"rows":[`
    for (const [index, batch] of this.#batches.entries()) {
      if (index > 0) yield ','
      yield batch
    }
    yield `],"seconds":${seconds}}\n`
  }
}

function errorLine(error: unknown): string {
  if (!(error instanceof EngineError)) {
    const message = error instanceof Error ? error.message : String(error)
    const line = { ok: false, code: 'INTERNAL_ERROR', sqlState: 'XX000', message, position: null }
    return `${JSON.stringify(line)}\n`
  }
  const { code, sqlState, message, hint, position } = error
  const place = position?.line === undefined ? null : { line: position.line, column: position.column ?? 1 }
  const line = {
    ok: false,
    code,
    sqlState,
    message,
    position: place,
    ...(hint === undefined ? {} : { hint }),
  }
  return `${JSON.stringify(line)}\n`
}
