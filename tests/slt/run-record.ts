import { expect } from 'vitest'
import type { Session } from '../../driver/session.ts'
import { valueReader } from '../../engine/batch/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { formatValue } from '../../engine/functions/index.ts'
import type { SltRecord } from './slt-file.ts'

/** Runs a record and checks it, unless its rows are to be taken as they are; gives them as lines. */
export async function runRecord(
  session: Session,
  record: SltRecord,
  place: string,
  complete = false,
): Promise<readonly string[]> {
  if (record.kind === 'error') {
    const error = await rowsOf(session, record.sql).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error, `${place}: the statement should fail`).toBeInstanceOf(EngineError)
    const { code, message } = error as EngineError
    expect(`${code} ${message}`, place).toContain(record.expected)
    return []
  }
  const rows = await rowsOf(session, record.sql).catch((error: unknown) => {
    throw new Error(`${place}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  })
  if (record.kind === 'ok' || complete) return rows
  const [actual, expected] = [[...rows], [...record.expected]]
  if (record.sorted) {
    actual.sort()
    expected.sort()
  }
  expect(actual, place).toEqual(expected)
  return rows
}

/**
 * Rows as lines: values as Spark casts them to string, with a tab between them if one holds a blank, else a
 * blank.
 */
async function rowsOf(session: Session, sql: string): Promise<readonly string[]> {
  const query = await session.runText({ text: sql, position: { line: 1, column: 1, offset: 0 } })
  const { fields } = query.plan.schema
  const settings = { timeZone: session.timeZone, nowMicros: 0n, randomSeed: 0 }
  const rows: string[][] = []
  for await (const { batch, release } of query.batches) {
    const readers = batch.columns.map(valueReader)
    for (let row = 0; row < batch.rowCount; row++)
      rows.push(
        readers.map((read, index) => {
          const text = formatValue(read(row), fields[index]!.type, settings)
          return text === '' ? '(empty)' : text.replaceAll('\n', '\\n')
        }),
      )
    release()
  }
  return rows.map((row) => row.join(row.some((text) => text.includes(' ')) ? '\t' : ' '))
}
