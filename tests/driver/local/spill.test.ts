import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { SessionCore } from '../../../driver/session/index.ts'
import { valueReader } from '../../../engine/batch/index.ts'
import type { Value } from '../../../engine/types/index.ts'
import { countRows, start, testCore } from './test-core.ts'

const localDir = mkdtempSync(join(tmpdir(), 'millrace-local-'))
const small = testCore({ memory: '20m', localDir, batchRows: 2048 })
const large = testCore({ memory: '1g' })
afterAll(() => rmSync(localDir, { recursive: true, force: true }))

/** Files of spilled rows that are there. */
function filesLeft(): string[] {
  return readdirSync(localDir).flatMap((folder) => readdirSync(join(localDir, folder)))
}

/** Every byte is back after each test, however it went, and every file is gone. */
afterEach(() => {
  expect([small.pool.usedBytes, large.pool.usedBytes]).toEqual([0, 0])
  expect([filesLeft(), small.pool.spill.usedBytes, small.pool.spill.fileCount]).toEqual([[], 0, 0])
})

interface Outcome {
  readonly rowCount: number
  /** A number that depends on all values and their order. */
  readonly checksum: number
  readonly spillBytes: number
}

async function outcomeOf(core: SessionCore, text: string): Promise<Outcome> {
  const query = await start(core, text)
  let [rowCount, checksum] = [0, 0]
  for await (const { batch, release } of query.batches) {
    const readers = batch.columns.map(valueReader)
    for (let row = 0; row < batch.rowCount; row++)
      for (const read of readers) checksum = (Math.imul(checksum, 31) + numberOf(read(row))) | 0
    rowCount += batch.rowCount
    release()
  }
  const spillBytes = Object.values(query.metrics).reduce((sum, node) => sum + (node['spillBytes'] ?? 0), 0)
  return { rowCount, checksum, spillBytes }
}

/** Texts of this file differ in their last digits. */
function numberOf(value: Value): number {
  return typeof value === 'string' ? Number(value.slice(-6)) : Number(value)
}

const WIDE = "id, concat('a row of some length, number ', id) AS text"
const ROWS = 300_000
const rows = (count = ROWS, columns = WIDE): string => `(SELECT ${columns} FROM range(${count}))`

/** What holds rows, under a limit that does not hold them. */
const QUERIES: Readonly<Record<string, string>> = {
  'a sort by ranges': `SELECT * FROM ${rows()} ORDER BY hash(id), id`,
  'a sort of text': `SELECT * FROM ${rows()} ORDER BY reverse(text) DESC`,
  'a sort of long texts': `SELECT id, length(text) FROM (
    SELECT id, concat(repeat('0123456789', 50), id) AS text FROM range(30000)) ORDER BY reverse(text), id`,
  'a window': `SELECT sum(length(text) * n), max(before) FROM (
    SELECT text, row_number() OVER (PARTITION BY id % 1000 ORDER BY hash(id)) AS n,
      lag(text) OVER (PARTITION BY id % 1000 ORDER BY hash(id)) AS before FROM ${rows()})`,
  'a shuffle': `SELECT count(*), sum(length(text)) FROM (SELECT /*+ REPARTITION(7) */ * FROM ${rows()})`,
  'an aggregate': `SELECT count(*), sum(c), sum(m) FROM (
    SELECT text, count(*) AS c, max(id) AS m FROM ${rows()} GROUP BY text)`,
  'a distinct count': `SELECT id % 3 AS k, count(DISTINCT text) FROM ${rows()} GROUP BY 1 ORDER BY 1`,
  'lists and sets': `SELECT count(*), sum(size(l)), sum(size(s)) FROM (SELECT id % 5000 AS k,
    collect_list(text) AS l, collect_set(text) AS s FROM ${rows(150_000)} GROUP BY 1)`,
  UNION: `SELECT count(*) FROM (SELECT text FROM ${rows()} UNION SELECT text FROM ${rows(50_000)})`,
  EXCEPT: `SELECT count(*), max(text) FROM (
    SELECT text FROM ${rows()} EXCEPT SELECT text FROM ${rows(200_000)})`,
  'INTERSECT ALL': `SELECT count(*) FROM (
    SELECT text FROM ${rows(200_000)} INTERSECT ALL SELECT text FROM ${rows()})`,
  'a join': `SELECT count(*), sum(length(a.text)), sum(b.id) FROM ${rows()} a
    JOIN ${rows(250_000)} b ON a.text = b.text`,
  'a full outer join': `SELECT count(*), sum(a.id), sum(length(b.text)) FROM ${rows()} a
    FULL JOIN (SELECT id * 2 AS id, text FROM ${rows(250_000)}) b ON a.id = b.id`,
  'a nested-loop join': `SELECT count(*), count(a.id), sum(length(b.text)) FROM ${rows(2)} a
    FULL JOIN ${rows()} b ON a.id * 7 > b.id OR a.text = b.text`,
}

