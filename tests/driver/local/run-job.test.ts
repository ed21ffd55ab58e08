import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { Session } from '../../../driver/session.ts'
import type { EngineError } from '../../../engine/errors.ts'
import { countRows, start, testCore } from './test-core.ts'

const core = testCore()
const session = new Session({ master: 'local[2]', memory: '256m', timeZone: 'UTC' })
const folder = mkdtempSync(join(tmpdir(), 'millrace-job-'))
afterAll(async () => {
  await session.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Every byte is back after each test, however it went. */
afterEach(() => {
  expect(core.pool.usedBytes).toBe(0)
  expect(session.usedBytes).toBe(0)
})

const LONG = 'SELECT count(*) FROM range(1000000) a CROSS JOIN range(1000000) b WHERE a.id * b.id = 7'

describe('memory', () => {
  test('is back after success', async () => {
    expect(
      await countRows(core, 'SELECT id % 1000, count(*) FROM range(1000000) GROUP BY 1 ORDER BY 2, 1'),
    ).toBe(1000)
  })

  test.each([
    ['an error in the middle', 'SELECT 1 / (id - 900000) FROM range(1000000)', 'DIVIDE_BY_ZERO'],
    [
      'an error after an exchange',
      'SELECT 1 / (c - 1) FROM (SELECT id, count(*) c FROM range(100000) GROUP BY id)',
      'DIVIDE_BY_ZERO',
    ],
    ['an error in a sort', 'SELECT 1 / (id - 5) x FROM range(100000) ORDER BY x', 'DIVIDE_BY_ZERO'],
  ])('is back after %s', async (_, query, code) => {
    await expect(countRows(core, query)).rejects.toMatchObject({ code })
  })

  test('is back after a corrupt file', async () => {
    const file = join(folder, 'corrupt.parquet')
    writeFileSync(file, Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(500, 7), Buffer.from('PAR1')]))
    await expect(countRows(core, `SELECT * FROM parquet.\`${file}\``)).rejects.toMatchObject({
      code: 'CORRUPT_FILE',
    })
  })

  test('has a limit', async () => {
    const small = testCore({ memory: '16m' })
    const query = 'SELECT length(repeat(id, 40000000)) FROM range(3)'
    await expect(countRows(small, query)).rejects.toMatchObject({ code: 'RESOURCES_EXHAUSTED' })
    expect(small.pool.usedBytes).toBe(0)
    expect(await countRows(small, 'SELECT id FROM range(1000)')).toBe(1000)
  })

  test('stays bounded when rows are read slowly', async () => {
    const quiet = testCore({ memory: '64m' })
    const query = await start(quiet, 'SELECT id, id * 2 AS x FROM range(10000000)')
    let rows = 0
    for await (const { batch, release } of query.batches) {
      if (rows < 200_000) await sleep(5)
      rows += batch.rowCount
      release()
    }
    expect(rows).toBe(10_000_000)
    expect(quiet.pool.peakBytes).toBeLessThan(32 << 20)
    expect(quiet.pool.usedBytes).toBe(0)
  })
})

