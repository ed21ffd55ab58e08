import type { JobGraph } from '../stages/index.ts'
import type { Effect, JobEvent } from './events.ts'

/** A task is given up after this many attempts. */
const MAX_ATTEMPTS = 4

/** Where one stage stands. */
export interface StageState {
  /** Stages it still waits for. */
  readonly waitingFor: ReadonlySet<number>
  /** Partitions not yet done. */
  readonly open: ReadonlySet<number>
}

/** Where a job stands. Plain data: tests replay events in any order. */
export interface JobState {
  readonly graph: JobGraph
  readonly stages: readonly StageState[]
  /** Stages that have ended. */
  readonly done: ReadonlySet<number>
  /** Attempts made so far by `stage:partition`, of those that failed. */
  readonly failures: ReadonlyMap<string, number>
  readonly status: 'running' | 'done' | 'failed'
}

/** A job before its first event. */
export function initialJobState(graph: JobGraph): JobState {
  const stages = graph.stages.map((stage) => ({
    waitingFor: new Set(stage.inputs),
    open: new Set(Array.from({ length: stage.taskCount }, (_, partition) => partition)),
  }))
  return { graph, stages, done: new Set(), failures: new Map(), status: 'running' }
}

/** Pure: no clock, no thread. The event loop performs the effects. Events after the end change nothing. */
export function onJobEvent(state: JobState, event: JobEvent): readonly [JobState, readonly Effect[]] {
  if (state.status !== 'running') return [state, []]
  switch (event.kind) {
    case 'started':
      return settle(
        state,
        state.graph.stages.filter((stage) => stage.inputs.length === 0).map(({ id }) => id),
      )
    case 'taskSucceeded':
      return onSuccess(state, event.stageId, event.partition)
    case 'taskFailed':
      return onFailure(state, event)
  }
}

function onSuccess(
  state: JobState,
  stageId: number,
  partition: number,
): readonly [JobState, readonly Effect[]] {
  const stage = state.stages[stageId]!
  if (!stage.open.has(partition)) return [state, []] // A second attempt of the same task.
  const open = new Set(stage.open)
  open.delete(partition)
  const stages = state.stages.with(stageId, { ...stage, open })
  const next = { ...state, stages }
  return open.size > 0 ? [next, []] : onStageDone(next, stageId)
}

/**
 * Inputs that nobody else is to read are released, and stages that waited for the finished one alone begin.
 */
function onStageDone(state: JobState, stageId: number): readonly [JobState, readonly Effect[]] {
  const { stages: all } = state.graph
  const done = new Set(state.done).add(stageId)
  const effects: Effect[] = all[stageId]!.inputs.filter((input) =>
    all.every(({ id, inputs }) => !inputs.includes(input) || done.has(id)),
  ).map((input) => ({ kind: 'releaseOutput', stageId: input }))
  if (stageId === state.stages.length - 1)
    return [{ ...state, done, status: 'done' }, [...effects, { kind: 'finish' }]]
  const ready: number[] = []
  const stages = state.stages.map((stage, id) => {
    if (!stage.waitingFor.has(stageId)) return stage
    const waitingFor = new Set(stage.waitingFor)
    waitingFor.delete(stageId)
    if (waitingFor.size === 0) ready.push(id)
    return { ...stage, waitingFor }
  })
  const [next, more] = settle({ ...state, stages, done }, ready)
  return [next, [...effects, ...more]]
}

/** Launches the tasks of stages that may run; a stage without tasks is done at once. */
function settle(state: JobState, ready: readonly number[]): readonly [JobState, readonly Effect[]] {
  let current = state
  const effects: Effect[] = []
  for (const stageId of ready) {
    const { open } = current.stages[stageId]!
    for (const partition of open) effects.push({ kind: 'launch', stageId, partition, attempt: 0 })
    if (open.size > 0) continue
    const [next, more] = onStageDone(current, stageId)
    current = next
    effects.push(...more)
  }
  return [current, effects]
}

function onFailure(
  state: JobState,
  event: JobEvent & { readonly kind: 'taskFailed' },
): readonly [JobState, readonly Effect[]] {
  const key = `${event.stageId}:${event.partition}`
  const attempts = (state.failures.get(key) ?? 0) + 1
  if (!event.retryable || attempts >= MAX_ATTEMPTS)
    return [{ ...state, status: 'failed' }, [{ kind: 'fail', error: event.error }]]
  const failures = new Map(state.failures).set(key, attempts)
  const { stageId, partition } = event
  return [{ ...state, failures }, [{ kind: 'launch', stageId, partition, attempt: attempts }]]
}
