import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Decimal } from '../../../engine/types/index.ts'
import { col, schema, sum } from '../../../sql/dataframe/index.ts'
import { type TestSession, testSession } from './test-session.ts'

let session: TestSession
beforeAll(() => {
  session = testSession()
})
afterEach(() => expect(session.core.pool.usedBytes).toBe(0))
afterAll(async () => {
  await session.stop()
})

const numbers = (count: number) =>
  session.sql(`SELECT id, id % 7 AS part, cast(id AS string) AS text FROM range(${count})`)

/** The longest time the event loop had to wait while something ran, as a part of the whole. */
async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  const start = performance.now()
  let last = start
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last - 1)
    last = now
  }, 1)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return longest / (performance.now() - start)
}

describe('running', () => {
  test('for await streams rows, and leaving the loop ends the query', async () => {
    let seen = 0
    for await (const row of numbers(300_000)) {
      expect(row['id']).toBe(seen)
      if (++seen === 1000) break
    }
    expect(seen).toBe(1000)
  })

  test('for await gives every row', async () => {
    let total = 0
    for await (const { id } of numbers(100_000).as<{ id: number }>()) total += id
    expect(total).toBe((100_000 * 99_999) / 2)
  })

  test('a signal cancels', async () => {
    const controller = new AbortController()
    controller.abort()
    await expect(numbers(1000).collect({ signal: controller.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })

  test('the event loop is not blocked while rows become objects', async () => {
    const works = [
      () => numbers(300_000).collect(),
      () => numbers(300_000).forEach(() => {}),
      () => numbers(300_000).toArrow(),
    ]
    for (const work of works) {
      // Other programs on this machine take the processor too: the best of some tries counts.
      let best = Number.POSITIVE_INFINITY
      for (let attempt = 0; attempt < 12 && best >= 0.5; attempt++)
        best = Math.min(best, await longestBlock(work))
      expect(best).toBeLessThan(0.5)
    }
  })

  test('toArrow() gives the rows as a table of apache-arrow', async () => {
    const table = await numbers(10).toArrow()
    expect(table.numRows).toBe(10)
    expect(table.schema.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'id Int64',
      'part Int64',
      'text Utf8',
    ])
    expect([...table.getChild('text')!]).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  })

  test('csv() and json() are written and read back, with and without a schema', async () => {
    const [csv, json] = [join(session.folder, 'csv'), join(session.folder, 'json')]
    const summary = await numbers(20).write.option('header', true).csv(csv)
    expect(summary.rows).toBe(20)
    expect(readdirSync(csv).some((name) => name.endsWith('.csv'))).toBe(true)
    const typed = session.read.csv(csv, {
      header: true,
      schema: schema({ id: 'bigint', part: 'int', text: 'string' }),
    })
    const [row] = await typed.agg((r) => ({ total: sum(r.id) })).collect()
    expect(row?.total).toBe(190)
    await numbers(20).write.mode('overwrite').json(json)
    expect(await session.read.json(json).filter(col('part').eq(1)).count()).toBe(3)
    await expect(numbers(1).write.json(json)).rejects.toMatchObject({ code: 'PATH_ALREADY_EXISTS' })
  })

  test('tables are made, added to and read; parquet keeps types', async () => {
    await numbers(20).write.partitionBy('part').saveAsTable('numbers')
    await numbers(3).select('id', 'text', 'part').write.insertInto('numbers')
    expect(await session.read.table('numbers').count()).toBe(23)
    const path = join(session.folder, 'parquet')
    const first = session.rows([{ id: 1, price: Decimal.of('2.50'), tags: ['a'], at: new Date(5) }])
    await first.write.parquet(path)
    expect(await session.read.parquet(path).collect()).toEqual(await first.collect())
    await session.read.parquet(path).write.mode('append').parquet(path)
    expect(await session.read.parquet(path).count()).toBe(2)
    expect((await first.write.mode('ignore').parquet(path)).rows).toBe(0)
  })

  test('explain() gives the plan as text', async () => {
    expect(await numbers(3).filter('id > 1').explain()).toContain('Exec')
  })

  test('describing a missing file fails when an action runs, with the line', async () => {
    const frame = session.read.parquet(join(session.folder, 'none.parquet'))
    await expect(frame.count()).rejects.toThrow(/none\.parquet.*running\.test\.ts:\d+/)
  })

  test('errors of typed columns name the line of the step, not of the action', async () => {
    const frame = numbers(3)
    const step = frame.filter('nothing > 1')
    const error = await step.count().catch((caught: unknown) => caught as Error)
    const line = new Error().stack!.split('\n')[1]!.match(/:(\d+):\d+\)?$/)![1]
    expect(String(error)).toContain(`running.test.ts:${Number(line) - 2}`)
  })
})
