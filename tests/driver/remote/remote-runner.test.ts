import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableFromArrays } from 'apache-arrow'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Session } from '../../../driver/session.ts'
import { EngineError } from '../../../engine/errors.ts'
import { startTestDriver, type TestDriver } from './test-driver.ts'

let driver: TestDriver
let session: Session
const folder = mkdtempSync(join(tmpdir(), 'millrace-remote-'))

beforeAll(async () => {
  driver = await startTestDriver()
  session = open(driver)
})
afterAll(async () => {
  await session.stop()
  expect(driver.pool.usedBytes).toBe(0)
  await driver.close()
  rmSync(folder, { recursive: true, force: true })
})
afterEach(() => expect(session.usedBytes).toBe(0))

function open({ address, token }: TestDriver, name = 'tests'): Session {
  return new Session({
    master: `millrace://${address}`,
    token,
    name,
    memory: '256m',
    timeZone: 'UTC',
    warehouse: folder,
    arena: { poison: true },
  })
}

async function failure(work: Promise<unknown>): Promise<EngineError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(EngineError)
  return error as EngineError
}

describe('a session on a cluster', () => {
  test('gets rows in order, texts by dictionaries too', async () => {
    const rows = await session.execute(
      "SELECT id, concat('name ', id % 3) AS name FROM range(100000) WHERE id % 2 = 0 ORDER BY id",
    )
    expect(rows.length).toBe(50_000)
    expect(rows.every(({ id, name }, index) => id === 2 * index && name === `name ${(2 * index) % 3}`)).toBe(
      true,
    )
  })

  test('gets no more rows than it has room for', async () => {
    let length = 0
    for await (const row of session.sql("SELECT id, repeat('x', 200) AS text FROM range(400000)"))
      length += String(row['text']).length
    expect(length).toBe(80_000_000)
    expect(driver.overdraft.bytes).toBeLessThan(2 << 20)
  })

  test('stops a job whose rows are not wanted any more', async () => {
    const cancels = driver.received.get('cancel') ?? 0
    for await (const _row of session.sql('SELECT id FROM range(100000000)')) break
    expect(driver.received.get('cancel')).toBe(cancels + 1)
  })

  test('cancels by a signal', async () => {
    const stop = new AbortController()
    const query = session.sql('SELECT sum(a.id * b.id) FROM range(1000000) a CROSS JOIN range(1000000) b')
    setTimeout(() => stop.abort(), 200)
    expect((await failure(query.collect({ signal: stop.signal }))).code).toBe('CANCELLED')
  })

  test('throws the errors of tasks', async () => {
    const error = await failure(session.execute('SELECT 1 / (id - 5) FROM range(100000)'))
    expect(error.code).toBe('DIVIDE_BY_ZERO')
  })

  test('plans that are larger than a message travel in pieces', async () => {
    const text = 'x'.repeat(100)
    const rows = Array.from({ length: 50_000 }, (_, id) => ({ id, text: `${text}${id}` }))
    const frame = session.createDataFrame(rows)
    expect(await frame.where('id % 25000 = 1').select('id').collect()).toEqual([{ id: 1 }, { id: 25_001 }])
  })

  test('rows that lie in its own memory travel with the plan', async () => {
    const program = open(driver)
    const frame = program.fromArrow(tableFromArrays({ a: Int32Array.from({ length: 10_000 }, (_, i) => i) }))
    await frame.createOrReplaceTempView('arrow_rows')
    const [row] = await program.execute(
      'SELECT count(*) AS n, sum(a.a + b.a) AS s FROM arrow_rows a JOIN arrow_rows b USING (a)',
    )
    expect(row).toEqual({ n: 10_000, s: 99_990_000 })
    await program.stop()
  })

  test('writes tables: the parts of the attempts that count are committed', async () => {
    await session.execute('CREATE TABLE written AS SELECT id, id % 7 AS k FROM range(100000)')
    const [row] = await session.execute('SELECT count(*) AS n, sum(k) AS s FROM written')
    expect(row).toMatchObject({ n: 100_000 })
  })

  test('tells what operators counted, and what was changed', async () => {
    const text = await session
      .sql('SELECT id % 10 AS k, count(*) AS n FROM range(100000) GROUP BY 1')
      .explain('analyze')
    expect(text).toMatch(/RangeExec.*rows: 100000/)
  })
})

describe('programs on a cluster', () => {
  test('functions, their values and RDDs', async () => {
    const factor = 3
    session.udf('times', (value: number) => value * factor, {
      args: ['int'],
      returns: 'int',
      with: { factor },
    })
    const rows = await session.execute('SELECT sum(times(CAST(id AS INT))) AS s FROM range(1000)')
    expect(rows).toEqual([{ s: 1_498_500 }])
    const words = session.parallelize(['a', 'b', 'a', 'c', 'a'], 3)
    const counts = await words
      .map((word): [string, number] => [word, 1])
      .reduceByKey((a, b) => a + b)
      .collectAsMap()
    expect(counts).toEqual(
      new Map([
        ['a', 3],
        ['b', 1],
        ['c', 1],
      ]),
    )
    expect(
      await session
        .parallelize([5, 3, 9, 1])
        .sortBy((value) => value)
        .collect(),
    ).toEqual([1, 3, 5, 9])
  })

  test('the error of a function has its own frames', async () => {
    const broken = session.parallelize([1, 2]).map((value: number): number => {
      if (value === 2) throw new TypeError('two is too much')
      return value
    })
    const error = await failure(broken.collect())
    expect(error.code).toBe('USER_CODE_FAILED')
    expect(error.message).toContain('two is too much')
    expect((error.cause as Error).name).toBe('TypeError')
    expect(error.stack).toContain('remote-runner.test.ts')
  })
})

describe('a driver that is not there', () => {
  test('wrong tokens are refused', async () => {
    const stranger = new Session({ master: `millrace://${driver.address}`, token: 'guessed' })
    expect((await failure(stranger.execute('SELECT id FROM range(3)'))).code).toBe('UNAUTHENTICATED')
    await stranger.stop()
  })

  test('jobs fail at once when it dies, and the next ones ask for it again', async () => {
    const second = await startTestDriver()
    const program = open(second)
    const long = program.sql('SELECT count(*) FROM range(1000000) a CROSS JOIN range(1000000) b').collect()
    const other = program.sql('SELECT count(*) FROM range(2000000) a CROSS JOIN range(1000000) b').collect()
    const failed = Promise.all([failure(long), failure(other)])
    while ((second.received.get('job') ?? 0) < 2) await new Promise((resolve) => setTimeout(resolve, 10))
    await second.kill()
    for (const error of await failed) {
      expect(error.code).toBe('CLUSTER_UNREACHABLE')
      expect(error.hint).toBeDefined()
    }
    expect((await failure(program.execute('SELECT id FROM range(3)'))).code).toBe('CLUSTER_UNREACHABLE')
    await program.stop()
    await second.close()
  }, 60_000)

  test('a stopped session runs nothing any more', async () => {
    const program = open(driver)
    await program.execute('SELECT id FROM range(3)')
    await program.stop()
    expect((await failure(program.execute('SELECT id FROM range(3)'))).code).toBe('CANCELLED')
  })
})
