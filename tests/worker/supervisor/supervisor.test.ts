import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type LogFields,
  type RunningWorker,
  startWorker,
  type WorkerConfig,
} from '../../../worker/supervisor/index.ts'
import { testCore } from '../../driver/local/test-core.ts'
import { TestJob } from '../executor/test-jobs.ts'
import { endOf, SESSION_ID, TestDriver, type WorkerStream } from '../test-driver.ts'

const core = testCore()
let driver: TestDriver
let workers: RunningWorker[]
let log: { readonly message: string; readonly fields: LogFields }[]

beforeEach(async () => {
  driver = new TestDriver()
  workers = []
  log = []
  await driver.serve()
})
afterEach(async () => {
  for (const worker of workers) await worker.stop()
  await driver.close()
})

async function start(options: Partial<WorkerConfig> = {}): Promise<RunningWorker> {
  const worker = await startWorker({
    driver: driver.address,
    security: driver.security,
    slots: 2,
    memoryBytes: 64 << 20,
    localDir: driver.folder,
    listenHost: '127.0.0.1',
    tls: null,
    host: 'here',
    log: (_level, message, fields = {}) => log.push({ message, fields }),
    ...options,
  })
  workers.push(worker)
  return worker
}

function register(stream: WorkerStream) {
  return stream.until((reports) => reports.find((report) => report.case === 'register')?.value)
}

/** Lets a worker start an executor; its stream to the driver. */
async function startExecutor(stream: WorkerStream, executorId: string) {
  const { sessionToken } = driver
  const value = { executorId, sessionId: SESSION_ID, threads: 1, memoryBytes: 32 << 20, sessionToken }
  stream.send({ case: 'start', value })
  return await driver.executor(executorId)
}

function exitOf(stream: WorkerStream, executorId: string) {
  return stream.until((reports) => {
    for (const report of reports)
      if (report.case === 'exited' && report.value.executorId === executorId) return report.value
    return undefined
  })
}

function pidOf(executor: Awaited<ReturnType<typeof startExecutor>>): number {
  const hello = executor.reports.find((report) => report.case === 'hello')
  return hello?.case === 'hello' ? hello.value.pid : 0
}

test('a worker registers, beats, and has the same id when it starts again', async () => {
  const first = await start()
  const stream = await driver.worker(1)
  const { workerId, slots, memoryBytes, blockAddress, host, outputs, executorIds } = await register(stream)
  expect({ workerId, slots, memoryBytes, blockAddress, host, outputs, executorIds }).toEqual({
    workerId: first.workerId,
    slots: 2,
    memoryBytes: 64 << 20,
    blockAddress: first.blockAddress,
    host: 'here',
    outputs: [],
    executorIds: [],
  })
  stream.send({ case: 'welcome', value: { heartbeatMs: 100 } })
  await stream.until((reports) => reports.filter((report) => report.case === 'beat').length >= 2 || undefined)
  await first.stop()
  expect((await start()).workerId).toBe(first.workerId)
})

