import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { count, EngineError, Session, type StreamingQuery, sum } from '../../../driver/index.ts'
import type { OutputMode } from '../../../sql/dataframe/index.ts'

let folder: string
let session: Session
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-stream-'))
  session = newSession()
})
afterEach(async () => {
  await session.stop()
  expect(session.usedBytes, 'every byte is back').toBe(0)
  rmSync(folder, { recursive: true, force: true })
})

function newSession(): Session {
  return new Session({ master: 'local[2]', memory: '256m', timeZone: 'UTC', arena: { poison: true } })
}

/** Ten rows a second of event time; `rows` in all, a thousand a batch. */
function numbers(rows: number) {
  return session.readStream
    .format('rate')
    .options({ rowsPerBatch: 1000, rowsPerSecond: 10, rows, numPartitions: 2 })
    .load()
}

function perMinute(rows: number, delay = '10 seconds') {
  return numbers(rows)
    .withWatermark('timestamp', delay)
    .selectExpr("window(timestamp, '1 minute') AS w", 'value % 3 AS k', 'value')
    .groupBy('w', 'k')
    .agg({ n: count(), total: sum('value') })
    .selectExpr('w.start AS start', 'k', 'n', 'total')
}

async function drain(
  frame: ReturnType<typeof perMinute>,
  outputMode: OutputMode,
  closeWindows = true,
): Promise<StreamingQuery> {
  const query = await frame.writeStream
    .format('json')
    .outputMode(outputMode)
    .option('checkpointLocation', join(folder, 'checkpoint'))
    .trigger({ availableNow: true, closeWindows })
    .start(join(folder, 'out'))
  await query.awaitTermination()
  return query
}

/** What the sink holds, in order. */
async function written(): Promise<readonly Record<string, unknown>[]> {
  const rows = session.read.json(join(folder, 'out'), { schema: undefined })
  return (await rows.orderBy('start', 'k').collect()) as unknown as Record<string, unknown>[]
}

/** The same by a query over all rows at once. */
async function expected(rows: number): Promise<readonly Record<string, unknown>[]> {
  return await session.execute(
    `SELECT date_format(timestamp_micros(60000000 * (id DIV 600)), "yyyy-MM-dd'T'HH:mm:ss.SSSXXX") AS start,
            id % 3 AS k, count(*) AS n, sum(id) AS total
     FROM range(${rows}) GROUP BY 1, 2 ORDER BY 1, 2`,
  )
}

const numbersOf = (rows: readonly Record<string, unknown>[]) =>
  rows.map(({ k, n, total }) => [k, n, total].map(Number))

describe('groups by windows', () => {
  test('append gives each window once, when it is closed', async () => {
    const query = await drain(perMinute(5000), 'append')
    expect(numbersOf(await written())).toEqual(numbersOf(await expected(5000)))
    expect(query.recentProgress.map(({ outcome }) => outcome.rowsIn)).toEqual([
      1000, 1000, 1000, 1000, 1000, 0,
    ])
    expect(query.lastProgress!.outcome.rowsLate).toBe(0)
  })

  test('a window that the watermark has not reached stays open until more comes', async () => {
    await drain(perMinute(1000), 'append', false)
    // Rows reach 99.9 s, so the watermark is 89.9 s and one window of three groups is closed.
    expect((await written()).length).toBe(3)
    await drain(perMinute(5000), 'append')
    expect(numbersOf(await written())).toEqual(numbersOf(await expected(5000)))
  })

  test('another session goes on from the checkpoint, with its state', async () => {
    for (const rows of [1000, 2000, 5000]) {
      await drain(perMinute(rows), 'append', rows === 5000)
      await session.stop()
      session = newSession()
    }
    expect(numbersOf(await written())).toEqual(numbersOf(await expected(5000)))
  })

  test('update gives the groups that changed; the last of each is the answer', async () => {
    await drain(perMinute(5000), 'update')
    const last = new Map((await written()).map((row) => [`${row['start']} ${row['k']}`, row]))
    const sums = [...last.values()]
    expect(sums.length).toBe(27)
    // Batches come in no order from the files: the greatest count of a group is its last.
    const best = new Map<string, number>()
    for (const row of await written()) {
      const key = `${row['start']} ${row['k']}`
      best.set(key, Math.max(best.get(key) ?? 0, Number(row['n'])))
    }
    expect([...best.values()].reduce((a, b) => a + b, 0)).toBe(5000)
  })

  test('complete gives all groups each time, in the place of those before', async () => {
    await drain(perMinute(5000), 'complete', false)
    expect(numbersOf(await written())).toEqual(numbersOf(await expected(5000)))
  })

  test('rows of closed windows are left out and counted', async () => {
    const shuffled = numbers(3000)
      .selectExpr('CASE WHEN value = 2500 THEN timestamp_micros(0) ELSE timestamp END AS timestamp', 'value')
      .withWatermark('timestamp', '1 second')
      .selectExpr("window(timestamp, '1 minute') AS w", '0 AS k', 'value')
      .groupBy('w', 'k')
      .agg({ n: count(), total: sum('value') })
      .selectExpr('w.start AS start', 'k', 'n', 'total')
    const query = await drain(shuffled, 'append')
    const late = query.recentProgress.map(({ outcome }) => outcome.rowsLate)
    expect(late).toEqual([0, 0, 1, 0])
    expect((await written()).reduce((total, { n }) => total + Number(n), 0)).toBe(2999)
  })
})

