import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeErrorData } from '../../../proto/messages/index.ts'
import { testCore } from '../../driver/local/test-core.ts'
import { type ExecutorStream, endOf, TestDriver } from '../test-driver.ts'
import { rowsOf, TestJob } from './test-jobs.ts'

const core = testCore()
const driver = new TestDriver()
let first: ExecutorStream
let second: ExecutorStream

beforeAll(async () => {
  await driver.serve()
  const both = await Promise.all([driver.startExecutor('w-1/s/1'), driver.startExecutor('w-2/s/1')])
  first = both[0].stream
  second = both[1].stream
})
afterAll(() => driver.close())

const LONG = 'SELECT count(*) FROM range(1000000) a CROSS JOIN range(1000000) b WHERE a.id * b.id = 7'

let lastJob = 0
const jobOf = (query: string, storage?: 'memory' | 'disk') => TestJob.of(core, query, ++lastJob, storage)

/** Resolves when an executor says that it holds nothing. */
async function isEmpty(stream: ExecutorStream): Promise<void> {
  const from = stream.reports.length
  await stream.until(
    (reports) =>
      reports.slice(from).some(({ case: kind, value }) => kind === 'beat' && value.usedBytes === 0) ||
      undefined,
  )
}

/** Ends a job; every byte of it is back then. */
async function nothingIsLeft(job: TestJob): Promise<void> {
  job.release([first, second])
  await Promise.all([isEmpty(first), isEmpty(second)])
}

const GROUPS = 'SELECT id % 5 k, count(*) c, sum(id) s FROM range(0, 1000, 1, 2) GROUP BY 1'

/** Runs both map tasks, one on each executor, and tells both where the outputs lie. */
async function mapped(storage: 'memory' | 'disk'): Promise<TestJob> {
  const job = await jobOf(GROUPS, storage)
  expect(job.graph.stages.map(({ taskCount }) => taskCount)).toEqual([2, 2])
  for (const executor of [first, second]) for (const stage of [0, 1]) job.sendStage(executor, stage)
  const ends = await Promise.all([job.run(first, 0, 0), job.run(second, 0, 1)])
  for (const { error, durable, partitionRows, partitionBytes, inline } of ends) {
    expect(error.length).toBe(0)
    expect(durable).toBe(storage === 'disk')
    expect(partitionRows.reduce((sum, rows) => sum + rows, 0)).toBe(5)
    expect(partitionBytes.length).toBe(2)
    expect(inline).toEqual([])
  }
  for (const executor of [first, second])
    job.sendOutputs(executor, 0, [{ executor: first }, { executor: second }])
  return job
}

describe.each(['memory', 'disk'] as const)('outputs in %s', (storage) => {
  test('a shuffle over two executors gives every row once, inline', async () => {
    const job = await mapped(storage)
    const ends = await Promise.all([job.run(first, 1, 0), job.run(second, 1, 1)])
    const rows = ends.flatMap(({ inline }) => rowsOf(inline, core.pool)).sort((a, b) => a[0]! - b[0]!)
    expect(rows).toEqual([0, 1, 2, 3, 4].map((k) => [k, 200, 99_500 + 200 * k]))
    await nothingIsLeft(job)
  })
})

test('an output that is not there is reported as missing', async () => {
  const job = await mapped('memory')
  job.sendOutputs(first, 0, [{ executor: first }, { executor: second, attempt: 7 }], 2)
  const end = await job.run(first, 1, 0)
  expect(decodeErrorData(end.error).code).toBe('SHUFFLE_FETCH_FAILED')
  expect(end.missing).toMatchObject({ stage: 0, partition: 1, attempt: 7, executorId: 'w-2/s/1' })
  // The older word does not count.
  job.sendOutputs(first, 0, [{ executor: first }, { executor: second }], 1)
  expect((await job.run(first, 1, 0)).missing).toBeDefined()
  job.sendOutputs(first, 0, [{ executor: first }, { executor: second }], 3)
  expect((await job.run(first, 1, 0)).error.length).toBe(0)
  await nothingIsLeft(job)
})

test('a stage that was not sent, or whose inputs nobody knows, fails its task alone', async () => {
  const job = await jobOf(GROUPS)
  expect(decodeErrorData((await job.run(first, 1, 0)).error).code).toBe('PROTOCOL_ERROR')
  job.sendStage(first, 1)
  expect(decodeErrorData((await job.run(first, 1, 0)).error).code).toBe('PROTOCOL_ERROR')
  job.sendStage(first, 0)
  expect((await job.run(first, 0, 0)).error.length).toBe(0)
  await nothingIsLeft(job)
})

