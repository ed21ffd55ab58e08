import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCluster, type TestCluster } from './test-cluster.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startCluster({ workers: 2, threads: 2 })
  await cluster.untilWorkers(2)
})
afterAll(() => cluster.close())

/** One key has most of the rows. */
const SKEWED = 'SELECT CASE WHEN id % 10 < 8 THEN 7 ELSE id % 1000 END k, id v FROM range(1000000)'
const OTHER = 'SELECT id * 5 k, id v FROM range(6000000)'

const EAGER = {
  'adaptive.leastBytes': '1000000',
  'adaptive.targetBytes': '1000000',
  'adaptive.skewBytes': '500000',
  'adaptive.skewFactor': '2',
}

const MERGED = /adapted: stage \d+: \d+ partitions of [\d.]+ \w+ are read by \d+ tasks?/
const SPLIT = /adapted: stage \d+: partition \d of [\d.]+ \w+ is split in \d+/

test.each<[name: string, query: string, change: RegExp | null]>([
  ['an aggregate', `SELECT k, count(*), sum(v) FROM (${SKEWED}) GROUP BY k`, MERGED],
  ['an ordered one', `SELECT k, count(*) c FROM (${SKEWED}) GROUP BY k ORDER BY c DESC, k`, MERGED],
  ['a window', `SELECT count(*), max(s) FROM (SELECT sum(v) OVER (PARTITION BY k) s FROM (${SKEWED}))`, null],
  [
    'a left join',
    `SELECT count(*), sum(a.v), sum(b.v) FROM (${SKEWED}) a LEFT JOIN (${OTHER}) b ON a.k = b.k`,
    SPLIT,
  ],
  [
    'a left join that is grouped',
    `SELECT a.k, count(*), sum(b.v) FROM (${SKEWED}) a LEFT JOIN (${OTHER}) b ON a.k = b.k GROUP BY a.k`,
    null,
  ],
  [
    'a full join',
    `SELECT count(*), sum(a.v), sum(b.v) FROM (${SKEWED}) a FULL JOIN (${OTHER}) b ON a.k = b.k`,
    null,
  ],
])('%s gives the same rows with and without adaptive execution', async (_name, query, change) => {
  const plain = cluster.session({ settings: { 'adaptive.enabled': 'false' } })
  const eager = cluster.session({ settings: EAGER })
  try {
    const expected = await plain.sql(query).collect()
    const actual = await eager.sql(query).collect()
    expect(sorted(actual)).toEqual(sorted(expected))
    const explained = async (session: typeof plain): Promise<string> => {
      const rows = await session.sql(`EXPLAIN ANALYZE ${query}`).collect()
      return rows.map((row) => row['plan']).join('\n')
    }
    expect(await explained(plain)).not.toContain('adapted')
    if (change !== null) expect(await explained(eager)).toMatch(change)
  } finally {
    await plain.stop()
    await eager.stop()
  }
})

test('a side of unknown size that turns out small becomes a table, and the other side is not parted', async () => {
  const session = cluster.session()
  try {
    const pairs = Array.from({ length: 500 }, (_, at) => ({ k: at * 7, w: at }))
    const small = session.parallelize(pairs, 1).filter((pair) => pair.w > 3)
    await small.toDF().createOrReplaceTempView('small')
    const query = `SELECT count(*) n, sum(a.v) v, sum(b.w) w
      FROM (SELECT id k, id v FROM range(6000000)) a JOIN small b ON a.k = b.k`
    expect(await session.sql(query).collect()).toEqual([{ n: 496, v: 873_208, w: 124_744 }])
    const plan = await session.sql(`EXPLAIN ANALYZE ${query}`).collect()
    const changed =
      /adapted: stage 0 is [\d.]+ KB and becomes a table, rows of stage 1 are joined where they are/
    expect(plan.map((row) => row['plan']).join('\n')).toMatch(changed)
  } finally {
    await session.stop()
  }
})

function sorted(rows: readonly unknown[]): string[] {
  const text = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value)
  return rows.map((row) => JSON.stringify(row, text)).sort()
}
