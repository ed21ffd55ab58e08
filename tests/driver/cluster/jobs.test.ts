import { beforeEach, describe, expect, test } from 'vitest'
import { EngineError, errorToData } from '../../../engine/errors.ts'
import { decodePlain, encodePlain } from '../../../proto/messages/index.ts'
import { graphOf, JOB_SETTINGS, LoopBench } from './loop-bench.ts'

const SIZES = { heldRowBytes: 4, progressMs: 100, maxJobsOfSession: 2, maxGraphBytes: 100 }

let bench: LoopBench
let client: ReturnType<LoopBench['attached']>
let executor: ReturnType<LoopBench['executor']>
beforeEach(() => {
  bench = new LoopBench(SIZES)
  client = bench.attached()
  bench.registered('w1')
  executor = bench.greeted('w1', client.sessionId, 'e1')
  client.sent.length = 0
})

function submit(job: number, creditBytes = 100): string {
  const header = { label: 'select 1', pool: '', settings: JOB_SETTINGS, creditBytes }
  client.say({ case: 'job', value: { job, header, graph: new Uint8Array(1) } })
  client.say({ case: 'job', value: { job, graph: new Uint8Array(1), last: true } })
  return `${client.sessionId}/${job}`
}

function launch(jobId: string, partition: number, attemptId: number): void {
  const task = { attemptId, jobId, stageId: 0, partition, attempt: attemptId, slices: null }
  bench.effects([{ kind: 'launch', executorId: 'e1', tasks: [task] }])
}

/** The task has ended, and counts. */
function done(
  jobId: string,
  partition: number,
  attemptId: number,
  inline: readonly number[],
  parts = 'p',
): void {
  launch(jobId, partition, attemptId)
  const end = {
    attemptId,
    partitionBytes: [10],
    partitionRows: [1],
    metrics: encodePlain({ 1: { rows: 2 } }),
    parts: encodePlain([`${parts}${partition}`]),
    inline: inline.map((bytes) => new Uint8Array(bytes).fill(attemptId)),
  }
  executor.say({ case: 'ends', value: { ends: [end] } })
  const location = { holderId: 'e1', attempt: attemptId }
  bench.effects([{ kind: 'resultReady', jobId, partition, attemptId, location }])
}

function finish(jobId: string, error: EngineError | null = null): void {
  bench.effects([{ kind: 'jobEnded', jobId, error: error === null ? null : errorToData(error) }])
}

/** Partition and first byte of every row piece, and what else came. */
function received(): string[] {
  return client.sent.map(({ kind }) =>
    kind.case === 'rows' ? `${kind.value.partition}:${kind.value.chunk[0]}` : `${kind.case}`,
  )
}

function lastEnd(): { error: unknown; metrics: unknown; parts: unknown } {
  const kind = client.sent.at(-1)!.kind
  if (kind.case !== 'end') throw new Error(`not an end: ${kind.case}`)
  const { error, metrics, parts } = kind.value
  return {
    error: error.length === 0 ? null : decodePlain(error),
    metrics: decodePlain(metrics),
    parts: decodePlain(parts),
  }
}

