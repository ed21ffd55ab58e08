import { beforeEach, describe, expect, test } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import { decodePlain, encodePlain } from '../../../proto/messages/index.ts'
import { JobBench } from './job-bench.ts'
import { graphOf } from './loop-bench.ts'

let bench: JobBench
beforeEach(() => {
  bench = new JobBench()
})

describe('results', () => {
  test('rows come in the order of partitions, then the end with metrics and parts', () => {
    bench.graph = graphOf(3)
    const jobId = bench.submit(1)
    bench.done(jobId, 2, 12, [1])
    bench.done(jobId, 0, 10, [1, 1])
    expect(bench.received()).toEqual(['0:10', '0:10'])
    bench.done(jobId, 1, 11, [])
    expect(bench.fetches.map(({ request }) => request)).toMatchObject([
      { jobId, stageId: 0, partition: 1, attempt: 11, holderId: 'e1', address: 'e1:2' },
    ])
    bench.fetches[0]!.give(new Uint8Array([7]), null)
    bench.turn()
    expect(bench.received()).toHaveLength(2)
    bench.fetches[0]!.give(null, null)
    bench.turn()
    bench.finish(jobId)
    expect(bench.received()).toEqual(['0:10', '0:10', '1:7', '2:12', 'end'])
    expect(bench.lastEnd()).toEqual({ error: null, metrics: { 1: { rows: 6 } }, parts: ['p0', 'p1', 'p2'] })
    expect(bench.events.filter(({ kind }) => kind === 'resultTaken')).toMatchObject([
      { partition: 2 },
      { partition: 0 },
      { partition: 1 },
    ])
  })

  test('very many parts come in several messages, all of them once', () => {
    bench.graph = graphOf(3)
    const jobId = bench.submit(1)
    for (const partition of [0, 1, 2]) {
      bench.launch(jobId, partition, partition + 1)
      const parts = encodePlain(Array.from({ length: 900 }, (_, index) => partition * 900 + index))
      const sizes = { partitionBytes: [0], partitionRows: [0] }
      bench.e1.say({ case: 'ends', value: { ends: [{ attemptId: partition + 1, parts, ...sizes }] } })
      const location = { holderId: 'e1', attempt: 0 }
      bench.effects([{ kind: 'resultReady', jobId, partition, attemptId: partition + 1, location }])
    }
    bench.finish(jobId)
    expect(bench.received()).toEqual(['parts', 'parts', 'end'])
    const parts = bench.own.sent.flatMap(({ kind }) =>
      kind.case === 'parts' || kind.case === 'end' ? (decodePlain(kind.value.parts) as number[]) : [],
    )
    expect(parts).toEqual(Array.from({ length: 2700 }, (_, index) => index))
  })

  test('rows wait for credit, and the end waits for them', () => {
    bench.graph = graphOf(1)
    const jobId = bench.submit(1, 3)
    bench.done(jobId, 0, 1, [2, 2, 2])
    bench.finish(jobId)
    expect(bench.received()).toEqual(['0:1', '0:1'])
    bench.credit(1)
    expect(bench.received()).toHaveLength(2)
    bench.credit(1)
    expect(bench.received()).toEqual(['0:1', '0:1', '0:1', 'end'])
  })

  test('a holder that dies half way costs the partition, of which nothing was given', () => {
    bench.graph = graphOf(1)
    const jobId = bench.submit(1)
    bench.done(jobId, 0, 1, [])
    bench.fetches[0]!.give(new Uint8Array([1]), null)
    bench.fetches[0]!.give(null, new EngineError('WORKER_LOST', 'gone'))
    expect(bench.events.at(-1)).toEqual({
      kind: 'resultLost',
      jobId,
      partition: 0,
      missing: { stageId: 0, partition: 0, attempt: 1, executorId: 'e1' },
    })
    expect(bench.received()).toEqual([])
    bench.done(jobId, 0, 2, [], 'again')
    bench.fetches[1]!.give(new Uint8Array([2]), null)
    bench.fetches[1]!.give(null, null)
    bench.finish(jobId)
    expect(bench.received()).toEqual(['0:2', 'end'])
    expect(bench.lastEnd()).toMatchObject({ metrics: { 1: { rows: 2 } }, parts: ['again0'] })
  })

  test('no more is fetched than there is room for, but always what the client waits for', () => {
    bench.graph = graphOf(3)
    const jobId = bench.submit(1, 0)
    for (const partition of [0, 1, 2]) bench.done(jobId, partition, partition + 1, [])
    expect(bench.fetches).toHaveLength(1)
    bench.fetches[0]!.give(new Uint8Array([1, 1, 1]), null)
    bench.fetches[0]!.give(null, null)
    expect(bench.fetches).toHaveLength(2)
    bench.fetches[1]!.give(new Uint8Array([2]), null)
    bench.fetches[1]!.give(null, null)
    expect(bench.fetches).toHaveLength(2)
    bench.credit(3)
    expect(bench.received()).toEqual(['0:1'])
    expect(bench.fetches).toHaveLength(3)
  })

  test('a partition larger than what may wait goes over the disk, and comes back in order', () => {
    bench.graph = graphOf(2)
    const jobId = bench.submit(1, 1)
    for (const [partition, first] of [
      [0, 10],
      [1, 20],
    ] as const) {
      bench.done(jobId, partition, partition + 1, [])
      for (let i = 0; i < 5; i++) bench.fetches[partition]!.give(new Uint8Array(3).fill(first + i), null)
      bench.fetches[partition]!.give(null, null)
      bench.credit(1000)
    }
    bench.finish(jobId)
    const rows = [10, 11, 12, 13, 14]
      .flatMap((first) => [`0:${first}`])
      .concat([20, 21, 22, 23, 24].map((n) => `1:${n}`))
    expect(bench.received()).toEqual([...rows, 'end'])
  })

  test('a spool that fails ends the job with the reason', () => {
    bench.graph = graphOf(1)
    bench.openSpool = () => {
      throw new Error('no space left')
    }
    const jobId = bench.submit(1, 0)
    bench.done(jobId, 0, 1, [])
    bench.answer = ({ kind }) =>
      kind === 'jobCancelled'
        ? [{ kind: 'jobEnded', jobId, error: { code: 'CANCELLED', message: 'the job was cancelled' } }]
        : []
    for (let i = 0; i < 2; i++) bench.fetches[0]!.give(new Uint8Array(3), null)
    bench.turn()
    expect(bench.lastEnd().error).toMatchObject({
      code: 'IO_ERROR',
      message: expect.stringContaining('no space left'),
    })
    expect(bench.fetches[0]!.isClosed).toBe(true)
  })

  test('an attempt that lost the race leaves neither rows nor parts', () => {
    bench.graph = graphOf(1)
    const jobId = bench.submit(1)
    bench.launch(jobId, 0, 5)
    bench.done(jobId, 0, 6, [1], 'winner')
    const late = {
      attemptId: 5,
      inline: [new Uint8Array([5])],
      parts: encodePlain(['loser']),
      partitionRows: [1],
    }
    bench.e1.say({ case: 'ends', value: { ends: [{ ...late, partitionBytes: [1], partitionRows: [1] }] } })
    bench.finish(jobId)
    expect(bench.received()).toEqual(['0:6', 'end'])
    expect(bench.lastEnd().parts).toEqual(['winner0'])
  })
})
