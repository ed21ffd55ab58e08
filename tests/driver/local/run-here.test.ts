import { afterEach, describe, expect, test } from 'vitest'
import { runsHere } from '../../../driver/local/index.ts'
import { SessionCore } from '../../../driver/session/index.ts'
import { countRows, start, testCore } from './test-core.ts'

const core = testCore()
afterEach(() => expect(core.pool.usedBytes).toBe(0))

describe('runsHere()', () => {
  test.each([
    ['SELECT 1', true],
    ["SELECT 1 + 1, upper('a'), DATE '2024-01-31' + INTERVAL '1' MONTH", true],
    ["SELECT * FROM VALUES (1, NULL), (2, 'x') AS t(a, b) LIMIT 1", true],
    ['SHOW TABLES', true],
    ['SELECT rand()', false],
    ['SELECT a + 1 FROM VALUES (1) AS t(a)', false],
    ['SELECT id FROM range(3)', false],
    ['SELECT count(*) FROM VALUES (1) AS t(a)', false],
    ['SELECT explode(array(1, 2))', false],
  ])('%s: %s', async (query, expected) => {
    const plan = await core.runner.plan(await core.statement(query), core.settings())
    expect(runsHere(plan)).toBe(expected)
  })
})

test('a plan of constants gives its rows, its metrics and its progress', async () => {
  const progress: unknown[] = []
  const query = await start(core, 'SELECT 1 AS one', { onProgress: (state) => progress.push(state) })
  const rows: number[] = []
  for await (const { batch } of query.batches) rows.push(batch.rowCount) // Nothing is released: the end does.
  expect(rows).toEqual([1])
  expect(query.metrics[query.plan.id]).toMatchObject({ rows: 1, batches: 1 })
  expect(progress).toEqual([{ tasksDone: 1, taskCount: 1, stagesDone: 1, stageCount: 1 }])
})

test('batches stay valid until they are released', async () => {
  const pieces = testCore({ batchRows: 2 })
  const query = await start(pieces, 'SELECT * FROM VALUES (1), (2), (3), (4), (5) AS t(a)')
  const batches = []
  for await (const each of query.batches) batches.push(each)
  expect(batches.map(({ batch }) => batch.rowCount)).toEqual([2, 2, 1])
  for (const { release } of batches) release() // Too late, and no harm.
  expect(pieces.pool.usedBytes).toBe(0)
})

test('it is cancelled by its signal, and refused by a stopped session', async () => {
  const signal = AbortSignal.abort()
  await expect(countRows(core, 'SELECT 1', { signal })).rejects.toMatchObject({ code: 'CANCELLED' })
  const stopped = new SessionCore({ master: 'local[1]', memory: '16m' })
  await stopped.stop()
  await expect(countRows(stopped, 'SELECT 1')).rejects.toMatchObject({ code: 'CANCELLED' })
})

test('the zone of a query is that of its beginning', async () => {
  const settings = core.settings()
  await core.statement("SET TIME ZONE 'Asia/Tokyo'")
  expect([settings.timeZone, core.settings().timeZone]).toEqual(['UTC', 'Asia/Tokyo'])
  await core.statement('SET TIME ZONE LOCAL')
  expect(core.timeZone).toBe('UTC')
})