describe('results', () => {
  test('rows come in the order of partitions, then the end with metrics and parts', () => {
    bench.graph = graphOf(3)
    const jobId = submit(1)
    done(jobId, 2, 12, [1])
    done(jobId, 0, 10, [1, 1])
    expect(received()).toEqual(['0:10', '0:10'])
    done(jobId, 1, 11, [])
    expect(bench.fetches.map(({ request }) => request)).toMatchObject([
      { jobId, stageId: 0, partition: 1, attempt: 11, holderId: 'e1', address: 'e1:2' },
    ])
    bench.fetches[0]!.give(new Uint8Array([7]), null)
    bench.turn()
    expect(received()).toHaveLength(2)
    bench.fetches[0]!.give(null, null)
    bench.turn()
    finish(jobId)
    expect(received()).toEqual(['0:10', '0:10', '1:7', '2:12', 'end'])
    expect(lastEnd()).toEqual({ error: null, metrics: { 1: { rows: 6 } }, parts: ['p0', 'p1', 'p2'] })
    expect(bench.events.filter(({ kind }) => kind === 'resultTaken')).toMatchObject([
      { partition: 2 },
      { partition: 0 },
      { partition: 1 },
    ])
  })

  test('rows wait for credit, and the end waits for them', () => {
    bench.graph = graphOf(1)
    const jobId = submit(1, 3)
    done(jobId, 0, 1, [2, 2, 2])
    finish(jobId)
    expect(received()).toEqual(['0:1', '0:1'])
    client.say({ case: 'credit', value: { job: 1, bytes: 1 } })
    bench.turn()
    expect(received()).toHaveLength(2)
    client.say({ case: 'credit', value: { job: 1, bytes: 1 } })
    bench.turn()
    expect(received()).toEqual(['0:1', '0:1', '0:1', 'end'])
  })

  test('a holder that dies half way costs the partition, of which nothing was given', () => {
    bench.graph = graphOf(1)
    const jobId = submit(1)
    done(jobId, 0, 1, [])
    bench.fetches[0]!.give(new Uint8Array([1]), null)
    bench.fetches[0]!.give(null, new EngineError('WORKER_LOST', 'gone'))
    expect(bench.events.at(-1)).toEqual({
      kind: 'resultLost',
      jobId,
      partition: 0,
      missing: { stageId: 0, partition: 0, attempt: 1, executorId: 'e1' },
    })
    expect(received()).toEqual([])
    done(jobId, 0, 2, [], 'again')
    bench.fetches[1]!.give(new Uint8Array([2]), null)
    bench.fetches[1]!.give(null, null)
    finish(jobId)
    expect(received()).toEqual(['0:2', 'end'])
    expect(lastEnd()).toMatchObject({ metrics: { 1: { rows: 2 } }, parts: ['again0'] })
  })

  test('no more is fetched than there is room for, but always what the client waits for', () => {
    bench.graph = graphOf(3)
    const jobId = submit(1, 0)
    for (const partition of [0, 1, 2]) done(jobId, partition, partition + 1, [])
    expect(bench.fetches).toHaveLength(1)
    bench.fetches[0]!.give(new Uint8Array([1, 1, 1]), null)
    bench.fetches[0]!.give(null, null)
    expect(bench.fetches).toHaveLength(2)
    bench.fetches[1]!.give(new Uint8Array([2]), null)
    bench.fetches[1]!.give(null, null)
    expect(bench.fetches).toHaveLength(2)
    client.say({ case: 'credit', value: { job: 1, bytes: 3 } })
    bench.turn()
    expect(received()).toEqual(['0:1'])
    expect(bench.fetches).toHaveLength(3)
  })

  test('a partition larger than what may wait goes over the disk, and comes back in order', () => {
    bench.graph = graphOf(2)
    const jobId = submit(1, 1)
    for (const [partition, first] of [
      [0, 10],
      [1, 20],
    ] as const) {
      done(jobId, partition, partition + 1, [])
      for (let i = 0; i < 5; i++) bench.fetches[partition]!.give(new Uint8Array(3).fill(first + i), null)
      bench.fetches[partition]!.give(null, null)
      client.say({ case: 'credit', value: { job: 1, bytes: 1000 } })
      bench.turn()
    }
    finish(jobId)
    const rows = [10, 11, 12, 13, 14]
      .flatMap((first) => [`0:${first}`])
      .concat([20, 21, 22, 23, 24].map((n) => `1:${n}`))
    expect(received()).toEqual([...rows, 'end'])
  })

  test('a spool that fails ends the job with the reason', () => {
    bench.graph = graphOf(1)
    bench.openSpool = () => {
      throw new Error('no space left')
    }
    const jobId = submit(1, 0)
    done(jobId, 0, 1, [])
    bench.answer = ({ kind }) =>
      kind === 'jobCancelled'
        ? [{ kind: 'jobEnded', jobId, error: { code: 'CANCELLED', message: 'the job was cancelled' } }]
        : []
    for (let i = 0; i < 2; i++) bench.fetches[0]!.give(new Uint8Array(3), null)
    bench.turn()
    expect(lastEnd().error).toMatchObject({
      code: 'IO_ERROR',
      message: expect.stringContaining('no space left'),
    })
    expect(bench.fetches[0]!.isClosed).toBe(true)
  })

  test('an attempt that lost the race leaves neither rows nor parts', () => {
    bench.graph = graphOf(1)
    const jobId = submit(1)
    launch(jobId, 0, 5)
    done(jobId, 0, 6, [1], 'winner')
    const late = {
      attemptId: 5,
      inline: [new Uint8Array([5])],
      parts: encodePlain(['loser']),
      partitionRows: [1],
    }
    executor.say({ case: 'ends', value: { ends: [late] } })
    finish(jobId)
    expect(received()).toEqual(['0:6', 'end'])
    expect(lastEnd().parts).toEqual(['winner0'])
  })
})

