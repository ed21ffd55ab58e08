import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Session, type SessionOptions } from '../driver/session.ts'
import { valueReader } from '../engine/batch/index.ts'
import { EngineError } from '../engine/errors.ts'
import { formatValue } from '../engine/functions/index.ts'
import { filesBelow } from './slt/find-files.ts'
import { parseSlt, type SltRecord } from './slt/slt-file.ts'

const FOLDER = join(import.meta.dirname, 'sql')

/** `SLT_COMPLETE=1` writes the rows that came into the files; read them before you commit. */
const COMPLETE = process.env['SLT_COMPLETE'] === '1'

/**
 * Every file runs as it is, with batches of three rows, and with all memory above 2 GiB. Freed memory is
 * overwritten.
 */
const VARIANTS: Readonly<Record<string, SessionOptions>> = {
  'usual batches': { arena: { poison: true } },
  'batches of 3 rows': { arena: { poison: true }, batchRows: 3 },
  'memory above 2 GiB': { arena: { poison: true, startBytes: 2 ** 31 }, memory: '1g' },
}

for (const [variant, options] of Object.entries(VARIANTS)) {
  if (COMPLETE && variant !== 'usual batches') continue
  describe(variant, () => {
    let session: Session
    let folder: string
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'millrace-slt-'))
      session = new Session({
        master: 'local[2]',
        memory: '512m',
        timeZone: 'UTC',
        warehouse: folder,
        ...options,
      })
    })
    afterEach(async () => {
      await session.stop()
      rmSync(folder, { recursive: true, force: true })
    })
    for (const file of filesBelow(FOLDER, '.slt')) {
      test(relative(FOLDER, file), async () => {
        const text = readFileSync(file, 'utf8').replaceAll('$FOLDER', folder)
        const records = parseSlt(text)
        const completed = new Map<SltRecord, readonly string[]>()
        for (const record of records) {
          const rows = await runRecord(session, record, `${file}:${record.line}`)
          if (record.kind === 'query') completed.set(record, rows)
          expect(session.usedBytes, `${file}:${record.line}: every byte is back`).toBe(0)
        }
        if (COMPLETE) writeFileSync(file, complete(readFileSync(file, 'utf8'), completed))
      })
    }
  })
}

/** Runs a record and checks it; gives the rows as lines. */
async function runRecord(session: Session, record: SltRecord, place: string): Promise<readonly string[]> {
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
  if (record.kind === 'ok' || COMPLETE) return rows
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

function complete(text: string, results: ReadonlyMap<SltRecord, readonly string[]>): string {
  const lines = text.split('\n')
  for (const [record, rows] of [...results].reverse()) {
    if (record.kind !== 'query') continue
    const [from, to] = record.range
    lines.splice(from, to - from, ...(record.sorted ? [...rows].sort() : rows))
  }
  return lines.join('\n')
}
