import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { listEventLogs, readEventLog, type TimedRecord } from '../../driver/cluster/index.ts'
import { ClusterHistory } from '../../driver/ui/index.ts'
import { Driver } from '../../proto/cluster/index.ts'
import { connectGrpc } from '../../proto/grpc/index.ts'
import { startCluster, type TestCluster, until } from './test-cluster.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-driver-'))
const opened: TestCluster[] = []
afterEach(async () => {
  for (const cluster of opened.splice(0)) await cluster.close()
  rmSync(folder, { recursive: true, force: true })
})

async function start(options: Parameters<typeof startCluster>[0] = {}): Promise<TestCluster> {
  const cluster = await startCluster({ driverFlags: ['--heartbeat', '200ms'], ...options })
  opened.push(cluster)
  return cluster
}

/** Sums that every row takes part in, over a shuffle; and rows enough to be fetched. */
const SUMS =
  'SELECT count(*) AS n, sum(k) AS k, sum(s) AS s FROM (SELECT id % 1000 AS k, sum(id) AS s FROM range(300000) GROUP BY 1)'
const SUMS_ROWS = [{ n: 1000, k: 499500, s: 44999850000 }]
const ROWS = 'SELECT id, repeat(cast(id AS string), 20) AS t FROM range(200000) DISTRIBUTE BY id % 4'

async function readAll(file: string): Promise<TimedRecord[]> {
  const records: TimedRecord[] = []
  for await (const record of readEventLog(file)) records.push(record)
  return records
}

test('the history of a job can be made of its event log, and no secret is in it', async () => {
  const log = join(folder, 'events')
  const running = await start({ driverFlags: ['--event-log', log] })
  const session = running.session()
  expect(await session.execute(SUMS)).toEqual(SUMS_ROWS)
  await session.stop()
  await running.cluster.close()
  const files = listEventLogs(log).filter((file) => !basename(file).startsWith('driver-'))
  expect(files).toHaveLength(1)
  const records = await readAll(files[0]!)
  expect(JSON.stringify(records)).not.toContain(running.cluster.token)
  const history = new ClusterHistory(
    () => Date.now(),
    () => ({ workers: new Map(), executors: new Map(), storage: [], programs: [] }),
  )
  for (const record of records) history.add(record)
  const [job] = history.jobs({ offset: 0, limit: 10 })
  expect(job).toMatchObject({ state: 'done' })
  const ended = records.filter((record) => record.kind === 'taskEnded')
  const tasks = records.flatMap((record) => (record.kind === 'jobSubmitted' ? record.stages : []))
  expect(ended.length).toBeGreaterThanOrEqual(tasks.length)
  expect(ended.every(({ error, runMs }) => error === null && runMs > 0)).toBe(true)
})

