import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableFromArrays } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Session } from '../../driver/session.ts'
import { executorOf } from '../chaos/faults.ts'
import { startCluster, type TestCluster, until } from './test-cluster.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-programs-'))
let cluster: TestCluster
let session: Session

beforeAll(async () => {
  cluster = await startCluster()
  await cluster.untilWorkers(2)
  session = cluster.session({ warehouse: join(folder, 'warehouse') })
})
afterAll(async () => {
  await session.stop()
  await cluster.close()
  rmSync(folder, { recursive: true, force: true })
})

async function heldBytes(): Promise<number> {
  return (await cluster.status()).workers.reduce((sum, { memoryUsedBytes }) => sum + memoryUsedBytes, 0)
}

describe('RDDs on a cluster', () => {
  test('word count, joins, sorts and samples give what one process gives', async () => {
    const words = session.parallelize(
      Array.from({ length: 5000 }, (_, i) => `w${(i * 7919) % 97}`),
      5,
    )
    const counts = await words
      .map((word): [string, number] => [word, 1])
      .reduceByKey((a, b) => a + b)
      .collectAsMap()
    expect(counts.size).toBe(97)
    expect([...counts.values()].reduce((a, b) => a + b, 0)).toBe(5000)
    const left = session.parallelize<[number, string]>(
      [
        [1, 'a'],
        [2, 'b'],
        [2, 'c'],
      ],
      2,
    )
    const right = session.parallelize<[number, string]>(
      [
        [2, 'x'],
        [3, 'y'],
      ],
      2,
    )
    expect((await left.join(right).collect()).sort()).toEqual([
      [2, ['b', 'x']],
      [2, ['c', 'x']],
    ])
    const numbers = Array.from({ length: 3000 }, (_, i) => (i * 7919) % 3001)
    const sorted = await session
      .parallelize(numbers, 4)
      .sortBy((value) => value)
      .collect()
    expect(sorted).toEqual([...numbers].sort((a, b) => a - b))
    expect(
      await session
        .parallelize(numbers, 4)
        .zipWithIndex()
        .filter(([, index]) => index % 1000 === 0)
        .count(),
    ).toBe(3)
  })

  test('values that are kept are computed once, and again when the executor that had them is gone', async () => {
    const out = join(folder, 'calls')
    const kept = session
      .parallelize([0, 1, 2, 3], 4)
      .mapPartitions(
        (values, _partition, { file }) => {
          const { appendFileSync } = process.getBuiltinModule('node:fs')
          appendFileSync(file, 'x')
          return values
        },
        { with: { file: out } },
      )
      .persist()
    const calls = (): number => process.getBuiltinModule('node:fs').readFileSync(out, 'utf8').length
    expect(await kept.collect()).toEqual([0, 1, 2, 3])
    expect(await kept.map((value) => value * 2).collect()).toEqual([0, 2, 4, 6])
    expect(calls()).toBe(4)
    process.kill(await executorOf(cluster.cluster.workers[0]!), 'SIGKILL')
    expect(await kept.collect()).toEqual([0, 1, 2, 3])
    expect(calls()).toBeGreaterThan(4)
    expect(calls()).toBeLessThanOrEqual(8)
    await kept.unpersist()
    await cluster.untilAtRest()
  })

  test('a checkpoint is read from its files, not computed again', async () => {
    const path = join(folder, 'checkpoint')
    const saved = await session
      .parallelize([3, 1, 2], 3)
      .map((value) => value * 10)
      .checkpoint(path)
    expect(await saved.collect()).toEqual([30, 10, 20])
    rmSync(path, { recursive: true })
    await expect(saved.collect()).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  })
})

describe('tables on a cluster', () => {
  test('CACHE TABLE keeps rows where they were made, UNCACHE lets go of them', async () => {
    await session.execute('CACHE TABLE kept AS SELECT id, id % 7 AS k FROM range(1000000)')
    expect(await heldBytes()).toBeGreaterThan(0)
    for (let round = 0; round < 2; round++)
      expect(await session.execute('SELECT count(*) AS n, sum(k) AS s FROM kept')).toEqual([
        { n: 1_000_000, s: 2_999_997 },
      ])
    expect(await session.execute('SELECT count(*) AS n FROM kept a JOIN kept b USING (id)')).toEqual([
      { n: 1_000_000 },
    ])
    for (const worker of cluster.cluster.workers) process.kill(await executorOf(worker), 'SIGKILL')
    expect(await session.execute('SELECT count(*) AS n, sum(k) AS s FROM kept')).toEqual([
      { n: 1_000_000, s: 2_999_997 },
    ])
    await session.execute('UNCACHE TABLE kept')
    await cluster.untilAtRest()
  })

  test('levels of DataFrames: on disk rows outlive the process that made them', async () => {
    const frame = session.sql('SELECT id, id * 2 AS twice FROM range(100000)').persist('disk')
    expect(await frame.count()).toBe(100_000)
    await until(async () => ((await heldBytes()) === 0 ? null : 'rows are in memory'))
    process.kill(await executorOf(cluster.cluster.workers[1]!), 'SIGKILL')
    expect((await frame.where('id = 77777').collect())[0]).toMatchObject({ id: 77_777, twice: 155_554 })
    await frame.unpersist()
  })

  test('rows of the program travel with its plans', async () => {
    const arrow = session.fromArrow(tableFromArrays({ a: Int32Array.from({ length: 5000 }, (_, i) => i) }))
    expect(await arrow.where('a % 2 = 1').count()).toBe(2500)
    const objects = session.createDataFrame(
      Array.from({ length: 5000 }, (_, id) => ({ id, name: `n${id % 3}` })),
    )
    expect(await objects.groupBy('name').count().orderBy('name').collect()).toMatchObject([
      { name: 'n0', count: 1667 },
      { name: 'n1', count: 1667 },
      { name: 'n2', count: 1666 },
    ])
  })

  test('tables that are written are whole, and a checkpoint reads what it wrote', async () => {
    await session.execute('CREATE TABLE written AS SELECT id, id % 3 AS k FROM range(300000)')
    expect(await session.execute('SELECT count(*) AS n, max(id) AS m FROM written')).toEqual([
      { n: 300_000, m: 299_999 },
    ])
    const safe = await session.table('written').where('k = 1').checkpoint(join(folder, 'safe'))
    expect(await safe.count()).toBe(100_000)
  })

  test('EXPLAIN ANALYZE tells what was counted in all processes', async () => {
    const text = await session
      .sql('SELECT id % 5 AS k, count(*) AS n FROM range(2000000) GROUP BY 1')
      .explain('analyze')
    expect(text).toMatch(/RangeExec.*rows: 2000000/)
  })
})
