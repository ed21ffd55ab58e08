import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { Decimal, LocalDate } from '../../../engine/types/index.ts'
import { testContext } from './test-context.ts'

const { context, pool, close } = testContext()
const folder = mkdtempSync(join(tmpdir(), 'millrace-rdd-'))
afterAll(async () => {
  expect(pool.usedBytes).toBe(0)
  await close()
  rmSync(folder, { recursive: true })
})

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const left = context.parallelize<[string, number]>(
  [
    ['a', 1],
    ['b', 2],
    ['a', 3],
    ['c', 4],
  ],
  3,
)
const right = context.parallelize<[string, string]>(
  [
    ['a', 'x'],
    ['b', 'y'],
    ['d', 'z'],
    ['a', 'w'],
  ],
  2,
)
const byText = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort()

test('join and its outer forms, cogroup', async () => {
  const inner = [
    ['a', [1, 'x']],
    ['a', [1, 'w']],
    ['a', [3, 'x']],
    ['a', [3, 'w']],
    ['b', [2, 'y']],
  ]
  expect(byText(await left.join(right).collect())).toEqual(byText(inner))
  const c = ['c', [4, null]]
  const d = ['d', [null, 'z']]
  expect(byText(await left.leftOuterJoin(right).collect())).toEqual(byText([...inner, c]))
  expect(byText(await left.rightOuterJoin(right).collect())).toEqual(byText([...inner, d]))
  expect(byText(await left.fullOuterJoin(right).collect())).toEqual(byText([...inner, c, d]))
  expect(byText(await left.cogroup(right).collect())).toEqual(
    byText([
      [
        'a',
        [
          [1, 3],
          ['x', 'w'],
        ],
      ],
      ['b', [[2], ['y']]],
      ['c', [[4], []]],
      ['d', [[], ['z']]],
    ]),
  )
  expect(byText(await left.subtractByKey(right).collect())).toEqual(byText([['c', 4]]))
})

test('group, fold, aggregate and combine by key', async () => {
  expect(byText(await left.groupByKey().collect())).toEqual(
    byText([
      ['a', [1, 3]],
      ['b', [2]],
      ['c', [4]],
    ]),
  )
  expect(byText(await left.foldByKey(10, (a, b) => a + b, { partitions: 1 }).collect())).toEqual(
    byText([
      ['a', 24],
      ['b', 12],
      ['c', 14],
    ]),
  )
  const lists = left.aggregateByKey<string, number, number[]>(
    [],
    (all, x) => [...all, x],
    (a, b) => [...a, ...b],
  )
  expect(byText(await lists.mapValues((all) => all.length).collect())).toEqual(
    byText([
      ['a', 2],
      ['b', 1],
      ['c', 1],
    ]),
  )
  const combined = left.combineByKey(
    (x) => [x],
    (all, x) => [...all, x],
    (a, b) => [...a, ...b],
  )
  expect(byText(await combined.collect())).toEqual(
    byText([
      ['a', [1, 3]],
      ['b', [2]],
      ['c', [4]],
    ]),
  )
  const groups = context.parallelize(numbers(10), 3).groupBy((x) => x % 2)
  expect(byText(await groups.collect())).toEqual(
    byText([
      [0, [0, 2, 4, 6, 8]],
      [1, [1, 3, 5, 7, 9]],
    ]),
  )
})

test('keys that are arrays, objects, dates and decimals are equal by value', async () => {
  const keys = [
    [1, 'a'],
    [1, 'a'],
    { y: 2, x: 1 },
    { x: 1, y: 2 },
    null,
    null,
    LocalDate.of('2020-01-02'),
    LocalDate.of('2020-01-02'),
    Decimal.of('1.50'),
    Decimal.of('1.50'),
  ]
  const counts = await context.parallelize(keys, 4).countByValue()
  expect([...counts.values()]).toEqual([2, 2, 2, 2, 2])
  const back = await context
    .parallelize([Decimal.of('1.50'), { when: LocalDate.of('2020-01-02') }], 1)
    .map((x) => x)
    .collect()
  expect(String(back[0])).toBe('1.50')
  expect(String((back[1] as { when: LocalDate }).when)).toBe('2020-01-02')
})

