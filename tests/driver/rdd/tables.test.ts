import { afterAll, expect, test } from 'vitest'
import { RddContext, registerUdf, type UdfOptions } from '../../../driver/rdd/index.ts'
import { SessionCore } from '../../../driver/session/index.ts'
import { planExecutor } from '../../../driver/session/plan-executor.ts'
import { Decimal } from '../../../engine/types/index.ts'
import { DataFrame, LazyPlan, schema } from '../../../sql/dataframe/index.ts'
import { timesSeven } from './imported-functions.ts'

const core = new SessionCore({ master: 'local[2]', memory: '256m', timeZone: 'UTC', arena: { poison: true } })
const executor = planExecutor(core)
const context = new RddContext({
  pool: core.pool,
  jobs: core.jobs,
  settings: () => core.settings(),
  executor,
  planOf: (plan) => core.runner.plan(plan, core.settings()),
})
const sql = (text: string): DataFrame => new DataFrame(new LazyPlan(executor, () => executor.sql(text, [])))
const udf = (name: string, fn: (...args: never[]) => unknown, options: UdfOptions): void =>
  registerUdf(core, name, fn, options)
afterAll(async () => {
  expect(core.pool.usedBytes).toBe(0)
  await core.stop()
})

test('toDF() with inferred columns joins, groups and sorts as a table', async () => {
  const rdd = context.parallelize(
    [
      { id: 1, name: 'a' },
      { id: 2, name: 'b' },
      { id: 3, name: 'b' },
    ],
    2,
  )
  const frame = rdd.toDF()
  expect(await frame.collect()).toEqual([
    { id: 1, name: 'a' },
    { id: 2, name: 'b' },
    { id: 3, name: 'b' },
  ])
  frame.createOrReplaceTempView('things')
  const grouped = sql('select name, count(*) as n, max(id) as top from things group by name order by name')
  expect(await grouped.collect()).toEqual([
    { name: 'a', n: 1, top: 1 },
    { name: 'b', n: 2, top: 3 },
  ])
})

test('toDF() with a schema takes pairs after a shuffle, twice in one query', async () => {
  const counts = context
    .parallelize(['x', 'y', 'x'], 2)
    .map((w): [string, number] => [w, 1])
    .reduceByKey((a, b) => a + b)
  const frame = counts.toDF(schema({ word: 'string not null', n: 'bigint' }))
  await frame.createOrReplaceTempView('counts')
  const joined = sql(
    'select a.word, a.n + b.n as n from counts a join counts b on a.word = b.word order by 1',
  )
  expect(await joined.collect()).toEqual([
    { word: 'x', n: 4 },
    { word: 'y', n: 2 },
  ])
})

test('a value that does not fit the schema names the column', async () => {
  const frame = context.parallelize([{ id: 'one' }]).toDF(schema({ id: 'int' }))
  await expect(frame.collect()).rejects.toMatchObject({ code: 'DATATYPE_MISMATCH' })
})

test('fromDataFrame() gives rows as objects, with values as programs see them', async () => {
  const frame = sql("select * from values (1, 1.50, date'2020-01-02'), (2, 2.25, null) as t(id, price, day)")
  const rdd = context.fromDataFrame(
    frame as DataFrame<{ id: number; price: Decimal; day: { toString(): string } | null }>,
  )
  expect(await rdd.map((row) => row.price.times(2).toString()).collect()).toEqual(['3.00', '4.50'])
  const rows = await rdd.collect()
  expect(rows[0]!.price).toBeInstanceOf(Decimal)
  expect(String(rows[0]!.day)).toBe('2020-01-02')
  expect(rows[1]!.day).toBeNull()
  expect(await context.fromDataFrame(rdd.keyBy((row) => row.id).toDF()).count()).toBe(2)
})

test('udf: a function of the program in SQL', async () => {
  const rate = 2
  udf('seven_times', (x: number) => timesSeven(x) * rate, { args: ['int'], returns: 'int', with: { rate } })
  expect(await sql('select seven_times(id) as v from values (1), (2) as t(id)').collect()).toEqual([
    { v: 14 },
    { v: 28 },
  ])
  udf('shout', (text: string | null) => (text === null ? 'NOTHING' : text.toUpperCase()), {
    args: ['string'],
    returns: 'string',
  })
  expect(await sql("select shout(x) as v from values ('a'), (null) as t(x)").collect()).toEqual([
    { v: 'A' },
    { v: 'NOTHING' },
  ])
  udf('dearer', (price: Decimal) => price.times('1.1'), { args: ['decimal(10,2)'], returns: 'decimal(12,3)' })
  expect(String((await sql('select dearer(x) as v from values (1.50) as t(x)').collect())[0]!['v'])).toBe(
    '1.650',
  )
})

test('udf: an error shows the line of the program', async () => {
  udf(
    'bad',
    () => {
      throw new TypeError('no good')
    },
    { args: [], returns: 'int' },
  )
  const error = (await sql('select bad() as v from values (1) as t(x)')
    .collect()
    .catch((e: unknown) => e)) as Error
  expect(error).toMatchObject({ code: 'USER_CODE_FAILED' })
  expect(error.message).toContain('no good')
  expect(error.stack).toMatch(/at .*tables\.test\.ts:\d+/)
})

test('decimals travel as zero and as values given', async () => {
  const zero = Decimal.of('0.00')
  const rate = Decimal.of('2')
  const pairs = context.parallelize<[string, Decimal]>(
    [
      ['a', Decimal.of('1.50')],
      ['a', Decimal.of('2.25')],
    ],
    2,
  )
  const sums = await pairs.foldByKey(zero, (a, b) => a.plus(b)).collect()
  expect(sums.map(([k, v]) => `${k} ${v}`)).toEqual(['a 3.75'])
  const total = await pairs.values().aggregate(
    zero,
    (sum, x) => sum.plus(x),
    (a, b) => a.plus(b),
  )
  expect(String(total)).toBe('3.75')
  const doubled = await pairs.mapValues((x, { rate }) => x.times(rate), { with: { rate } }).first()
  expect(String(doubled[1])).toBe('3.00')
})
