import { beforeEach, describe, expect, test } from 'vitest'
import { LoopBench } from './loop-bench.ts'

let bench: LoopBench
beforeEach(() => {
  bench = new LoopBench({ heartbeatMs: 1000, silenceMs: 5000, reconnectMs: 3000, exitMs: 500 })
})

describe('workers', () => {
  test('one that registers is welcomed, and joins', () => {
    const worker = bench.registered('w1')
    expect(worker.sent.map(({ kind }) => kind.case)).toEqual(['welcome'])
    expect(bench.events).toMatchObject([{ kind: 'workerJoined', workerId: 'w1', slots: 2, outputs: [] }])
  })

  test('one that beats stays; one that is silent is lost, and its stream closed', () => {
    const worker = bench.registered('w1')
    const silent = bench.registered('w2')
    for (let i = 0; i < 10; i++) {
      bench.pass(1000)
      worker.say({ case: 'beat', value: { rssBytes: 1 } })
    }
    expect(bench.events.filter(({ kind }) => kind === 'workerLost')).toMatchObject([{ workerId: 'w2' }])
    expect(silent.closedWith[0]?.code).toBe('WORKER_LOST')
    expect(worker.closedWith).toEqual([])
  })

  test('one that was lost is welcomed again, on a new stream; words on the old one count for nothing', () => {
    const old = bench.registered('w1')
    bench.pass(7000)
    old.say({ case: 'beat', value: {} })
    bench.registered('w1')
    expect(bench.kinds()).toEqual(['workerJoined', 'workerLost', 'workerJoined'])
  })

  test('one whose stream breaks may come back with its executors, and has lost nothing', () => {
    const { sessionId } = bench.attached()
    const worker = bench.registered('w1')
    bench.greeted('w1', sessionId, 'e1')
    worker.link.closed('reset')
    bench.pass(2000)
    bench.registered('w1', ['e1', 'e9'])
    bench.pass(2000)
    expect(bench.kinds()).not.toContain('workerLost')
  })

  test('an executor that ended while its worker was away is lost, and its worker is not', () => {
    const { sessionId } = bench.attached()
    const worker = bench.registered('w1')
    const executor = bench.greeted('w1', sessionId, 'e1')
    bench.greeted('w1', sessionId, 'e2')
    worker.link.closed('reset')
    bench.registered('w1', ['e2'])
    bench.pass(2000)
    const lost = bench.events.filter(({ kind }) => kind === 'executorLost' || kind === 'workerLost')
    expect(lost).toMatchObject([{ kind: 'executorLost', executorId: 'e1' }])
    expect(executor.closedWith).toHaveLength(1)
  })

  test('one that serves its blocks elsewhere has started again, and lost what it had', () => {
    const { sessionId } = bench.attached()
    const worker = bench.registered('w1')
    const executor = bench.greeted('w1', sessionId, 'e1')
    worker.link.closed('reset')
    const facts = { workerId: 'w1', host: 'here', slots: 2, memoryBytes: 1e9, blockAddress: 'elsewhere:1' }
    bench.worker().say({ case: 'register', value: facts })
    expect(bench.kinds().slice(-2)).toEqual(['workerLost', 'workerJoined'])
    expect(executor.closedWith).toHaveLength(1)
  })

  test('nobody is lost because the driver itself stood still', () => {
    const { sessionId } = bench.attached()
    const worker = bench.registered('w1')
    const executor = bench.greeted('w1', sessionId, 'e1')
    bench.pass(1000)
    bench.nowMs += 60_000
    bench.pass(10)
    worker.say({ case: 'beat', value: {} })
    executor.say({ case: 'beat', value: {} })
    bench.pass(2000)
    expect(bench.kinds()).not.toContain('workerLost')
    expect(bench.kinds()).not.toContain('executorLost')
    bench.pass(7000)
    expect(bench.kinds()).toContain('workerLost')
  })

  test('executors that nobody knows are killed, and sessions that nobody knows are ended', () => {
    const worker = bench.worker()
    const output = { sessionId: 's-old', jobId: 's-old/1', stage: 0, partition: 0, attempt: 0 }
    const facts = { workerId: 'w1', host: 'here', slots: 2, memoryBytes: 1e9 }
    worker.say({ case: 'register', value: { ...facts, executorIds: ['e9'], outputs: [output] } })
    bench.turn()
    expect(worker.sent.map(({ kind }) => kind)).toMatchObject([
      { case: 'welcome' },
      { case: 'endSession', value: { sessionId: 's-old' } },
      { case: 'stop', value: { executorId: 'e9', kill: true } },
    ])
    expect(bench.events).toMatchObject([{ kind: 'workerJoined', outputs: [] }])
  })

  test('one without a stream and without executors to hear is lost soon', () => {
    const worker = bench.registered('w1')
    worker.link.closed('reset')
    bench.pass(1600)
    expect(bench.kinds()).toEqual(['workerJoined', 'workerLost'])
  })

  test.each([
    ['nothing first but a beat', [{ case: 'beat', value: {} }], 'has not registered'],
    [
      'an id of other signs',
      [{ case: 'register', value: { workerId: '../x', slots: 1 } }],
      'letters, digits',
    ],
    ['no slots', [{ case: 'register', value: { workerId: 'w', memoryBytes: 1 } }], '0 slots'],
    ['no memory', [{ case: 'register', value: { workerId: 'w', slots: 1, memoryBytes: NaN } }], 'NaN bytes'],
  ] as const)('refused: %s', (_name, reports, message) => {
    const worker = bench.worker()
    expect(() => reports.map((report) => worker.say(report))).toThrow(message)
    expect(bench.events).toEqual([])
  })
})