test('sortBy and sortByKey order all partitions', async () => {
  const shuffled = numbers(5000).map((i) => (i * 7919) % 5000)
  const rdd = context.parallelize(shuffled, 4)
  const sorted = rdd.sortBy((x) => x, { partitions: 3 })
  expect(await sorted.collect()).toEqual(numbers(5000))
  expect((await sorted.glom().collect()).every((part) => part.length > 500)).toBe(true)
  expect(await rdd.sortBy((x) => x, { descending: true }).take(3)).toEqual([4999, 4998, 4997])
  expect((await left.sortByKey().collect()).map(([k]) => k)).toEqual(['a', 'a', 'b', 'c'])
})

test('distinct, intersection, subtract, cartesian', async () => {
  const a = context.parallelize([1, 2, 2, 3], 2)
  const b = context.parallelize([2, 3, 3, 4], 3)
  expect((await a.distinct().collect()).sort()).toEqual([1, 2, 3])
  expect((await a.intersection(b).collect()).sort()).toEqual([2, 3])
  expect((await a.subtract(b).collect()).sort()).toEqual([1])
  expect(byText(await a.distinct().cartesian(b.distinct()).collect())).toEqual(
    byText([1, 2, 3].flatMap((x) => [2, 3, 4].map((y) => [x, y]))),
  )
})

test('zipWithIndex, sample, repartition, coalesce, mapPartitions', async () => {
  const rdd = context.parallelize(numbers(100), 7)
  expect(await rdd.zipWithIndex().collect()).toEqual(numbers(100).map((x) => [x, x]))
  const sampled = await rdd.sample(0.3, { seed: 1 }).collect()
  expect(sampled.length).toBeGreaterThan(10)
  expect(await rdd.sample(0.3, { seed: 1 }).collect()).toEqual(sampled)
  expect((await rdd.repartition(5).glom().collect()).map((p) => p.length).every((n) => n > 15)).toBe(true)
  expect(await rdd.coalesce(2).collect()).toEqual(numbers(100))
  expect(await rdd.coalesce(2).getNumPartitions()).toBe(2)
  const sums = await rdd
    .coalesce(2)
    .mapPartitions(function* (values) {
      let sum = 0
      for (const x of values) sum += x
      yield sum
    })
    .collect()
  expect(sums.reduce((a, b) => a + b)).toBe(4950)
  expect(
    await context
      .parallelize([5, 6], 2)
      .mapPartitionsWithIndex((p, values) => [...values].map((x) => [p, x]))
      .collect(),
  ).toEqual([
    [0, 5],
    [1, 6],
  ])
})

test('actions', async () => {
  const rdd = context.parallelize(numbers(1000), 4)
  expect(await rdd.count()).toBe(1000)
  expect(await rdd.take(3)).toEqual([0, 1, 2])
  expect(await rdd.first()).toBe(0)
  expect(await rdd.top(2)).toEqual([999, 998])
  expect(await rdd.takeOrdered(2, (x) => -x)).toEqual([999, 998])
  expect(await rdd.reduce((a, b) => a + b)).toBe(499_500)
  expect(await rdd.fold(0, (a, b) => a + b)).toBe(499_500)
  expect(
    await rdd.aggregate(
      0,
      (n) => n + 1,
      (a, b) => a + b,
    ),
  ).toBe(1000)
  expect(await rdd.sum()).toBe(499_500)
  expect(await rdd.mean()).toBe(499.5)
  expect(await rdd.max()).toBe(999)
  expect((await rdd.stats()).variance).toBeCloseTo(83_333.25)
  expect(await left.countByKey()).toEqual(
    new Map([
      ['a', 2],
      ['b', 1],
      ['c', 1],
    ]),
  )
  expect(await left.lookup('a')).toEqual([1, 3])
  await rdd.foreach((x) => x + 1)
  await expect(context.empty<number>().reduce((a, b) => a + b)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
  })
  expect(await context.empty<number>().collect()).toEqual([])
  expect(await rdd.filter(() => false).count()).toBe(0)
})

