import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sinkOf } from '../../../connectors/index.ts'
import { count, Session } from '../../../driver/index.ts'
import type { WriteRequest } from '../../../engine/connect/index.ts'
import { field, typeName, types } from '../../../engine/types/index.ts'
import { testContext } from '../../engine/formats/csv/read.ts'

let folder: string
let path: string
let session: Session
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-delta-'))
  path = join(folder, 'table')
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

const rowsOf = (query: string, options: Readonly<Record<string, string | number>> = {}) =>
  session.read.format('delta').options(options).load(path).selectExpr(query).collect()

const write = (query: string, mode: 'append' | 'overwrite' | 'error' | 'ignore', ...columns: string[]) =>
  session
    .sql(query)
    .write.format('delta')
    .mode(mode)
    .partitionBy(...columns)
    .save(path)

const numbers = (from: number, to: number) => `SELECT id, id % 3 AS part FROM range(${from}, ${to})`
const sumOf = async (options: Readonly<Record<string, string | number>> = {}) => {
  const [row] = (await rowsOf('count(*) AS n', options)) as unknown as { n: number }[]
  return Number(row!.n)
}

/** The actions of a commit by name. */
function commit(version: number): Record<string, Record<string, unknown>>[] {
  const name = `${String(version).padStart(20, '0')}.json`
  const lines = readFileSync(join(path, '_delta_log', name), 'utf8')
    .trim()
    .split('\n')
  return lines.map((line) => JSON.parse(line))
}

test('all types come back as they were written', async () => {
  const query = `SELECT true AS b, 1Y AS i8, 2S AS i16, 3 AS i32, 4L AS i64, 1.5F AS f32, 2.5D AS f64,
    CAST(12.34 AS DECIMAL(10,2)) AS d, 'né' AS s, X'00ff' AS x, DATE'2011-12-01' AS day,
    TIMESTAMP'2011-12-01 08:26:00.123456' AS t, array(1, NULL) AS l, map('a', 1) AS m,
    named_struct('x', 1, 'y', array('z')) AS st, TIMESTAMP_NTZ'2011-12-01 08:26:00' AS local,
    NULL :: INT AS none`
  await write(query, 'error')
  expect(await rowsOf('*')).toEqual(await session.sql(query).collect())
  const typesOf = async (frame: ReturnType<Session['sql']>) =>
    (await frame.schema()).fields.map(({ name, type }) => [name, typeName(type)])
  expect(await typesOf(session.read.format('delta').load(path))).toEqual(await typesOf(session.sql(query)))
})

test('a new table asks for reader 1 and writer 2, and says what is in its files', async () => {
  await write(numbers(0, 10), 'error')
  const actions = commit(0)
  expect(actions.find(({ protocol }) => protocol)).toEqual({
    protocol: { minReaderVersion: 1, minWriterVersion: 2 },
  })
  const counts = actions.flatMap(({ add }) => (add ? [JSON.parse(String(add['stats'])).numRecords] : []))
  expect(counts.reduce((a, b) => a + b, 0)).toBe(10)
  expect(readdirSync(path).filter((name) => name.startsWith('_'))).toEqual(['_delta_log'])
})

describe('modes', () => {
  test('append adds, overwrite replaces, older versions stay readable', async () => {
    await write(numbers(0, 10), 'error')
    await write(numbers(10, 15), 'append')
    await write(numbers(0, 3), 'overwrite')
    expect(await sumOf()).toBe(3)
    expect(await sumOf({ versionAsOf: 0 })).toBe(10)
    expect(await sumOf({ versionAsOf: 1 })).toBe(15)
    await expect(sumOf({ versionAsOf: 3 })).rejects.toThrow('has no version 3')
  })

  test('error and ignore leave a table that is there alone', async () => {
    await write(numbers(0, 10), 'ignore')
    await write(numbers(0, 10), 'ignore')
    await expect(write(numbers(0, 10), 'error')).rejects.toThrow('already exists')
    expect(await sumOf()).toBe(10)
  })

  test('rows of other columns are refused', async () => {
    await write(numbers(0, 10), 'error')
    await expect(write('SELECT 1L AS id', 'append')).rejects.toThrow('has column "part", which the rows lack')
    await expect(write("SELECT 'a' AS id, 1L AS part", 'append')).rejects.toThrow('has column "id" of type')
    await expect(write('SELECT 1L AS id, 2L AS part, 3 AS x', 'append')).rejects.toThrow('has no column "x"')
    await expect(write(numbers(0, 10), 'append', 'part')).rejects.toThrow('is partitioned by nothing')
    expect(await sumOf()).toBe(10)
    expect(readdirSync(path).filter((name) => name === '_temporary')).toEqual([])
  })
})