describe('jobs', () => {
  test('an error ends a job at once, without the rows that wait', () => {
    bench.graph = graphOf(2)
    const jobId = submit(1, 1)
    done(jobId, 0, 1, [2, 2])
    finish(jobId, new EngineError('DIVIDE_BY_ZERO', 'division by zero'))
    expect(received()).toEqual(['0:1', 'end'])
    expect(lastEnd().error).toMatchObject({ code: 'DIVIDE_BY_ZERO' })
    expect(bench.loop.jobs.ended.at(-1)).toMatchObject({ jobId, state: 'failed', tasksDone: 1 })
  })

  test('a plan that cannot be read, or is too large, is an error of the job, not of the session', () => {
    bench.graph = graphOf(1)
    const header = { settings: encodePlain(5) }
    client.say({ case: 'job', value: { job: 1, header, last: true } })
    bench.turn()
    expect(lastEnd().error).toMatchObject({ code: 'PROTOCOL_ERROR' })
    client.say({ case: 'job', value: { job: 2, header, graph: new Uint8Array(101), last: true } })
    bench.turn()
    expect(lastEnd().error).toMatchObject({ code: 'RESOURCES_EXHAUSTED' })
    submit(3)
    submit(4)
    submit(5)
    bench.turn()
    expect(lastEnd().error).toMatchObject({ message: 'the session has 2 jobs already' })
    expect(bench.kinds().filter((kind) => kind === 'jobSubmitted')).toHaveLength(2)
  })

  test.each([
    ['a number that was used', { job: 1, header: {}, last: true }, 'comes after'],
    ['a piece without a header', { job: 2, last: true }, 'without a header'],
  ])('the session ends over %s', (_name, piece, message) => {
    bench.graph = graphOf(1)
    submit(1)
    expect(() => client.say({ case: 'job', value: piece })).toThrow(message)
    expect(bench.kinds().at(-1)).toBe('sessionClosed')
  })

  test('a client that is gone ends its session, and its fetches', () => {
    bench.graph = graphOf(1)
    const jobId = submit(1)
    done(jobId, 0, 1, [])
    client.link.closed('reset')
    expect(bench.kinds().at(-1)).toBe('sessionClosed')
    expect(bench.fetches[0]!.isClosed).toBe(true)
    expect(bench.records.map(({ kind }) => kind).slice(-2)).toEqual(['jobEnded', 'sessionClosed'])
  })

  test('progress is told now and then, and only if there is some', () => {
    bench.graph = graphOf(3)
    const jobId = submit(1)
    done(jobId, 0, 1, [1])
    expect(received()).toEqual(['0:1'])
    bench.pass(150)
    done(jobId, 1, 2, [1])
    bench.pass(500)
    const told = client.sent.flatMap(({ kind }) => (kind.case === 'progress' ? [kind.value.tasksDone] : []))
    expect(told).toEqual([1, 2])
  })

  test('records tell of tasks that ended, with what they counted', () => {
    bench.graph = graphOf(1)
    const jobId = submit(1)
    done(jobId, 0, 1, [1])
    finish(jobId)
    const kinds = bench.records.filter((record) => 'jobId' in record).map(({ kind }) => kind)
    expect(kinds).toEqual(['jobSubmitted', 'taskLaunched', 'taskEnded', 'jobEnded'])
    expect(bench.records.find(({ kind }) => kind === 'taskEnded')).toMatchObject({
      jobId,
      executorId: 'e1',
      rows: 1,
      bytes: 10,
      metrics: { 1: { rows: 2 } },
    })
  })

  test('a scheduler that throws breaks the loop: streams are closed and nothing is heard any more', () => {
    bench.answer = () => {
      throw new Error('a bug')
    }
    bench.registered('w2')
    expect(bench.broken).toHaveLength(1)
    expect(client.closedWith[0]?.code).toBe('CLUSTER_UNREACHABLE')
  })
})