test('rows that are fetched come whole and in order, though their client is slow', async () => {
  const running = await start()
  const session = running.session()
  let rows = 0
  let sum = 0
  const frame = await session.sql(ROWS)
  for await (const row of frame) {
    rows++
    sum += Number(row['id'])
    if (rows % 50_000 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect([rows, sum]).toEqual([200_000, 19999900000])
  await session.stop()
})

test('a worker that is taken out of service ends by itself, and its jobs go on elsewhere', async () => {
  const running = await start()
  const session = running.session()
  await session.execute(SUMS)
  await running.untilWorkers(2)
  const { workers } = await running.status()
  const gone = workers[0]!.workerId
  const connection = connectGrpc({
    address: running.cluster.address,
    security: { token: running.cluster.token, tls: null },
  })
  await connection.client(Driver).decommission({ workerId: gone })
  expect(await session.execute(SUMS)).toEqual(SUMS_ROWS)
  await until(async () => {
    const ids = (await running.status()).workers.map(({ workerId }) => workerId)
    return ids.includes(gone) ? `${gone} is still there` : null
  })
  await until(() => {
    const codes = running.cluster.workers.map(({ child }) => child.exitCode)
    return codes.filter((code) => code === 0).length === 1 ? null : `exit codes ${codes}`
  })
  expect(await session.execute(SUMS)).toEqual(SUMS_ROWS)
  connection.close()
  await session.stop()
})

test('a driver starts workers when there is work, and stops them when there is none', async () => {
  const flags = [
    '--heartbeat',
    '200ms',
    '--workers',
    '0..2',
    '--worker-memory',
    '256m',
    '--worker-idle',
    '1s',
  ]
  const running = await start({ workers: 0, driverFlags: [...flags, '--executor-idle', '500ms'] })
  const session = running.session()
  expect(await session.execute(SUMS)).toEqual(SUMS_ROWS)
  await until(async () => {
    const { length } = (await running.status()).workers
    return length === 0 ? null : `${length} workers are still there`
  })
  expect(await session.execute(SUMS)).toEqual(SUMS_ROWS)
  await session.stop()
})

test('a driver that stood still for longer than its patience with others loses nobody', async () => {
  const log = join(folder, 'still')
  const flags = ['--heartbeat', '200ms', '--worker-timeout', '1s', '--event-log', log]
  const running = await start({ driverFlags: flags })
  const session = running.session()
  expect(await session.execute(SUMS)).toEqual(SUMS_ROWS)
  const job = session.execute(SUMS)
  running.cluster.driver.child.kill('SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, 3000))
  running.cluster.driver.child.kill('SIGCONT')
  expect(await job).toEqual(SUMS_ROWS)
  expect((await running.status()).workers).toHaveLength(2)
  await session.stop()
  await running.cluster.close()
  const [file] = listEventLogs(log).filter((name) => basename(name).startsWith('driver-'))
  const kinds = (await readAll(file!)).map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind === 'workerJoined')).toHaveLength(2)
  expect(kinds).not.toContain('workerLost')
})

test('when the driver dies clients hear it; a detached program comes back with the next driver', async () => {
  const state = ['--state-dir', join(folder, 'state'), '--heartbeat', '200ms']
  const first = await start({ driverFlags: state })
  const text = `
    import { Session } from 'millrace'
    const session = new Session()
    for (;;) console.log('rows', (await session.execute('select 1 as x from range(3)')).length)`
  const hash = createHash('sha256').update(text).digest('hex')
  const calls = (running: TestCluster) => {
    const { address, token } = running.cluster
    const connection = connectGrpc({ address, security: { token, tls: null } })
    return { client: connection.client(Driver), close: () => connection.close() }
  }
  const one = calls(first)
  const piece = { name: 'loop', hash, bundle: Buffer.from(text) }
  const { programId } = await one.client.submitProgram([piece])
  for await (const { text } of one.client.readOutput({ programId, follow: true }))
    if (Buffer.from(text).toString().includes('rows 3')) break
  one.close()

  const session = first.session()
  const job = session.execute(
    'SELECT sum(a.id % 7 + b.id) AS s FROM range(100000) a CROSS JOIN range(100000) b',
  )
  const failure = expect(job).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE' })
  await until(async () => ((await first.status()).sessions.length >= 2 ? null : 'no job runs'))
  first.cluster.driver.child.kill('SIGKILL')
  await failure
  await session.stop()
  await first.cluster.close()

  const second = await start({ driverFlags: state })
  const two = calls(second)
  await until(async () => {
    const { programs } = await two.client.listPrograms({})
    const [program] = programs
    return program?.starts === 2 && program.state === 'running' ? null : JSON.stringify(programs)
  })
  await until(async () => {
    const { sessions } = await second.status()
    return sessions.some(({ jobsRunning }) => jobsRunning > 0) ? null : JSON.stringify(sessions)
  })
  await two.client.kill({ id: programId })
  await until(async () =>
    (await second.status()).sessions.length === 0 ? null : 'its session is still there',
  )
  two.close()
})
