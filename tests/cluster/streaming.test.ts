import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { count, Session, sum } from '../../driver/index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-stream-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Windows of a minute over ten numbers a second, each number twice; drains what there is. */
async function drain(session: Session, rows: number, closeWindows: boolean): Promise<void> {
  const query = await session.readStream
    .format('rate')
    .options({ rowsPerBatch: 1000, rowsPerSecond: 10, rows, numPartitions: 2 })
    .load()
    .selectExpr('explode(array(value, value)) AS value', 'timestamp')
    .withWatermark('timestamp', '10 seconds')
    .dropDuplicatesWithin(['value'], '1 minute')
    .selectExpr("window(timestamp, '1 minute') AS w", 'value % 3 AS k', 'value')
    .groupBy('w', 'k')
    .agg({ n: count(), total: sum('value') })
    .selectExpr('w.start AS start', 'k', 'n', 'total')
    .writeStream.format('json')
    .option('checkpointLocation', join(folder, 'checkpoint'))
    .trigger({ availableNow: true, closeWindows })
    .start(join(folder, 'out'))
  await query.awaitTermination()
  expect(query.lastProgress!.watermarkMicros, 'event times reach the driver').not.toBeNull()
}

test('a stream goes on from its checkpoint on a cluster, in one process, and on a cluster again', async () => {
  for (const [master, rows] of [
    ['local-cluster[2,1]', 2000],
    ['local[2]', 3000],
    ['local-cluster[1,2]', 5000],
  ] as const) {
    const session = new Session({ master, memory: '256m', timeZone: 'UTC' })
    try {
      await drain(session, rows, rows === 5000)
    } finally {
      await session.stop()
    }
  }
  const session = new Session({ master: 'local[2]', timeZone: 'UTC' })
  try {
    const out = session.read.json(join(folder, 'out'))
    const rows = (await out.orderBy('start', 'k').collect()) as unknown as Record<string, unknown>[]
    const expected = await session.execute(
      `SELECT 60000000 * (id DIV 600) AS start, id % 3 AS k, count(*) AS n, sum(id) AS total
       FROM range(5000) GROUP BY 1, 2 ORDER BY 1, 2`,
    )
    const figures = (all: readonly Record<string, unknown>[]) =>
      all.map(({ k, n, total }) => [k, n, total].map(Number))
    expect(figures(rows)).toEqual(figures(expected))
  } finally {
    await session.stop()
  }
})