describe('executors', () => {
  test('what they are told keeps its order, and launches of a turn are one message', () => {
    const client = bench.attached()
    client.say({ case: 'code', value: { codeId: 'c1', codeKind: 'function', content: new Uint8Array(3) } })
    bench.registered('w1')
    const executor = bench.greeted('w1', client.sessionId, 'e1')
    const task = { jobId: 'j', stageId: 0, attempt: 0, slices: null }
    bench.effects([
      { kind: 'launch', executorId: 'e1', tasks: [{ ...task, attemptId: 1, partition: 0 }] },
      { kind: 'launch', executorId: 'e1', tasks: [{ ...task, attemptId: 2, partition: 1 }] },
      { kind: 'cancelAttempts', executorId: 'e1', attemptIds: [2] },
      { kind: 'launch', executorId: 'e1', tasks: [{ ...task, attemptId: 3, partition: 1 }] },
    ])
    client.say({ case: 'code', value: { codeId: 'c2', codeKind: 'module', content: new Uint8Array(3) } })
    client.say({ case: 'code', value: { codeId: 'c2', codeKind: 'module', content: new Uint8Array(3) } })
    bench.turn()
    expect(executor.sent.map(({ kind }) => kind)).toMatchObject([
      { case: 'code', value: { codeId: 'c1' } },
      { case: 'launch', value: { tasks: [{ attemptId: 1 }, { attemptId: 2 }] } },
      { case: 'cancel', value: { attemptIds: [2] } },
      { case: 'launch', value: { tasks: [{ attemptId: 3 }] } },
      { case: 'code', value: { codeId: 'c2' } },
    ])
  })

  test('where outputs lie names each holder once, and workers that serve what is left', () => {
    const { sessionId } = bench.attached()
    bench.registered('w1')
    const executor = bench.greeted('w1', sessionId, 'e1')
    const locations = ['e1', 'w1', 'e1', 'gone'].map((holderId, attempt) => ({ holderId, attempt }))
    const name = { jobId: 'j', stageId: 3 }
    bench.effects([{ kind: 'sendOutputs', executorId: 'e1', ...name, version: 2, source: name, locations }])
    expect(executor.sent.at(-1)!.kind).toMatchObject({
      case: 'outputs',
      value: {
        version: 2,
        hosts: [
          { executorId: 'e1', address: 'e1:2' },
          { executorId: 'w1', address: 'w1:1' },
          { executorId: 'gone', address: '' },
        ],
        hostOfPartition: [0, 1, 0, 2],
        attemptOfPartition: [0, 1, 2, 3],
      },
    })
  })

  test('one whose stream ends is lost with what its worker says, if that comes in time', () => {
    const { sessionId } = bench.attached()
    const worker = bench.registered('w1')
    bench.greeted('w1', sessionId, 'e1').link.closed('reset')
    const output = { sessionId, jobId: 'j', stage: 0, partition: 0, attempt: 0 }
    worker.say({ case: 'exited', value: { executorId: 'e1', reason: 'signal SIGKILL', outputs: [output] } })
    bench.pass(3000)
    expect(bench.events.filter(({ kind }) => kind === 'executorLost')).toMatchObject([
      { executorId: 'e1', reason: 'signal SIGKILL', outputs: [{ jobId: 'j' }] },
    ])
  })

  test('one whose stream ends without a word of its worker is lost, and killed', () => {
    const { sessionId } = bench.attached()
    const worker = bench.registered('w1')
    bench.greeted('w1', sessionId, 'e1').link.closed('reset')
    bench.pass(2500)
    expect(bench.kinds().filter((kind) => kind === 'executorLost')).toHaveLength(1)
    expect(worker.sent.at(-1)!.kind).toMatchObject({ case: 'stop', value: { executorId: 'e1', kill: true } })
  })

  test('the order to start waits for a worker that is away', () => {
    const { sessionId } = bench.attached()
    const worker = bench.registered('w1')
    bench.greeted('w1', sessionId, 'e1')
    worker.link.closed('reset')
    const facts = { workerId: 'w1', sessionId, threads: 2, memoryBytes: 1e9 }
    bench.effects([{ kind: 'startExecutor', executorId: 'e2', ...facts }])
    const back = bench.registered('w1', ['e1'])
    expect(back.sent.map(({ kind }) => kind)).toMatchObject([
      { case: 'welcome' },
      { case: 'start', value: { executorId: 'e2', sessionToken: expect.stringContaining('secret') } },
    ])
  })

  test.each([
    ['an unknown executor', 'e9', 0],
    ['one of another session', 'e1', 1],
  ])('hello is refused of %s', (_name, executorId, other) => {
    const own = bench.attached()
    const sessions = [own, bench.attached()].map(({ sessionId }) => sessionId)
    bench.registered('w1')
    const facts = { workerId: 'w1', sessionId: own.sessionId, threads: 2, memoryBytes: 1e9 }
    bench.effects([{ kind: 'startExecutor', executorId: 'e1', ...facts }])
    const executor = bench.executor(sessions[other]!)
    const hello = { executorId, sessionId: sessions[other]! }
    expect(() => executor.say({ case: 'hello', value: hello })).toThrow('no such executor')
    expect(bench.kinds()).not.toContain('executorReady')
  })

  test('ends of a job that is over still free their slots', () => {
    const { sessionId } = bench.attached()
    bench.registered('w1')
    const executor = bench.greeted('w1', sessionId, 'e1')
    const task = { attemptId: 7, jobId: 'over', stageId: 0, partition: 0, attempt: 0, slices: null }
    bench.effects([{ kind: 'launch', executorId: 'e1', tasks: [task] }])
    executor.say({ case: 'ends', value: { ends: [{ attemptId: 7 }, { attemptId: 7 }, { attemptId: 8 }] } })
    expect(bench.events.filter(({ kind }) => kind === 'taskEnded')).toMatchObject([{ attemptId: 7 }])
  })
})