describe('under 20 MiB', () => {
  test.each(Object.entries(QUERIES))('%s spills and gives the same', async (_, query) => {
    const { spillBytes, ...outcome } = await outcomeOf(small, query)
    const { spillBytes: _none, ...expected } = await outcomeOf(large, query)
    expect(outcome).toEqual(expected)
    expect(spillBytes).toBeGreaterThan(1 << 20)
  })

  test('top rows are held in little memory', async () => {
    const query = `SELECT * FROM ${rows()} ORDER BY hash(id), id LIMIT 1000 OFFSET 5`
    const { spillBytes, ...outcome } = await outcomeOf(small, query)
    expect(outcome).toEqual({ ...(await outcomeOf(large, query)), spillBytes: undefined })
    expect(spillBytes).toBe(0)
  })

  test('a cached table goes to disk and is read as often as wanted', async () => {
    await small.statement(`CACHE TABLE kept AS ${rows()}`)
    expect(small.pool.usedBytes).toBeLessThan(12 << 20)
    expect(small.pool.spill.usedBytes).toBeGreaterThan(4 << 20)
    const query = 'SELECT count(*), sum(id), max(text) FROM '
    const expected = await outcomeOf(large, `${query} ${rows()}`)
    for (let i = 0; i < 2; i++) expect(await outcomeOf(small, `${query} kept`)).toEqual(expected)
    await small.statement('UNCACHE TABLE kept')
  })

  test('EXPLAIN ANALYZE tells what was spilled', async () => {
    const lines: string[] = []
    const query = await start(small, `EXPLAIN ANALYZE ${QUERIES['a sort by ranges']}`)
    for await (const { batch, release } of query.batches) {
      for (let row = 0; row < batch.rowCount; row++) lines.push(String(valueReader(batch.columns[0]!)(row)))
      release()
    }
    expect(lines.join('\n')).toMatch(/SortExec: .*spillFiles: \d+, spillBytes: \d+/)
  })
})

describe('files of spilled rows', () => {
  const sort = QUERIES['a sort by ranges']!

  test('are gone after a cancelled job', async () => {
    const abort = new AbortController()
    const timer = setInterval(() => {
      if (small.pool.spill.fileCount > 0) abort.abort()
    }, 1)
    await expect(countRows(small, sort, { signal: abort.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    clearInterval(timer)
  })

  test('are gone after their thread was ended', async () => {
    const abort = new AbortController()
    const query = `SELECT t.text FROM (${sort}) AS t WHERE assert_true(id < 225000) IS NULL`
    await expect(countRows(small, query, { signal: abort.signal })).rejects.toMatchObject({
      code: 'USER_RAISED_EXCEPTION',
    })
  })

  test('are gone when the disk is full, and the error says so', async () => {
    const full = testCore({ memory: '20m', localDir, batchRows: 2048, localDirSize: '4m' })
    await expect(countRows(full, sort)).rejects.toMatchObject({
      code: 'RESOURCES_EXHAUSTED',
      hint: expect.stringContaining('--local-dir'),
    })
    expect([full.pool.usedBytes, full.pool.spill.usedBytes, full.pool.spill.fileCount]).toEqual([0, 0, 0])
    await full.stop()
  })

  test('are gone with the session', async () => {
    const core = testCore({ memory: '20m', localDir, batchRows: 2048 })
    await core.statement(`CACHE TABLE kept AS ${rows()}`)
    expect(existsSync(core.pool.spill.path)).toBe(true)
    await core.stop()
    expect(existsSync(core.pool.spill.path)).toBe(false)
  })
})
