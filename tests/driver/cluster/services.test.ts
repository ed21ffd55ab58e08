import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RunningDriver, serveDriver } from '../../../driver/cluster/rpc/index.ts'
import type { ClusterEffect, ClusterEvent } from '../../../driver/scheduler/index.ts'
import type { EngineError } from '../../../engine/errors.ts'
import {
  Blocks,
  Cluster,
  Driver,
  type DriverMessage,
  type WorkerOrder,
} from '../../../proto/cluster/index.ts'
import {
  bindService,
  connectGrpc,
  type GrpcConnection,
  type GrpcServer,
  serveGrpc,
  sessionAuthority,
} from '../../../proto/grpc/index.ts'
import { graphOf, JOB_SETTINGS } from './loop-bench.ts'

const TOKEN = 'token-of-the-cluster'
const closers: (() => unknown)[] = []
const events: ClusterEvent[] = []
let answer: (event: ClusterEvent) => readonly ClusterEffect[] = () => []
let driver: RunningDriver

beforeEach(async () => {
  events.length = 0
  answer = () => []
  const graph = graphOf(1)
  driver = await serveDriver(
    { listen: '127.0.0.1:0', token: TOKEN, tls: null, loop: { heartbeatMs: 50, progressMs: 3_600_000 } },
    {
      scheduler: {
        handle: (event) => {
          events.push(event)
          return answer(event)
        },
        nextWakeMs: () => null,
        graphOf: () => graph,
      },
      readGraph: () => graph,
      keptRows: () => [],
    },
  )
  closers.push(() => driver.close())
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function connect(token: string | null, address = driver.address): GrpcConnection {
  const connection = connectGrpc({ address, security: { token, tls: null } })
  closers.push(() => connection.close())
  return connection
}

/** A stream whose messages can be waited for, one by one. */
function listenTo<Message>(link: {
  listen(listener: { message(message: Message): void; closed(error: EngineError | null): void }): void
}) {
  const messages: Message[] = []
  let wake: () => void = () => {}
  let end: EngineError | null | undefined
  link.listen({
    message: (message) => {
      messages.push(message)
      wake()
    },
    closed: (error) => {
      end = error
      wake()
    },
  })
  const until = async <Value>(found: () => Value | undefined): Promise<Value> => {
    for (;;) {
      const value = found()
      if (value !== undefined) return value
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return { next: () => until(() => messages.shift()), ended: () => until(() => end) }
}

async function eventOf<Kind extends ClusterEvent['kind']>(
  kind: Kind,
): Promise<ClusterEvent & { kind: Kind }> {
  for (;;) {
    const event = events.find((candidate) => candidate.kind === kind)
    if (event !== undefined) return event as ClusterEvent & { kind: Kind }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function register(): Promise<{ next(): Promise<WorkerOrder> }> {
  const link = connect(TOKEN).client(Cluster).supervise()
  const stream = listenTo<WorkerOrder>(link)
  const facts = { workerId: 'w1', host: 'here', slots: 2, memoryBytes: 1e9 }
  link.send({ kind: { case: 'register', value: facts } })
  expect((await stream.next()).kind).toMatchObject({ case: 'welcome', value: { heartbeatMs: 50 } })
  return stream
}

describe('a driver over gRPC', () => {
  test('a worker registers, a client attaches, an executor shows its token, a job ends with its rows', async () => {
    const worker = await register()
    const client = connect(TOKEN).client(Driver).attach()
    const messages = listenTo<DriverMessage>(client)
    client.send({ kind: { case: 'hello', value: { name: 'test' } } })
    const ready = (await messages.next()).kind
    const sessionId = ready.case === 'ready' ? ready.value.sessionId : ''
    expect((await messages.next()).kind).toMatchObject({ case: 'size', value: { slots: 2, workers: 1 } })

    const executorId = 'w1/e'
    const facts = { executorId, workerId: 'w1', sessionId, threads: 2, memoryBytes: 1e9 }
    const jobId = `${sessionId}/1`
    const location = { holderId: executorId, attempt: 0 }
    const task = { attemptId: 1, jobId, stageId: 0, partition: 0, attempt: 0, slices: null }
    answer = ({ kind }) => {
      if (kind === 'jobSubmitted') return [{ kind: 'startExecutor', ...facts }]
      if (kind === 'executorReady') return [{ kind: 'launch', executorId, tasks: [task] }]
      if (kind === 'taskEnded') return [{ kind: 'resultReady', jobId, partition: 0, attemptId: 1, location }]
      if (kind === 'resultTaken') return [{ kind: 'jobEnded', jobId, error: null }]
      return []
    }
    const header = { label: 'a job', settings: JOB_SETTINGS, creditBytes: 100 }
    client.send({ kind: { case: 'job', value: { job: 1, header, last: true } } })

    const start = (await worker.next()).kind
    const token = start.case === 'start' ? start.value.sessionToken : ''
    const blocks = await serveBlocks(sessionId, token)
    const link = connect(token).client(Cluster).execute()
    const orders = listenTo(link)
    link.send({ kind: { case: 'hello', value: { executorId, sessionId, blockAddress: blocks.address } } })
    expect((await orders.next()).kind).toMatchObject({ case: 'launch', value: { tasks: [{ attemptId: 1 }] } })
    const jobs = await connect(TOKEN).client(Driver).listJobs({})
    expect(jobs.jobs).toMatchObject([{ jobId, label: 'a job', taskCount: 1 }])
    link.send({
      kind: { case: 'ends', value: { ends: [{ attemptId: 1, partitionBytes: [9], partitionRows: [3] }] } },
    })

    const rows = [await messages.next(), await messages.next()].map(({ kind }) =>
      kind.case === 'rows' ? [...kind.value.chunk] : kind.case,
    )
    expect(rows).toEqual([[1, 2], [3]])
    expect((await messages.next()).kind.case).toBe('end')
    client.end()
    await eventOf('sessionClosed')
  })

  test.each([
    ['nobody', null, 'UNAUTHENTICATED'],
    ['a wrong token', 'another', 'UNAUTHENTICATED'],
  ])('refuses %s on every stream, and lives on', async (_name, token, code) => {
    const connection = connect(token)
    for (const link of [connection.client(Driver).attach(), connection.client(Cluster).supervise()])
      expect(await listenTo(link as never).ended()).toMatchObject({ code })
    await expect(connection.client(Driver).getStatus({})).rejects.toMatchObject({ code })
    expect((await connect(TOKEN).client(Driver).getStatus({})).workers).toEqual([])
  })

  test('the token of a session opens neither sessions nor the state of the cluster', async () => {
    const worker = await register()
    const client = connect(TOKEN).client(Driver).attach()
    client.listen({ message: () => {}, closed: () => {} })
    answer = (event) =>
      event.kind === 'sessionOpened'
        ? [
            {
              kind: 'startExecutor',
              executorId: 'e',
              workerId: 'w1',
              sessionId: event.sessionId,
              threads: 1,
              memoryBytes: 1,
            },
          ]
        : []
    client.send({ kind: { case: 'hello', value: { name: 'test' } } })
    const start = (await worker.next()).kind
    const token = start.case === 'start' ? start.value.sessionToken : ''
    const code = 'PERMISSION_DENIED'
    await expect(connect(token).client(Driver).getStatus({})).rejects.toMatchObject({ code })
    expect(await listenTo(connect(token).client(Cluster).supervise()).ended()).toMatchObject({ code })
    expect(await listenTo(connect(TOKEN).client(Cluster).execute()).ended()).toMatchObject({ code })
  })

  test('who breaks the protocol hears how, and nobody else is harmed', async () => {
    await register()
    const link = connect(TOKEN).client(Cluster).supervise()
    const stream = listenTo(link)
    link.send({ kind: { case: 'beat', value: {} } })
    expect(await stream.ended()).toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: 'a worker has not registered',
    })
    const { workers } = await connect(TOKEN).client(Driver).getStatus({})
    expect(workers).toMatchObject([{ workerId: 'w1', slots: 2, slotsUsed: 0, state: 'active' }])
  })

  test('what is not there is NOT_FOUND; programs need a folder', async () => {
    const calls = connect(TOKEN).client(Driver)
    await expect(calls.kill({ id: 's-0/1' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(calls.decommission({ workerId: 'w9' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(calls.submitProgram([{}])).rejects.toMatchObject({ code: 'UNSUPPORTED_FEATURE' })
    expect((await calls.listPrograms({})).programs).toEqual([])
  })

  test('clients and workers hear that the driver stops', async () => {
    const client = connect(TOKEN).client(Driver).attach()
    const messages = listenTo<DriverMessage>(client)
    client.send({ kind: { case: 'hello', value: {} } })
    await messages.next()
    await driver.close()
    expect(await messages.ended()).toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: 'the driver was stopped',
    })
  })

  test('refuses to listen for everyone without authentication', async () => {
    const core = { scheduler: { handle: () => [], nextWakeMs: () => null, graphOf: () => graphOf(1) } }
    const config = { listen: '0.0.0.0:0', token: null, tls: null }
    await expect(
      serveDriver(config, { ...core, readGraph: () => graphOf(1), keptRows: () => [] }),
    ).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('without authentication'),
    })
  })
})

async function serveBlocks(sessionId: string, token: string): Promise<GrpcServer> {
  const server = await serveGrpc({
    listen: '127.0.0.1:0',
    authority: sessionAuthority(sessionId, token),
    tls: null,
    services: [
      bindService(Blocks, {
        async *fetch({ jobId, ranges }) {
          expect(jobId).toBe(`${sessionId}/1`)
          expect(ranges).toMatchObject([{ stage: 0, map: 0, attempt: 0, fromPartition: 0, toPartition: 1 }])
          yield { bytes: new Uint8Array([1, 2]) }
          yield { bytes: new Uint8Array([3]) }
        },
      }),
    ],
  })
  closers.push(() => server.close())
  return server
}