describe('restarts', () => {
  test.each(['after the sink, before the commit', 'before the sink'])(
    'a batch that was cut off %s is done once',
    async (when) => {
      await drain(perMinute(3000), 'append', false)
      const before = numbersOf(await written())
      const commits = join(folder, 'checkpoint', 'commits')
      const last = readdirSync(commits).sort().at(-1)!
      rmSync(join(commits, last))
      if (when === 'before the sink') {
        const marker = join(folder, 'out', '_batches')
        const [query] = readdirSync(marker)
        rmSync(join(marker, query!, String(Number(last))))
        for (const file of readdirSync(join(folder, 'out')))
          if (file.includes(`-${Number(last)}.c000`)) rmSync(join(folder, 'out', file))
      }
      await drain(perMinute(3000), 'append', false)
      expect(numbersOf(await written())).toEqual(before)
      await drain(perMinute(5000), 'append')
      expect(numbersOf(await written())).toEqual(numbersOf(await expected(5000)))
    },
  )

  test('a query of other groups is refused, and says what differs', async () => {
    await drain(perMinute(1000), 'append')
    const other = numbers(1000)
      .withWatermark('timestamp', '1 second')
      .groupBy('timestamp')
      .agg({ n: count() })
      .selectExpr('timestamp AS start', '1 AS k', 'n', 'n AS total')
    await expect(drain(other, 'append')).rejects.toThrow(/other state than that of checkpoint/)
  })

  test('damaged state is found by its checksum', async () => {
    await drain(perMinute(2000), 'append', false)
    const state = join(folder, 'checkpoint', 'state', '0')
    const { writeFileSync, readFileSync } = await import('node:fs')
    for (const file of readdirSync(state)) {
      const bytes = readFileSync(join(state, file))
      bytes[bytes.length - 20]! ^= 1
      writeFileSync(join(state, file), bytes)
    }
    await expect(drain(perMinute(3000), 'append')).rejects.toThrow(/state is damaged at byte/)
  })
})

describe('what has no meaning over a stream is refused', () => {
  test.each([
    ['sorting', () => numbers(10).orderBy('value'), 'append' as const, 'sorting over a stream'],
    ['LIMIT', () => numbers(10).limit(3), 'append' as const, 'LIMIT over a stream'],
    ['complete', () => numbers(10), 'complete' as const, 'output mode "complete" without groups'],
    [
      'append without watermark',
      () => numbers(10).groupBy('value').agg({ n: count() }),
      'append' as const,
      'when nothing tells that a group is complete',
    ],
  ])('%s', async (_name, frame, mode, message) => {
    const started = frame()
      .writeStream.format('memory')
      .outputMode(mode)
      .trigger({ availableNow: true })
      .start()
      .then((query) => query.awaitTermination())
    await expect(started).rejects.toThrow(EngineError)
    await expect(started).rejects.toThrow(message)
  })

  test('a query without a checkpoint', async () => {
    await expect(numbers(10).writeStream.format('json').start(join(folder, 'out'))).rejects.toThrow(
      'needs option "checkpointLocation"',
    )
  })
})

