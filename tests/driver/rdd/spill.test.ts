import { afterAll, expect, test } from 'vitest'
import type { RDD, RddContext } from '../../../driver/rdd/index.ts'
import { testContext } from './test-context.ts'

const small = testContext(2, 16 << 20)
const large = testContext(2, 512 << 20)
afterAll(async () => {
  expect([small.pool.usedBytes, small.pool.spill.fileCount, large.pool.usedBytes]).toEqual([0, 0, 0])
  await Promise.all([small.close(), large.close()])
})

const COUNT = 60_000

/** Pairs of texts; keys come several times, far from each other. */
function pairs(context: RddContext, keys: number, count = COUNT): RDD<[string, string]> {
  const numbers = Array.from({ length: count }, (_, i) => i)
  return context
    .parallelize(numbers, 4)
    .map(
      (i, env): [string, string] => [
        `the key with number ${(i * 7919) % env.keys}`,
        `a value of some length, number ${i}`,
      ],
      { with: { keys } },
    )
}

/** Steps that hold the pairs of a partition, and a text that tells their results. */
const STEPS: Readonly<Record<string, (context: RddContext) => Promise<unknown>>> = {
  reduceByKey: (context) =>
    pairs(context, 40_000)
      .reduceByKey((a, b) => (a < b ? a : b), { partitions: 2 })
      .map(([key, value]) => `${key} ${value}`)
      .collect(),
  groupByKey: (context) =>
    pairs(context, 9000)
      .groupByKey({ partitions: 2 })
      .map(([key, values]) => `${key} ${values.length} ${[...values].sort()[0]}`)
      .collect(),
  join: (context) =>
    pairs(context, COUNT)
      .fullOuterJoin(pairs(context, COUNT, 40_000), { partitions: 2 })
      .map(([key, [left, right]]) => `${key} ${left} ${right}`)
      .collect(),
  sortByKey: (context) => pairs(context, 30_000).sortByKey({ partitions: 2 }).keys().collect(),
}
/** Order is part of what a sort gives. */
const shown = (name: string, texts: readonly unknown[]): readonly unknown[] =>
  name === 'sortByKey' ? texts : [...texts].sort()

test.each(Object.entries(STEPS))('%s spills and gives the same', async (name, run) => {
  let spilled = 0
  const watch = setInterval(() => {
    spilled = Math.max(spilled, Number(small.pool.spill.usedBytes))
  }, 1)
  const got = (await run(small.context)) as readonly unknown[]
  clearInterval(watch)
  const expected = (await run(large.context)) as readonly unknown[]
  expect(got.length).toBe(expected.length)
  expect(shown(name, got)).toEqual(shown(name, expected))
  expect(spilled).toBeGreaterThan(1 << 19)
})

test('a partition that a function wants whole is counted', async () => {
  const all = pairs(small.context, COUNT, 400_000).coalesce(1)
  await expect(all.glom().count()).rejects.toMatchObject({ code: 'RESOURCES_EXHAUSTED' })
})