describe('cancelling', () => {
  /** Cancels what would go on for hours; gives the code of the error that it then ends with. */
  async function stopped(run: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), 700)
    try {
      return await run(abort.signal)
    } catch (error) {
      return (error as EngineError).code
    } finally {
      clearTimeout(timer)
    }
  }

  test('stops a long join', async () => {
    await expect(stopped((signal) => countRows(core, LONG, { signal }))).resolves.toBe('CANCELLED')
  })

  test('stops a user function that never returns', async () => {
    session.udf(
      'forever',
      (x: number) => {
        for (;;) if (x < 0) return x
      },
      { args: ['bigint'], returns: 'bigint' },
    )
    const frame = session.sql('SELECT forever(id) AS x FROM range(10)')
    await expect(stopped((signal) => frame.collect({ signal }))).resolves.toBe('CANCELLED')
    expect(await session.sql('SELECT 1 AS x').collect()).toEqual([{ x: 1 }])
  })

  test('before the start runs nothing', async () => {
    await expect(countRows(core, LONG, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })

  test('takes effect while nobody reads', async () => {
    const abort = new AbortController()
    const query = await start(core, 'SELECT id FROM range(100000000)', { signal: abort.signal })
    const { value } = await query.batches.next()
    expect(value?.batch.rowCount).toBeGreaterThan(0)
    abort.abort()
    await expect(query.batches.next()).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  test('happens when the reader stops', async () => {
    const query = await start(core, 'SELECT id FROM range(100000000)')
    for await (const { batch } of query.batches) if (batch.rowCount > 0) break
    expect(core.pool.usedBytes).toBe(0)
    for await (const row of session.range(100_000_000)) if (Number(row.id) > 10) break
  })

  test('stops only its own job', async () => {
    const abort = new AbortController()
    const long = countRows(core, LONG, { signal: abort.signal })
    const short = countRows(core, 'SELECT id FROM range(1000)')
    setTimeout(() => abort.abort(), 300)
    await expect(long).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await short).toBe(1000)
  })
})

describe('threads', () => {
  test('a thread that ends under a task is replaced and the task runs again', async () => {
    const marker = join(folder, 'ended-once')
    const once = (x: number, env: { marker: string }): number => {
      const { existsSync, writeFileSync } = process.getBuiltinModule('node:fs')
      if (!existsSync(env.marker)) {
        writeFileSync(env.marker, '')
        process.exit(3)
      }
      return x
    }
    session.udf('once', once as (...args: never[]) => unknown, {
      args: ['bigint'],
      returns: 'bigint',
      with: { marker },
    })
    expect(await session.sql('SELECT sum(once(id)) AS s FROM range(1000)').collect()).toEqual([{ s: 499500 }])
  })

  test('a task that always ends its thread fails with WORKER_LOST', async () => {
    session.udf('ends', () => process.exit(3), { args: ['bigint'], returns: 'bigint' })
    await expect(session.sql('SELECT sum(ends(id)) AS s FROM range(10)').collect()).rejects.toMatchObject({
      code: 'WORKER_LOST',
    })
    expect(await session.sql('SELECT 2 AS x').collect()).toEqual([{ x: 2 }])
  })

  test('stop() ends queries that run', async () => {
    const stopped = testCore()
    const query = countRows(stopped, LONG)
    setTimeout(() => void stopped.stop(), 300)
    await expect(query).rejects.toMatchObject({ code: 'CANCELLED', message: 'the session was stopped' })
    await expect(countRows(stopped, 'SELECT id FROM range(10)')).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(stopped.pool.usedBytes).toBe(0)
  })
})

test('queries run side by side in one session', async () => {
  const counts = Array.from({ length: 12 }, (_, i) => 1000 * (i + 1))
  const sums = counts.map(async (count) => {
    const rows = await session
      .sql(`SELECT sum(id) AS s FROM (SELECT DISTINCT id FROM range(${count}))`)
      .collect()
    return rows[0]!['s']
  })
  expect(await Promise.all(sums)).toEqual(counts.map((count) => (count * (count - 1)) / 2))
})

test("a query does not block the caller's event loop", async () => {
  let longestMs = 0
  let last = performance.now()
  const timer = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - last)
    last = performance.now()
  }, 1)
  await countRows(core, 'SELECT id % 7, count(*), sum(id) FROM range(3000000) GROUP BY 1')
  let rows = 0
  for await (const row of session.range(300_000)) rows += Number(row.id) >= 0 ? 1 : 0
  clearInterval(timer)
  expect(rows).toBe(300_000)
  // Told, not asserted: other programs share the cores.
  console.log(`longest pause of the event loop: ${longestMs.toFixed(1)} ms`)
})
