import { beforeEach, describe, expect, test } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import { encodePlain } from '../../../proto/messages/index.ts'
import { JobBench } from './job-bench.ts'
import { graphOf } from './loop-bench.ts'

let bench: JobBench
beforeEach(() => {
  bench = new JobBench()
})

describe('jobs', () => {
  test('an error ends a job at once, without the rows that wait', () => {
    bench.graph = graphOf(2)
    const jobId = bench.submit(1, 1)
    bench.done(jobId, 0, 1, [2, 2])
    bench.finish(jobId, new EngineError('DIVIDE_BY_ZERO', 'division by zero'))
    expect(bench.received()).toEqual(['0:1', 'end'])
    expect(bench.lastEnd().error).toMatchObject({ code: 'DIVIDE_BY_ZERO' })
    expect(bench.loop.jobs.ended.at(-1)).toMatchObject({ jobId, state: 'failed', tasksDone: 1 })
  })

  test('a plan that cannot be read, or is too large, is an error of the job, not of the session', () => {
    bench.graph = graphOf(1)
    const header = { settings: encodePlain(5) }
    bench.own.say({ case: 'job', value: { job: 1, header, last: true } })
    bench.turn()
    expect(bench.lastEnd().error).toMatchObject({ code: 'PROTOCOL_ERROR' })
    bench.own.say({ case: 'job', value: { job: 2, header, graph: new Uint8Array(101), last: true } })
    bench.turn()
    expect(bench.lastEnd().error).toMatchObject({ code: 'RESOURCES_EXHAUSTED' })
    bench.submit(3)
    bench.submit(4)
    bench.submit(5)
    bench.turn()
    expect(bench.lastEnd().error).toMatchObject({ message: 'the session has 2 jobs already' })
    expect(bench.kinds().filter((kind) => kind === 'jobSubmitted')).toHaveLength(2)
  })

  test.each([
    ['a number that was used', { job: 1, header: {}, last: true }, 'comes after'],
    ['a piece without a header', { job: 2, last: true }, 'without a header'],
  ])('the session ends over %s', (_name, piece, message) => {
    bench.graph = graphOf(1)
    bench.submit(1)
    expect(() => bench.own.say({ case: 'job', value: piece })).toThrow(message)
    expect(bench.kinds().at(-1)).toBe('sessionClosed')
  })

  test('a client that is gone ends its session, and its fetches', () => {
    bench.graph = graphOf(1)
    const jobId = bench.submit(1)
    bench.done(jobId, 0, 1, [])
    bench.own.link.closed('reset')
    expect(bench.kinds().at(-1)).toBe('sessionClosed')
    expect(bench.fetches[0]!.isClosed).toBe(true)
    expect(bench.records.map(({ kind }) => kind).slice(-2)).toEqual(['jobEnded', 'sessionClosed'])
  })

  test.each([
    ['sizes that are none', { partitionBytes: [Number.NaN], partitionRows: [1] }],
    ['more rows than sizes', { partitionBytes: [1], partitionRows: [1, 1] }],
    ['parts that are no list', { partitionBytes: [1], partitionRows: [1], parts: encodePlain(5) }],
    ['metrics that are none', { partitionBytes: [1], partitionRows: [1], metrics: encodePlain({ 1: 'x' }) }],
    ['an error that is none', { error: encodePlain('x') }],
    ['bytes that are no value', { error: new Uint8Array([250, 1, 2]) }],
  ])('an executor that sends %s is cut off, and the loop lives', (_name, end) => {
    bench.graph = graphOf(1)
    const jobId = bench.submit(1)
    bench.launch(jobId, 0, 1)
    expect(() => bench.e1.say({ case: 'ends', value: { ends: [{ attemptId: 1, ...end }] } })).toThrow(
      EngineError,
    )
    expect(bench.kinds()).not.toContain('taskEnded')
    bench.pass(2500)
    expect(bench.kinds()).toContain('executorLost')
    expect(bench.broken).toEqual([])
  })

  test('a job of more tasks than a driver takes is refused', () => {
    bench.graph = graphOf(3_000_000)
    bench.submit(1)
    bench.turn()
    expect(bench.lastEnd().error).toMatchObject({ code: 'RESOURCES_EXHAUSTED' })
    expect(bench.kinds()).not.toContain('jobSubmitted')
  })

  test('progress is told now and then, and only if there is some', () => {
    bench.graph = graphOf(3)
    const jobId = bench.submit(1)
    bench.done(jobId, 0, 1, [1])
    expect(bench.received()).toEqual(['0:1'])
    bench.pass(150)
    bench.done(jobId, 1, 2, [1])
    bench.pass(500)
    const told = bench.own.sent.flatMap(({ kind }) =>
      kind.case === 'progress' ? [kind.value.tasksDone] : [],
    )
    expect(told).toEqual([1, 2])
  })

  test('records tell of tasks that ended, with what they counted', () => {
    bench.graph = graphOf(1)
    const jobId = bench.submit(1)
    bench.done(jobId, 0, 1, [1])
    bench.finish(jobId)
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
    expect(bench.own.closedWith[0]?.code).toBe('CLUSTER_UNREACHABLE')
  })
})
