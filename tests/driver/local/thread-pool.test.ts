import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { countRows, start, testCore } from './test-core.ts'

const core = testCore()

/** Every byte is back after each test. */
afterEach(() => expect(core.pool.usedBytes).toBe(0))

const SIX_TASKS = 'SELECT id % 7, count(*) FROM range(0, 3000000, 1, 6) GROUP BY 1'

test('tasks that wait behind one whose client is slow are taken over by the free thread', async () => {
  const slow = await start(core, 'SELECT id, id * 2 AS x FROM range(0, 10000000, 1, 1)')
  const first = await slow.batches.next()
  first.value!.release()
  const counts = await Promise.all([1, 2, 3].map(() => countRows(core, SIX_TASKS)))
  expect(counts).toEqual([7, 7, 7])
  await slow.batches.return()
})

test('jobs side by side, some of them cancelled', async () => {
  const seed = Date.now() % 1_000_000
  console.log(`seed ${seed}`)
  let state = seed
  const next = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
  const jobs = Array.from({ length: 30 }, async () => {
    if (next(2) === 0) return expect(await countRows(core, SIX_TASKS)).toBe(7)
    const abort = new AbortController()
    const afterMs = next(300)
    const counted = countRows(core, SIX_TASKS, { signal: abort.signal }).catch(({ code }) => code)
    await sleep(afterMs)
    abort.abort()
    expect([7, 'CANCELLED']).toContain(await counted)
  })
  await Promise.all(jobs)
  expect(await countRows(core, SIX_TASKS)).toBe(7)
})