test('textFile() gives every line once, however it is cut', async () => {
  const lines = numbers(1000).map((i) => `line ${i} ${'é'.repeat(i % 7)}`)
  const path = join(folder, 'lines.txt')
  writeFileSync(path, `${lines.join('\r\n')}`)
  for (const partitions of [1, 2, 3, 7, 50, 500])
    expect(await context.textFile(path, partitions).collect()).toEqual(lines)
  writeFileSync(join(folder, 'packed.gz'), gzipSync('a\nb\n'))
  expect(await context.textFile(join(folder, '*.gz')).collect()).toEqual(['a', 'b'])
  writeFileSync(join(folder, 'short.txt'), 'a\n\nb\nc')
  for (const partitions of [1, 2, 3, 4, 5, 6])
    expect(await context.textFile(join(folder, 'short.txt'), partitions).collect()).toEqual([
      'a',
      '',
      'b',
      'c',
    ])
  await expect(context.textFile(join(folder, 'none')).count()).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
  })
})

test('checkpoint() keeps values and partitions, and reads what it has written', async () => {
  const out = join(folder, 'checkpoint')
  const words = context.parallelize(
    Array.from({ length: 20_000 }, (_, i) => [`w${i % 7}`, i] as const),
    3,
  )
  const saved = await words.checkpoint(out)
  expect(await saved.getNumPartitions()).toBe(3)
  expect(await saved.collect()).toEqual(await words.collect())
  expect(await saved.map(([word]) => word).countByValue()).toEqual(
    await words.map(([word]) => word).countByValue(),
  )
  const numbers = await context.parallelize([0.5, 3, -1, 2 ** 40], 2).checkpoint(join(folder, 'numbers'))
  expect(await numbers.collect()).toEqual([0.5, 3, -1, 2 ** 40])
  writeFileSync(join(out, 'part-00001'), Buffer.from([9, 0, 0, 0, 1]))
  await expect(saved.count()).rejects.toMatchObject({ code: 'CORRUPT_FILE' })
})

test('saveAsTextFile() leaves parts and _SUCCESS, or nothing', async () => {
  const out = join(folder, 'out')
  await context.parallelize(['a', 'b', 'c'], 2).saveAsTextFile(out)
  expect(readdirSync(out).sort()).toEqual(['_SUCCESS', 'part-00000', 'part-00001'])
  expect(readFileSync(join(out, 'part-00001'), 'utf8')).toBe('b\nc\n')
  expect(await context.textFile(out).collect()).toEqual(['a', 'b', 'c'])
  await expect(context.parallelize([1]).saveAsTextFile(out)).rejects.toMatchObject({
    code: 'PATH_ALREADY_EXISTS',
  })
  const bad = join(folder, 'bad')
  await expect(
    context
      .parallelize([1])
      .map(() => {
        throw new Error('no')
      })
      .saveAsTextFile(bad),
  ).rejects.toThrow()
  expect(existsSync(bad)).toBe(false)
})

test('cache() computes once, counts its memory, and gives it back', async () => {
  const path = join(folder, 'cached.txt')
  writeFileSync(path, '1\n2\n')
  const cached = context.textFile(path).map(Number).cache()
  expect(await cached.sum()).toBe(3)
  writeFileSync(path, '5\n')
  expect(await cached.collect()).toEqual([1, 2])
  expect(pool.usedBytes).toBeGreaterThan(0)
  await cached.unpersist()
  expect(pool.usedBytes).toBe(0)
  expect(await cached.collect()).toEqual([5])
  await cached.unpersist()
})