test('cancelled attempts end as such, those that wait too, and leave nothing', async () => {
  const job = await jobOf(LONG)
  for (const { id } of job.graph.stages) job.sendStage(first, id)
  const [build] = job.graph.stages
  expect((await job.run(first, build!.id, 0)).error.length).toBe(0)
  job.sendOutputs(first, build!.id, [{ executor: first }])
  const probe = job.graph.stages.find(({ inputs, taskCount }) => inputs.includes(build!.id) && taskCount > 1)
  const ids = Array.from({ length: 8 }, (_, index) =>
    job.launch(first, probe!.id, index % probe!.taskCount, index),
  )
  await first.until(
    (reports) =>
      reports.some(({ case: kind, value }) => kind === 'begun' && value.attemptIds.includes(ids[0]!)) ||
      undefined,
  )
  first.send({ case: 'cancel', value: { attemptIds: ids } })
  const ends = await Promise.all(ids.map((id) => endOf(first, id)))
  expect(new Set(ends.map(({ error }) => decodeErrorData(error).code))).toEqual(new Set(['CANCELLED']))
  await nothingIsLeft(job)
})

test('a table of a join is built for the tasks that probe it, from rows of all executors', async () => {
  const join = 'SELECT a.id FROM range(0, 100, 1, 4) a JOIN range(0, 100, 2, 2) b ON a.id = b.id'
  const job = await jobOf(join)
  const [rows, table, probe] = job.graph.stages
  expect([rows!.taskCount, table!.output?.kind, probe!.taskCount]).toEqual([2, 'table', 4])
  for (const executor of [first, second]) for (const { id } of [rows!, probe!]) job.sendStage(executor, id)
  await Promise.all([job.run(first, rows!.id, 0), job.run(second, rows!.id, 1)])
  job.sendOutputs(first, rows!.id, [{ executor: first }, { executor: second }])
  const ends = await Promise.all([0, 1, 2, 3].map((partition) => job.run(first, probe!.id, partition)))
  expect(ends.flatMap(({ inline }) => rowsOf(inline, core.pool)).flat()).toEqual(
    Array.from({ length: 50 }, (_, index) => 2 * index),
  )
  // Its memory goes with the rows that it was made of.
  first.send({ case: 'release', value: { jobId: job.jobId, stage: rows!.id } })
  await isEmpty(first)
  await nothingIsLeft(job)
})

test('memory that is not there fails the task, and the next one runs', async () => {
  const job = await jobOf('SELECT length(repeat(id, 40000000)) FROM range(0, 3, 1, 1)')
  job.sendStage(first, 0)
  expect(decodeErrorData((await job.run(first, 0, 0)).error).code).toBe('RESOURCES_EXHAUSTED')
  const small = await jobOf('SELECT id FROM range(0, 3, 1, 1)')
  small.sendStage(first, 0)
  const end = await small.run(first, 0, 0)
  expect(rowsOf(end.inline, core.pool)).toEqual([[0], [1], [2]])
})

test('blocks travel over TLS where the driver has it', async () => {
  const secure = new TestDriver({ tls: true })
  try {
    await secure.serve()
    const ids = ['w-1/s/1', 'w-2/s/1']
    const [one, other] = await Promise.all(ids.map(async (id) => (await secure.startExecutor(id)).stream))
    const job = await jobOf(GROUPS)
    for (const executor of [one!, other!]) for (const stage of [0, 1]) job.sendStage(executor, stage)
    await Promise.all([job.run(one!, 0, 0), job.run(other!, 0, 1)])
    job.sendOutputs(one!, 0, [{ executor: one! }, { executor: other! }])
    const ends = [await job.run(one!, 1, 0), await job.run(one!, 1, 1)]
    expect(ends.flatMap(({ inline }) => rowsOf(inline, core.pool)).length).toBe(5)
    const hello = other!.reports.find((report) => report.case === 'hello')
    expect(hello?.case === 'hello' && hello.value.blockCertificate).toMatch(/BEGIN CERTIFICATE/)
  } finally {
    await secure.close()
  }
})

describe('a process', () => {
  test('ends when its standard input does, and when the driver ends its stream', async () => {
    const one = await driver.startExecutor('w-1/s/2')
    one.process.stop(false)
    expect(await one.process.ended).toMatch(/exit code 0: .*supervisor is gone/)
    const other = await driver.startExecutor('w-1/s/3')
    other.stream.end()
    expect(await other.process.ended).toMatch(/exit code 0: .*the driver/)
  })

  test('knows nothing of the cluster: neither its environment nor its arguments do', async () => {
    process.env['MILLRACE_TOKEN'] = 'of the cluster'
    try {
      const { process: child } = await driver.startExecutor('w-1/s/4')
      const environment = readFileSync(`/proc/${child.pid}/environ`, 'utf8')
      const names = environment.split('\0').map((line) => line.split('=')[0])
      expect(
        names.filter((name) => name !== '').every((name) => ['PATH', 'HOME', 'TZ', 'LANG'].includes(name!)),
      ).toBe(true)
      expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).not.toContain(driver.sessionToken)
      child.stop(true)
      expect(await child.ended).toBe('signal SIGKILL')
    } finally {
      delete process.env['MILLRACE_TOKEN']
    }
  })
})
