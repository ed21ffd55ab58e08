import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Session, type SessionOptions } from '../driver/session.ts'
import { filesBelow } from './slt/find-files.ts'
import { runRecord } from './slt/run-record.ts'
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
          const rows = await runRecord(session, record, `${file}:${record.line}`, COMPLETE)
          if (record.kind === 'query') completed.set(record, rows)
          expect(session.usedBytes, `${file}:${record.line}: every byte is back`).toBe(0)
        }
        if (COMPLETE) writeFileSync(file, complete(readFileSync(file, 'utf8'), completed))
      })
    }
  })
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
