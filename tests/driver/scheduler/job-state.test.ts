import { expect, test } from 'vitest'
import type { Effect, JobEvent } from '../../../driver/scheduler/index.ts'
import { initialJobState, type JobState, onJobEvent } from '../../../driver/scheduler/index.ts'
import type { JobGraph, Stage } from '../../../driver/stages/index.ts'
import type { PhysicalPlan } from '../../../engine/plan/index.ts'

/** Numbers in [0, 1) from a seed (mulberry32), so that a failure can be run again. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const PLAN = { kind: 'EmptyExec', id: 0, schema: { fields: [] } } as unknown as PhysicalPlan // Not looked at.

/** A job whose stages read earlier ones, some of them more than once; some stages have no tasks. */
function randomGraph(random: () => number): JobGraph {
  const stageCount = 1 + Math.floor(random() * 6)
  const unread: number[] = []
  const stages: Stage[] = []
  for (let id = 0; id < stageCount; id++) {
    const isLast = id === stageCount - 1
    const inputs = isLast ? [...unread] : unread.filter(() => random() < 0.5)
    for (const input of inputs) if (isLast || random() < 0.7) unread.splice(unread.indexOf(input), 1)
    unread.push(id)
    const taskCount = Math.floor(random() * 5)
    stages.push({ id, plan: PLAN, taskCount, output: isLast ? null : { kind: 'single' }, inputs })
  }
  return { stages, reusedExchanges: new Set() }
}

interface Trace {
  readonly state: JobState
  readonly done: ReadonlyMap<string, number>
  readonly effects: readonly Effect[]
}

/** Plays tasks that end in any order; a share of them fails, and some ends are heard twice. */
function play(graph: JobGraph, random: () => number, failShare: number, retryShare: number): Trace {
  let state = initialJobState(graph)
  const running: { stageId: number; partition: number; attempt: number }[] = []
  const done = new Map<string, number>()
  const seen: Effect[] = []
  const hear = (event: JobEvent): void => {
    const [next, effects] = onJobEvent(state, event)
    state = next
    for (const effect of effects) {
      seen.push(effect)
      if (effect.kind !== 'launch') continue
      const unfinished = graph.stages[effect.stageId]!.inputs.filter(
        (input) => state.stages[input]!.open.size > 0,
      )
      expect(unfinished, `inputs of stage ${effect.stageId} at its launch`).toEqual([])
      running.push(effect)
    }
  }
  hear({ kind: 'started' })
  while (running.length > 0) {
    const [task] = running.splice(Math.floor(random() * running.length), 1)
    const { stageId, partition } = task!
    if (random() < failShare) {
      const error = { code: 'IO_ERROR', message: 'lost' } as const
      hear({ kind: 'taskFailed', stageId, partition, error, retryable: random() < retryShare })
      continue
    }
    const key = `${stageId}:${partition}`
    if (state.status === 'running') done.set(key, (done.get(key) ?? 0) + 1)
    hear({ kind: 'taskSucceeded', stageId, partition })
    if (random() < 0.1) hear({ kind: 'taskSucceeded', stageId, partition })
  }
  return { state, done, effects: seen }
}

const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

test(`onJobEvent() runs every task once or fails, in any order of events (SEED=${SEED})`, () => {
  const random = randomOf(SEED)
  for (let round = 0; round < 2000; round++) {
    const graph = randomGraph(random)
    const { state, done, effects } = play(graph, random, random() < 0.5 ? 0 : 0.2, 0.9)
    const ends = effects.filter(({ kind }) => kind === 'finish' || kind === 'fail')
    expect(ends.length, `ends of round ${round}`).toBe(1)
    expect(state.status).toBe(ends[0]!.kind === 'finish' ? 'done' : 'failed')
    if (state.status === 'failed') continue
    const all = graph.stages.flatMap(({ id, taskCount }) =>
      Array.from({ length: taskCount }, (_, p) => `${id}:${p}`),
    )
    expect([...done.keys()].sort()).toEqual(all.sort())
    expect([...done.values()].every((count) => count === 1)).toBe(true)
    const released = effects
      .filter(({ kind }) => kind === 'releaseOutput')
      .map((effect) => 'stageId' in effect && effect.stageId)
    expect(released.sort()).toEqual(graph.stages.slice(0, -1).map(({ id }) => id))
  }
})

const ONE_TASK: JobGraph = {
  stages: [{ id: 0, plan: PLAN, taskCount: 1, output: null, inputs: [] }],
  reusedExchanges: new Set(),
}
const failure = (retryable: boolean): JobEvent => {
  return {
    kind: 'taskFailed',
    stageId: 0,
    partition: 0,
    error: { code: 'IO_ERROR', message: 'no' },
    retryable,
  }
}

test('onJobEvent() gives a task four attempts', () => {
  let [state, effects] = onJobEvent(initialJobState(ONE_TASK), { kind: 'started' })
  for (let attempt = 1; attempt < 4; attempt++) {
    ;[state, effects] = onJobEvent(state, failure(true))
    expect(effects).toEqual([{ kind: 'launch', stageId: 0, partition: 0, attempt }])
  }
  ;[state, effects] = onJobEvent(state, failure(true))
  expect([state.status, effects]).toEqual([
    'failed',
    [{ kind: 'fail', error: { code: 'IO_ERROR', message: 'no' } }],
  ])
})

test('onJobEvent() fails at once when a retry would not help, and hears nothing after', () => {
  const [started] = onJobEvent(initialJobState(ONE_TASK), { kind: 'started' })
  const [failed] = onJobEvent(started, failure(false))
  expect(failed.status).toBe('failed')
  expect(onJobEvent(failed, { kind: 'taskSucceeded', stageId: 0, partition: 0 })).toEqual([failed, []])
})
