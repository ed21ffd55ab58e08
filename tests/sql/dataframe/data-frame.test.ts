import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EngineError } from '../../../engine/errors.ts'
import { Decimal } from '../../../engine/types/index.ts'
import {
  avg,
  col,
  count,
  desc,
  expr,
  lit,
  rowNumber,
  schema,
  sum,
  upper,
  Window,
  when,
} from '../../../sql/dataframe/index.ts'
import { type TestSession, testSession } from './test-session.ts'

let session: TestSession
beforeAll(() => {
  session = testSession()
})
afterAll(async () => {
  await session.stop()
})

const ORDERS = [
  { id: 1, item: 'tea', quantity: 3, price: Decimal.of('2.50') },
  { id: 2, item: 'mug', quantity: 1, price: Decimal.of('7.00') },
  { id: 3, item: 'tea', quantity: 2, price: Decimal.of('2.50') },
]
const orders = () => session.rows(ORDERS)
const items = () =>
  session.rows([
    { item: 'tea', kind: 'drink' },
    { item: 'jar', kind: 'thing' },
  ])

describe('DataFrame', () => {
  test('select() takes names, columns and callbacks', async () => {
    const rows = await orders()
      .select('id', col('item').as('what'), (r) => ({ total: r.price.times(r.quantity) }))
      .collect()
    expect(rows.map(({ id, what, total }) => `${id} ${what} ${total}`)).toEqual([
      '1 tea 7.50',
      '2 mug 7.00',
      '3 tea 5.00',
    ])
  })

  test('select() with a spread keeps all columns, replaced ones in place', async () => {
    const frame = orders().select((r) => ({ ...r, item: upper(r.item), double: r.quantity.times(2) }))
    expect(await frame.columns()).toEqual(['id', 'item', 'quantity', 'price', 'double'])
    expect((await frame.first())?.item).toBe('TEA')
    expect((await frame.first())?.double).toBe(6)
  })

  test('filter() takes callbacks, columns and SQL', async () => {
    const ids = async (frame: ReturnType<typeof orders>) => (await frame.collect()).map(({ id }) => id)
    expect(await ids(orders().filter((r) => r.quantity.gt(1)))).toEqual([1, 3])
    expect(await ids(orders().filter(col('quantity').gt(1).and(col('id').notEq(1))))).toEqual([3])
    expect(await ids(orders().where("item = 'mug'"))).toEqual([2])
  })

  test('groupBy().agg() gives keys and aggregates, ordered', async () => {
    const rows = await orders()
      .withColumn('cost', (r) => r.price.times(r.quantity))
      .groupBy('item')
      .agg((r) => ({ cost: sum(r.cost), n: count(), mean: avg(r.quantity) }))
      .orderBy((r) => r.cost.desc())
      .collect()
    expect(rows.map(({ item, cost, n, mean }) => [item, String(cost), n, mean])).toEqual([
      ['tea', '12.50', 2, 2.5],
      ['mug', '7.00', 1, 1],
    ])
  })

  test('join() by name, by callback, by columns of DataFrames', async () => {
    const [left, right] = [orders(), items()]
    const byName = await left.join(right, 'item', 'left').orderBy('id').collect()
    expect(byName.map((row) => [row.id, row.item, row.kind])).toEqual([
      [1, 'tea', 'drink'],
      [2, 'mug', null],
      [3, 'tea', 'drink'],
    ])
    const byCallback = left
      .join(right, (l, r) => l.item.eq(r.item))
      .select('id', right.col('item').as('item'), 'kind')
    expect(await byCallback.orderBy(desc('id')).collect()).toEqual([
      { id: 3, item: 'tea', kind: 'drink' },
      { id: 1, item: 'tea', kind: 'drink' },
    ])
    const byColumns = left.join(right, left.col('item').eq(right.col('item')), 'anti')
    expect((await byColumns.collect()).map(({ id }) => id)).toEqual([2])
    const self = left.join(left, (a, b) => a.id.plus(1).eq(b.id)).select(left.col('quantity').as('q'))
    expect((await self.collect()).length).toBe(2)
    await expect(left.join(left, left.col('id').eq(left.col('id'))).collect()).rejects.toThrow(/both sides/)
  })

  test('typed schemas and int64 modes', async () => {
    const frame = session.rowsOf(
      [{ id: 1, big: 2n ** 60n, price: '12.5', at: '2011-12-09 12:50:00.000123' }],
      schema({ id: 'int not null', big: 'bigint', price: 'decimal(12,3)', at: 'timestamp' }),
    )
    const [row] = await frame.collect({ int64: 'bigint' })
    expect(row?.big).toBe(2n ** 60n)
    expect(String(row?.price)).toBe('12.500')
    expect(String(row?.at)).toBe('2011-12-09T12:50:00.000123Z')
    await expect(frame.collect()).rejects.toThrow(/column "big" holds/)
  })

  test('set operations, distinct, limit, offset', async () => {
    const names = orders().select('item')
    expect(await names.distinct().count()).toBe(2)
    expect(await names.union(items().select('item')).count()).toBe(5)
    expect(await names.intersect(items().select('item')).collect()).toEqual([{ item: 'tea' }])
    expect(await names.except(items().select('item')).collect()).toEqual([{ item: 'mug' }])
    expect((await orders().orderBy('id').offset(1).limit(1).collect())[0]?.id).toBe(2)
    expect(await orders().dropDuplicates(['item']).count()).toBe(2)
    expect(await orders().select('id', 'item').unionByName(orders().select('item', 'id')).count()).toBe(6)
  })

  test('drop, rename, toDF, fillna, dropna, describe', async () => {
    expect(await orders().drop('price', 'id').columns()).toEqual(['item', 'quantity'])
    expect(await orders().withColumnRenamed('id', 'number').columns()).toEqual([
      'number',
      'item',
      'quantity',
      'price',
    ])
    expect(await orders().toDF('a', 'b', 'c', 'd').columns()).toEqual(['a', 'b', 'c', 'd'])
    const gaps = session.rows([
      { a: 1, b: 'x' },
      { a: null, b: null },
    ])
    expect(await gaps.fillna(0).collect()).toEqual([
      { a: 1, b: 'x' },
      { a: 0, b: null },
    ])
    expect(await gaps.fillna({ a: 7, b: 'none' }).collect()).toEqual([
      { a: 1, b: 'x' },
      { a: 7, b: 'none' },
    ])
    expect(await gaps.dropna().count()).toBe(1)
    const described = await orders().describe('quantity', 'item').collect()
    expect(described.map(({ summary }) => summary)).toEqual(['count', 'mean', 'stddev', 'min', 'max'])
    expect(described[1]?.['quantity']).toBe('2.0')
  })

  test('when(), expr(), windows, lit()', async () => {
    const window = Window.partitionBy('item').orderBy('id')
    const rows = await orders()
      .select((r) => ({
        id: r.id,
        size: when(r.quantity.gt(2), 'big').when(r.quantity.gt(1), 'some').otherwise('one'),
        n: rowNumber().over(window),
        twice: expr('quantity * 2'),
        one: lit(1),
      }))
      .orderBy('id')
      .collect()
    expect(rows).toEqual([
      { id: 1, size: 'big', n: 1, twice: 6, one: 1 },
      { id: 2, size: 'one', n: 1, twice: 2, one: 1 },
      { id: 3, size: 'some', n: 2, twice: 4, one: 1 },
    ])
  })

  test('selectExpr(), views, show(), printSchema', async () => {
    await orders().createOrReplaceTempView('orders_view')
    expect(await session.sql('SELECT sum(quantity) AS q FROM orders_view').collect()).toEqual([{ q: 6 }])
    expect(await orders().selectExpr('id + 1 AS next', 'upper(item)').columns()).toEqual([
      'next',
      'upper(item)',
    ])
    expect(await orders().select('id', 'item').showText(2)).toBe(
      [
        '+---+----+',
        '| id|item|',
        '+---+----+',
        '|  1| tea|',
        '|  2| mug|',
        '+---+----+',
        'only showing top 2 rows',
      ].join('\n'),
    )
  })

  test('cache() runs once and gives the same rows', async () => {
    const before = session.core.pool.usedBytes
    expect(before).toBe(0)
    const cached = orders()
      .filter((r) => r.id.gt(1))
      .cache()
    expect(await cached.count()).toBe(2)
    expect((await cached.orderBy('id').collect()).map(({ id }) => id)).toEqual([2, 3])
    const held = session.core.pool.usedBytes
    expect(held).toBeGreaterThan(0)
    await cached.unpersist()
    expect(session.core.pool.usedBytes).toBe(0)
    expect(await cached.count()).toBe(2)
    expect(session.core.pool.usedBytes).toBe(held)
    await cached.unpersist()
    await cached.unpersist()
    expect(session.core.pool.usedBytes).toBe(0)
  })

  test('checkpoint() reads what it has written, and nothing else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-checkpoint-'))
    try {
      const path = join(folder, 'orders')
      const safe = await orders().checkpoint(path)
      expect(await safe.explain()).toContain('parquet')
      expect(await safe.orderBy('id').collect()).toEqual(await orders().orderBy('id').collect())
      expect(await safe.checkpoint(path).catch((error: EngineError) => error.code)).toBe(
        'PATH_ALREADY_EXISTS',
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('errors', () => {
  test('a missing column names the nearest and the line of the program', async () => {
    const frame = session.sql('SELECT 1 AS price').withColumn('x', col('pric').plus(1))
    const error = await frame
      .collect()
      .catch((caught: unknown) => caught as Error & { hint?: string; code?: string })
    expect(error).toMatchObject({ code: 'UNRESOLVED_COLUMN' })
    expect(String(error)).toMatch(
      /column "pric" .*\(at tests\/sql\/dataframe\/data-frame\.test\.ts:\d+:\d+\)/,
    )
    expect((error as { hint?: string }).hint).toContain('"price"')
  })
})
