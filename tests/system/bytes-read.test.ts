import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTinyTpch } from '../../bench/data/tiny-tpch.ts'
import { tpchFiles } from '../../bench/data/tpch-data.ts'
import { tpchQueries } from '../../bench/suites/tpch.ts'
import { Session } from '../../driver/session.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-bytes-'))
const session = new Session({ master: 'local[2]', timeZone: 'UTC' })

beforeAll(async () => {
  await makeTinyTpch(folder)
  for (const [name, path] of Object.entries(tpchFiles(folder))) await session.registerPath(name, path)
})
afterAll(async () => {
  await session.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What EXPLAIN ANALYZE says each scan has read. */
async function bytesOfScans(sql: string): Promise<number[]> {
  const lines = await session.sql(`EXPLAIN ANALYZE ${sql}`).collect()
  const text = lines.map((line) => Object.values(line).join(' ')).join('\n')
  return [...text.matchAll(/bytesRead: (\d+)/g)].map(([, bytes]) => Number(bytes))
}

test.each(tpchQueries(0.01))('$name reads the same bytes in three runs of a session', async ({ sql }) => {
  const first = await bytesOfScans(sql)
  expect(first.length).toBeGreaterThan(0)
  for (const bytes of first) expect(bytes).toBeGreaterThan(0)
  expect(await bytesOfScans(sql)).toEqual(first)
  expect(await bytesOfScans(sql)).toEqual(first)
})