test('partitions are folders, NULL too, and rule files out', async () => {
  await write(
    `SELECT id, CASE WHEN id = 5 THEN NULL WHEN id = 6 THEN 'a/b c%?' ELSE 'x' END AS part FROM range(10)`,
    'append',
    'part',
  )
  const read = session.read.format('delta').load(path)
  expect((await read.filter('part IS NULL').collect()).map((row) => Number(row['id']))).toEqual([5])
  expect(await read.filter("part = 'a/b c%?'").collect()).toEqual([{ id: 6, part: 'a/b c%?' }])
  const values = commit(0).flatMap(({ add }) => (add ? [add['partitionValues']] : []))
  expect(values).toContainEqual({ part: null })
  expect(values).toContainEqual({ part: 'a/b c%?' })
})

describe('writers that race', () => {
  test('all rows of appends are there, each in a version of its own', async () => {
    await Promise.all([0, 1, 2, 3, 4].map((n) => write(numbers(10 * n, 10 * n + 10), 'append')))
    expect(await sumOf()).toBe(50)
    const versions = readdirSync(join(path, '_delta_log')).filter((name) => /^\d{20}\.json$/.test(name))
    expect(versions.length).toBe(5)
  })

  test('an overwrite that did not see an append takes nothing away', async () => {
    await write(numbers(0, 10), 'append')
    const context = testContext()
    const sink = sinkOf('delta')
    const schema = { fields: [field('id', types.int64), field('part', types.int64)] }
    const request: WriteRequest = {
      options: { path },
      schema,
      mode: 'overwrite',
      partitionColumns: [],
      jobId: 'a',
    }
    expect(await sink.begin(request, context)).toBe(true)
    await write(numbers(10, 15), 'append')
    await expect(sink.commit(request, [], context)).rejects.toThrow('another writer changed table')
    await sink.abort(request, context)
    expect(await sumOf()).toBe(15)
  })
})

test('a checkpoint stands for the commits before it', async () => {
  for (let n = 0; n <= 11; n++)
    await write(numbers(10 * n, 10 * n + 10), n === 4 ? 'overwrite' : 'append', 'part')
  const log = join(path, '_delta_log')
  const pointer = JSON.parse(readFileSync(join(log, '_last_checkpoint'), 'utf8'))
  expect(pointer.version).toBe(10)
  expect(await sumOf({ versionAsOf: 3 })).toBe(40)
  for (let n = 0; n < 10; n++) rmSync(join(log, `${String(n).padStart(20, '0')}.json`))
  expect(await sumOf()).toBe(80)
  expect(await sumOf({ versionAsOf: 10 })).toBe(70)
  await write(numbers(0, 5), 'append', 'part')
  expect(await sumOf()).toBe(85)
  await expect(sumOf({ versionAsOf: 3 })).rejects.toThrow('lacks version 0')
})

describe('streams', () => {
  const stream = async (rows: number, outputMode: 'append' | 'complete' = 'append') => {
    const values = session.readStream
      .format('rate')
      .options({ rowsPerBatch: 1000, rowsPerSecond: 10, rows, numPartitions: 2 })
      .load()
    const frame =
      outputMode === 'append' ? values : values.groupBy('value').agg({ n: count() }).filter('value < 10')
    const query = await frame.writeStream
      .format('delta')
      .outputMode(outputMode)
      .option('checkpointLocation', join(folder, 'checkpoint'))
      .trigger({ availableNow: true })
      .start(path)
    await query.awaitTermination()
  }

  test('each batch is a version that names query and batch', async () => {
    await stream(2000)
    expect(await sumOf()).toBe(2000)
    expect(commit(1).find(({ txn }) => txn)).toMatchObject({ txn: { version: 1 } })
  })

  test('a batch that was committed here before a crash is counted once', async () => {
    await stream(3000)
    const commits = join(folder, 'checkpoint', 'commits')
    rmSync(join(commits, readdirSync(commits).sort().at(-1)!))
    await session.stop()
    session = newSession()
    await stream(3000)
    expect(await sumOf()).toBe(3000)
    await stream(5000)
    expect(await sumOf()).toBe(5000)
    const [row] = await rowsOf('count(DISTINCT value) AS n')
    expect(Number(row!['n'])).toBe(5000)
    expect(readdirSync(path).filter((name) => name === '_temporary')).toEqual([])
  })

  test('complete replaces all rows each time', async () => {
    await stream(3000, 'complete')
    expect(await sumOf()).toBe(10)
    expect(await sumOf({ versionAsOf: 0 })).toBe(10)
  })
})