test('foreachBatch gets the rows of each batch as a DataFrame', async () => {
  const sums: [number, bigint | number][] = []
  const query = await numbers(2500)
    .writeStream.foreachBatch(async (batch, batchId) => {
      const [row] = (await batch.agg(sum('value').as('total')).collect()) as unknown as { total: number }[]
      sums.push([batchId, Number(row!.total)])
    })
    .option('checkpointLocation', join(folder, 'checkpoint'))
    .trigger({ availableNow: true })
    .start()
  await query.awaitTermination()
  expect(sums).toEqual([
    [0, 499_500],
    [1, 1_499_500],
    [2, (2000 + 2499) * 250],
  ])
})

test('a query that fails says so, and others go on', async () => {
  const query = await numbers(100)
    .selectExpr('1 DIV (value - 50) AS x')
    .writeStream.format('json')
    .option('checkpointLocation', join(folder, 'checkpoint'))
    .trigger({ availableNow: true })
    .start(join(folder, 'out'))
  await expect(query.awaitTermination()).rejects.toThrow(/zero/)
  expect(query.isActive).toBe(false)
  expect(query.exception).toBeInstanceOf(EngineError)
  expect(session.streams).toEqual([])
  expect(existsSync(join(folder, 'out', '_batches'))).toBe(false)
})

describe('duplicates', () => {
  /** Every number twice, the second time 500 rows later, which may be in another batch. */
  const doubled = (rows: number) =>
    numbers(rows)
      .withWatermark('timestamp', '10 seconds')
      .selectExpr('explode(array(value, value - 500)) AS id', 'timestamp')
      .filter('id >= 0')
      .dropDuplicatesWithin(['id'], '1 minute')

  test('are dropped within and over batches, and over a restart', async () => {
    for (const rows of [2000, 4000]) {
      const query = await doubled(rows)
        .selectExpr('id AS k', 'timestamp AS start')
        .writeStream.format('json')
        .option('checkpointLocation', join(folder, 'checkpoint'))
        .trigger({ availableNow: true })
        .start(join(folder, 'out'))
      await query.awaitTermination()
      await session.stop()
      session = newSession()
    }
    expect((await written()).map(({ k }) => Number(k))).toHaveLength(4000)
    expect(new Set((await written()).map(({ k }) => Number(k))).size).toBe(4000)
  })

  test('then groups by windows, late rows kept in a table of their own', async () => {
    const shuffled = numbers(3000)
      .selectExpr(
        'explode(array(value, value)) AS value',
        'CASE WHEN value IN (2500, 2501) THEN timestamp_micros(0) ELSE timestamp END AS timestamp',
      )
      .withWatermark('timestamp', '1 second')
      .dropDuplicatesWithin(['value'], '1 hour')
      .selectExpr("window(timestamp, '1 minute') AS w", '0 AS k', 'value', 'timestamp')
      .groupBy('w', 'k')
      .agg({ n: count(), total: sum('value') })
      .selectExpr('w.start AS start', 'k', 'n', 'total')
    const query = await shuffled.writeStream
      .format('json')
      .options({ checkpointLocation: join(folder, 'checkpoint'), latePath: join(folder, 'late') })
      .trigger({ availableNow: true, closeWindows: true })
      .start(join(folder, 'out'))
    await query.awaitTermination()
    expect((await written()).reduce((total, { n }) => total + Number(n), 0)).toBe(2998)
    const late = await session.read.parquet(join(folder, 'late')).orderBy('value').collect()
    expect(late.map(({ value }) => Number(value))).toEqual([2500, 2501])
  })
})
