import { createInterface } from 'node:readline'
import { EngineError } from '../engine/errors.ts'
import { timeZone } from '../engine/functions/index.ts'
import { type Schema, typeName } from '../engine/types/index.ts'
import type { Session } from '../driver/session.ts'
import { isComplete, type StatementText, splitStatements } from '../sql/parser/index.ts'
import { type Json, jsonRows } from './json-value.ts'
import { runStatement } from './run-statement.ts'

/**
 * Statements from standard input, one JSON line each on standard output, all in one session, going on after errors. A statement
 * ends with `;` at the end of a line, outside quotes and comments.
 */
export async function serveJsonLines(session: Session, input: NodeJS.ReadableStream): Promise<void> {
  let pending = ''
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    pending += pending === '' ? line : `\n${line}`
    if (!line.trimEnd().endsWith(';') || !isComplete(pending)) continue
    const text = pending
    pending = ''
    for (const statement of splitStatements(text)) await answer(session, statement)
  }
  for (const statement of splitStatements(pending)) await answer(session, statement)
}

async function answer(session: Session, statement: StatementText): Promise<void> {
  try {
    const result: { schema: Schema; rows: Json[][] } = { schema: { fields: [] }, rows: [] }
    const toLocal = localClock(session.timeZone)
    const { seconds } = await runStatement(session, statement, {
      begin: (schema) => {
        result.schema = schema
      },
      batch: (batch) => {
        for (const row of jsonRows(result.schema, batch, toLocal)) result.rows.push(row)
      },
      end: () => {},
    })
    const { fields } = result.schema
    write({
      ok: true,
      columns: fields.map((field) => field.name),
      types: fields.map((field) => typeName(field.type)),
      rows: result.rows,
      seconds,
    })
  } catch (error) {
    write(errorLine(error))
  }
}

function errorLine(error: unknown): Json {
  if (!(error instanceof EngineError)) {
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, code: 'INTERNAL_ERROR', sqlState: 'XX000', message, position: null }
  }
  const { code, sqlState, message, hint, position } = error
  const place = position?.line === undefined ? null : { line: position.line, column: position.column ?? 1 }
  return { ok: false, code, sqlState, message, ...(hint === undefined ? {} : { hint }), position: place }
}

function write(line: Json): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** Instants as microseconds on the clock of a zone. */
export function localClock(zoneName: string): (micros: bigint) => bigint {
  const zone = timeZone(zoneName)
  return (micros) => micros + BigInt(zone.offsetAt(Number(micros / 1_000_000n))) * 1_000_000n
}
