import type { SchedulerCore } from '../../../../driver/cluster/driver-loop.ts'
import type { ClusterState } from '../../../../driver/scheduler/cluster-state.ts'
import {
  type ClusterEffect,
  type ClusterEvent,
  type ClusterScheduler,
  keptJobId,
} from '../../../../driver/scheduler/index.ts'
import type { Plant } from './simulate.ts'

/** Changes what a scheduler hears and answers. */
function over(scheduler: ClusterScheduler, handle: SchedulerCore['handle']): SchedulerCore {
  return {
    handle,
    nextWakeMs: () => scheduler.nextWakeMs(),
    graphOf: (jobId) => scheduler.graphOf(jobId),
  }
}

/** Bugs that a scheduler might have, each small; the simulation must find every one of them. */
export const PLANTED_BUGS: Readonly<Record<string, Plant>> = {
  'the slot of a cancelled attempt is not given back': (scheduler) =>
    over(scheduler, (event, nowMs) => {
      const before = slotsById(scheduler.state)
      const effects = scheduler.handle(event, nowMs)
      const cancelled = effects.flatMap((effect) =>
        effect.kind === 'cancelAttempts' ? effect.attemptIds : [],
      )
      const lost = cancelled.map((id) => before.get(id)).find((worker) => worker !== undefined)
      if (lost !== undefined) lost.usedSlots++
      return effects
    }),

  'an output that was lost is not made again while a reader of it runs': (scheduler) =>
    over(scheduler, (event, nowMs) => {
      const effects = scheduler.handle(event, nowMs)
      if (event.kind === 'jobSubmitted') {
        const stages = scheduler.state.jobs.get(event.jobId)?.machine.stages
        const lose = stages?.lose.bind(stages)
        if (stages !== undefined && lose !== undefined)
          stages.lose = (lost) => {
            if (stages.runs[lost.stageId]!.readers.every(({ running }) => running.size === 0)) lose(lost)
          }
      }
      return effects
    }),

  'a second success of a task counts': (scheduler) => {
    const launched = new Map<number, Extract<ClusterEffect, { readonly kind: 'launch' }>['tasks'][number]>()
    return over(scheduler, (event, nowMs) => {
      const isLate = event.kind === 'taskEnded' && !scheduler.state.attempts.has(event.attemptId)
      if (isLate && event.result.ok) countAgain(scheduler.state, launched.get(event.attemptId))
      const effects = scheduler.handle(event, nowMs)
      for (const effect of effects)
        if (effect.kind === 'launch') for (const task of effect.tasks) launched.set(task.attemptId, task)
      return effects
    })
  },

  'an input that could not be had counts as a failure of the task': (scheduler) =>
    over(scheduler, (event, nowMs) => scheduler.handle(withoutMissing(event), nowMs)),

  'kept rows are released with the job that made them': (scheduler) =>
    over(scheduler, (event, nowMs) => {
      const kept = keptOfJobs(scheduler.state)
      const effects = scheduler.handle(event, nowMs)
      const released = effects.flatMap((effect) =>
        effect.kind === 'release' && effect.stageId === null
          ? (kept.get(effect.jobId) ?? []).map((jobId) => ({ ...effect, jobId }))
          : [],
      )
      return [...effects, ...released]
    }),

  'memory of an executor that has ended stays in use': (scheduler) =>
    over(scheduler, (event, nowMs) => {
      const executor =
        event.kind === 'executorLost' ? scheduler.state.executors.get(event.executorId) : undefined
      const effects = scheduler.handle(event, nowMs)
      if (executor !== undefined) executor.worker.usedMemoryBytes += executor.memoryBytes
      return effects
    }),
}

function slotsById({ attempts }: ClusterState) {
  return new Map(
    [...attempts].filter(([, each]) => !each.isAhead).map(([id, each]) => [id, each.executor.worker]),
  )
}

function countAgain(
  { jobs, executors }: ClusterState,
  task: { jobId: string; stageId: number; partition: number; attempt: number } | undefined,
): void {
  const run = task === undefined ? undefined : jobs.get(task.jobId)?.machine.stages.runs[task.stageId]
  const [executor] = executors.values()
  if (task !== undefined && run !== undefined && executor !== undefined)
    run.outputs.set(task.partition, executor.number, task.attempt, [])
}

function withoutMissing(event: ClusterEvent): ClusterEvent {
  if (event.kind !== 'taskEnded' || event.result.ok || event.result.missing === null) return event
  return { ...event, result: { ok: false, error: { code: 'IO_ERROR', message: 'no input' }, missing: null } }
}

function keptOfJobs({ jobs }: ClusterState): Map<string, string[]> {
  const kept = new Map<string, string[]>()
  for (const { id, session, machine } of jobs.values()) {
    const keys = machine.stages.runs.flatMap(({ stage }) => (stage.keep === undefined ? [] : [stage.keep]))
    kept.set(
      id,
      keys.map((key) => keptJobId(session.id, key)),
    )
  }
  return kept
}
