import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { EngineError } from '../../engine/errors.ts'
import { startCluster, type TestCluster, until } from '../cluster/test-cluster.ts'
import { type Phase, runCheckedJob } from './checked-job.ts'
import { childrenOf, executorOf } from './faults.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-faults-'))
const opened: TestCluster[] = []
const mounted: string[] = []
afterEach(async () => {
  for (const cluster of opened.splice(0)) await cluster.close()
  for (const path of mounted.splice(0)) spawnSync('umount', ['-l', path])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const QUICK = ['--heartbeat', '200ms', '--worker-timeout', '2s']

async function start(options: Parameters<typeof startCluster>[0] = {}): Promise<TestCluster> {
  const cluster = await startCluster({ driverFlags: QUICK, ...options })
  opened.push(cluster)
  await cluster.untilWorkers(2)
  return cluster
}

async function failure(work: Promise<unknown>): Promise<EngineError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(EngineError)
  return error as EngineError
}

/** Files of outputs below a folder. */
function blockFiles(path: string): readonly string[] {
  if (!existsSync(path)) return []
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.blocks'))
    .map((name) => join(path, name))
}

test.each(['map', 'shuffle', 'result'] as const)(
  'the driver is killed in %s: the client hears of it at once',
  async (phase) => {
    const running = await start()
    const session = running.session()
    let killedAt = 0
    const error = await failure(
      runCheckedJob(session, async (now) => {
        if (now !== phase) return
        killedAt = performance.now()
        running.cluster.driver.child.kill('SIGKILL')
        await running.cluster.driver.ended
      }),
    )
    expect(error.code).toBe('CLUSTER_UNREACHABLE')
    expect(error.hint).toBeDefined()
    expect(performance.now() - killedAt).toBeLessThan(5000)
    // Executors end when they do not find their driver any more.
    await until(() => {
      const left = running.cluster.workers.flatMap(({ child }) => childrenOf(child.pid!))
      return left.length === 0 ? null : `executors ${left} are left`
    }, 60_000)
    await session.stop()
  },
)

test('blocks that were damaged on disk are found out and made again', async () => {
  const running = await start({ localDir: folder })
  const session = running.session({ settings: { 'shuffle.storage': 'disk' } })
  let damaged = 0
  const report = await runCheckedJob(session, async (phase: Phase) => {
    if (phase !== 'shuffle') return
    for (const path of blockFiles(folder)) {
      const { size } = statSync(path)
      if (size < 1000) continue
      const file = openSync(path, 'r+')
      writeSync(file, Buffer.from([0x5a, 0xa5, 0x5a]), 0, 3, Math.floor(size / 2))
      closeSync(file)
      damaged++
    }
  })
  expect(damaged).toBeGreaterThan(0)
  expect(report.faults).toEqual([])
  await session.stop()
  await until(() => (blockFiles(folder).length === 0 ? null : 'files of the session are left'))
})

test('a full disk is an error that says so, and the cluster goes on', async () => {
  const small = join(folder, 'small')
  spawnSync('mkdir', ['-p', small])
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', small])
  expect(status, 'a small tmpfs needs root').toBe(0)
  mounted.push(small)
  const running = await start({ localDir: small })
  const session = running.session({ settings: { 'shuffle.storage': 'disk' } })
  const error = await failure(runCheckedJob(session, async () => {}))
  expect(['IO_ERROR', 'RESOURCES_EXHAUSTED']).toContain(error.code)
  expect(error.message).toMatch(/space|disk|ENOSPC/i)
  await session.stop()
  const other = running.session()
  expect(
    await other.execute('SELECT count(*) AS n FROM (SELECT DISTINCT id % 100 FROM range(100000))'),
  ).toEqual([{ n: 100 }])
  await other.stop()
})

test('an executor that has too little memory fails its task by name, and nobody else', async () => {
  const running = await start()
  const session = running.session({ executorMemory: '24m' })
  const error = await failure(
    session.execute(
      'SELECT count(*) FROM (SELECT collect_list(id) AS ids FROM range(6000000)) WHERE size(ids) > 1',
    ),
  )
  expect(error.code).toBe('RESOURCES_EXHAUSTED')
  expect(await session.execute('SELECT count(*) AS n FROM range(1000)')).toEqual([{ n: 1000 }])
  await session.stop()
})

test('an executor that dies again and again ends the job with the reason', async () => {
  const running = await start()
  const session = running.session()
  session.udf(
    'dies',
    (id: number): number => {
      if (id === 77) process.kill(process.pid, 'SIGKILL')
      return id
    },
    { args: ['int'], returns: 'int' },
  )
  const error = await failure(session.execute('SELECT sum(dies(CAST(id AS INT))) FROM range(1000)'))
  expect(error.code).toBe('WORKER_LOST')
  expect(error.message).toContain('SIGKILL')
  await session.stop()
  await executorOf(running.cluster.workers[0]!).catch(() => 0)
})
