import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { afterAll, expect, test } from 'vitest'
import { testContext } from './test-context.ts'

const { context, pool, close } = testContext()
afterAll(async () => {
  expect(pool.usedBytes).toBe(0)
  await close()
})

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

test('collect() gives values in the order of partitions', async () => {
  const rdd = context.parallelize(numbers(10_000), 5).map((x) => x * 2)
  expect(await rdd.collect()).toEqual(numbers(10_000).map((x) => x * 2))
  expect(await rdd.getNumPartitions()).toBe(5)
})

test('functions run on worker threads', async () => {
  const ids = await context
    .parallelize([1, 2, 3, 4], 4)
    .map(() => process.getBuiltinModule('node:worker_threads').threadId)
    .collect()
  expect(ids.length).toBe(4)
  expect(ids).not.toContain(threadId)
})

test('filter, flatMap, glom, union', async () => {
  const rdd = context.parallelize([1, 2, 3, 4], 2)
  expect(await rdd.filter((x) => x % 2 === 0).collect()).toEqual([2, 4])
  expect(await rdd.flatMap((x) => [x, -x]).collect()).toEqual([1, -1, 2, -2, 3, -3, 4, -4])
  expect(await rdd.glom().collect()).toEqual([
    [1, 2],
    [3, 4],
  ])
  expect(
    await rdd
      .union(rdd.map((x) => x + 10))
      .glom()
      .collect(),
  ).toEqual([
    [1, 2],
    [3, 4],
    [11, 12],
    [13, 14],
  ])
})

test('reduceByKey() over many keys and partitions', async () => {
  const pairs = context.parallelize(numbers(20_000), 4).map((x): [string, number] => [`k${x % 1000}`, x])
  const sums = await pairs.reduceByKey((a, b) => a + b).collectAsMap()
  expect(sums.size).toBe(1000)
  expect(sums.get('k7')).toBe(numbers(20).reduce((sum, i) => sum + 7 + i * 1000, 0))
})

test('with: values come as last argument, and by name', async () => {
  const rate = 3
  const rdd = context.parallelize([1, 2], 1)
  expect(await rdd.map((x, env) => x * env.rate, { with: { rate } }).collect()).toEqual([3, 6])
  expect(await rdd.map((x) => x * rate, { with: { rate } }).collect()).toEqual([3, 6])
})

const left = context.parallelize<[string, number]>(
  [
    ['a', 1],
    ['b', 2],
    ['a', 3],
    ['c', 4],
  ],
  3,
)

test('empty RDDs go through everything', async () => {
  const none = context.empty<[string, number]>()
  expect(await none.reduceByKey((a, b) => a + b).collect()).toEqual([])
  expect(await none.sortByKey().collect()).toEqual([])
  expect(await none.union(left).count()).toBe(4)
  expect(await left.leftOuterJoin(none).count()).toBe(4)
  expect(await none.zipWithIndex().collect()).toEqual([])
  expect(await none.coalesce(2).cartesian(left).collect()).toEqual([])
  expect(await none.cache().count()).toBe(0)
})

test('what is no pair is DATATYPE_MISMATCH', async () => {
  const wrong = context.parallelize([1]) as unknown as typeof left
  await expect(wrong.reduceByKey((a, b) => a + b).collect()).rejects.toMatchObject({
    code: 'DATATYPE_MISMATCH',
  })
  await expect(wrong.sortByKey().collect()).rejects.toMatchObject({ code: 'DATATYPE_MISMATCH' })
})

test('actions at the same time share a cache and the threads', async () => {
  const cached = context
    .parallelize(numbers(1000), 3)
    .map((x) => x + 1)
    .cache()
  const results = await Promise.all([cached.sum(), cached.count(), cached.max(), cached.take(1)])
  expect(results).toEqual([500_500, 1000, 1000, [1]])
  await cached.unpersist()
})

test('textFile() reads lines longer than a piece, a byte order mark, and many small files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-lines-'))
  try {
    const lines = ['short', 'x'.repeat(1_500_000), '', ...numbers(100_000).map((i) => `line number ${i}`)]
    const path = join(folder, 'long.txt')
    writeFileSync(path, `\ufeff${lines.join('\n')}\n`)
    for (const partitions of [1, 2, 5]) {
      const read = await context.textFile(path, partitions).collect()
      expect(read.length).toBe(lines.length)
      expect(read.every((line, i) => line === lines[i])).toBe(true)
    }
    for (const i of numbers(50)) writeFileSync(join(folder, `part-${String(i).padStart(2, '0')}`), `${i}\n`)
    const small = context.textFile(join(folder, 'part-*'), 2)
    expect(await small.collect()).toEqual(numbers(50).map(String))
    expect(await small.getNumPartitions()).toBeLessThan(50)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('an environment has a type', async () => {
  const names = context
    .parallelize([1])
    .map((x, { prefix }) => `${prefix.toUpperCase()}${x}`, { with: { prefix: 'a' } })
  const typed: string[] = await names.collect()
  expect(typed).toEqual(['A1'])
  // @ts-expect-error a number has no toUpperCase
  context.parallelize([1]).map((x, { prefix }) => `${prefix.toUpperCase()}${x}`, { with: { prefix: 1 } })
  // @ts-expect-error values are no pairs
  context.parallelize([1]).reduceByKey((a: number, b: number) => a + b)
})