test('two workers cannot have one folder', async () => {
  await start()
  // As another process, which lives: the one that started this one.
  const { writeFileSync } = await import('node:fs')
  writeFileSync(join(driver.folder, 'worker-pid'), `${process.ppid}\n`)
  await expect(start()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})

describe('an executor', () => {
  test('that is killed is reported with the reason, and what it left on disk is served', async () => {
    const worker = await start()
    const stream = await driver.worker(1)
    const one = await startExecutor(stream, 'e/1')
    const job = await TestJob.of(
      core,
      'SELECT id % 2 k, count(*) c FROM range(0, 10, 1, 2) GROUP BY 1',
      1,
      'disk',
    )
    for (const { id } of job.graph.stages) job.sendStage(one, id)
    expect((await job.run(one, 0, 0)).durable).toBe(true)
    expect((await job.run(one, 0, 1)).durable).toBe(true)
    process.kill(pidOf(one), 'SIGKILL')
    const { reason, outputs } = await exitOf(stream, 'e/1')
    expect(reason).toBe('signal SIGKILL')
    const kept = outputs.map(({ jobId, stage, partition, attempt }) => [jobId, stage, partition, attempt])
    expect(kept.sort()).toEqual([
      [job.jobId, 0, 0, 0],
      [job.jobId, 0, 1, 0],
    ])
    // Another one reads it from the worker.
    const two = await startExecutor(stream, 'e/2')
    for (const { id } of job.graph.stages) job.sendStage(two, id)
    const value = {
      jobId: job.jobId,
      stage: 0,
      version: 1,
      hosts: [{ executorId: worker.workerId, address: worker.blockAddress, certificate: '' }],
      hostOfPartition: [0, 0],
      attemptOfPartition: [0, 0],
    }
    two.send({ case: 'outputs', value })
    const ends = [await job.run(two, 1, 0), await job.run(two, 1, 1)]
    expect(ends.flatMap(({ partitionRows }) => partitionRows).reduce((sum, rows) => sum + rows, 0)).toBe(2)
    // And so it does when the worker has started again, which nobody told of the session's token.
    two.end()
    await exitOf(stream, 'e/2')
    await worker.stop()
    const again = await start()
    const { outputs: found } = await register(await driver.worker(2))
    expect(found.length).toBe(2)
    const { stream: three } = await driver.startExecutor('e/3')
    for (const { id } of job.graph.stages) job.sendStage(three, id)
    const hosts = [{ executorId: again.workerId, address: again.blockAddress, certificate: '' }]
    three.send({ case: 'outputs', value: { ...value, hosts } })
    expect((await endOf(three, job.launch(three, 1, 0))).error.length).toBe(0)
  })

  test('is stopped when the driver says so, and its session leaves no files', async () => {
    await start()
    const stream = await driver.worker(1)
    await startExecutor(stream, 'e/1')
    stream.send({ case: 'stop', value: { executorId: 'e/1', kill: false } })
    expect((await exitOf(stream, 'e/1')).reason).toMatch(/^exit code 0/)
    stream.send({ case: 'stop', value: { executorId: 'e/9', kill: true } })
    expect((await exitOf(stream, 'e/9')).reason).toBe('it does not run')
    const other = await startExecutor(stream, 'e/2')
    expect(existsSync(join(driver.folder, SESSION_ID))).toBe(true)
    stream.send({ case: 'endSession', value: { sessionId: SESSION_ID } })
    await other.until((_, isClosed) => isClosed || undefined)
    while (existsSync(join(driver.folder, SESSION_ID)))
      await new Promise((resolve) => setTimeout(resolve, 20))
    expect(readdirSync(driver.folder).sort()).toEqual(['worker-id', 'worker-pid'])
  })

  test('that cannot live is reported with what it said', async () => {
    await start()
    const stream = await driver.worker(1)
    const { sessionToken } = driver
    const value = { executorId: 'e/1', sessionId: SESSION_ID, threads: 1, memoryBytes: 1, sessionToken }
    stream.send({ case: 'start', value })
    expect((await exitOf(stream, 'e/1')).reason).toMatch(/exit code 3: .*too small/)
  })
})

test('a worker looks for a driver that is away, and tells of the executors that it then has', async () => {
  await start()
  const stream = await driver.worker(1)
  await register(stream)
  const executor = await startExecutor(stream, 'e/1')
  stream.end()
  const back = await driver.worker(2)
  expect((await register(back)).executorIds).toEqual(['e/1'])
  await driver.stopServing()
  await executor.until((_, isClosed) => isClosed || undefined)
  await driver.serve()
  const { executorIds } = await register(await driver.worker(3))
  expect(executorIds.length).toBeLessThan(2)
})

test('a worker with a wrong token is refused, and does not try again', async () => {
  const worker = await start({ security: { token: 'another', tls: null } })
  expect(await worker.refused).toMatchObject({ code: 'UNAUTHENTICATED' })
  expect(driver.workers).toEqual([])
})

test('a worker that leaves waits until the driver lets it go', async () => {
  const worker = await start()
  const stream = await driver.worker(1)
  await register(stream)
  const left = worker.leave(60_000)
  await stream.until((reports) => reports.find((report) => report.case === 'leaving'))
  stream.send({ case: 'drain', value: {} })
  await left
})

test('secrets stand in no log and in no file', async () => {
  await start()
  const stream = await driver.worker(1)
  await startExecutor(stream, 'e/1')
  const files = [join(driver.folder, SESSION_ID, 'token-hash'), join(driver.folder, 'worker-id')]
  const texts = [JSON.stringify(log), ...files.map((file) => readFileSync(file, 'utf8'))].join('\n')
  expect(log.map(({ message }) => message)).toContain('executor started')
  for (const secret of [driver.sessionToken, driver.security.token]) expect(texts).not.toContain(secret)
})
