import type { AttemptState, ClusterState, ExecutorState, JobState } from './cluster-state.ts'
import { jobsInOrder, mayUse } from './pools.ts'
import type { StageRun } from './stage-run.ts'

/** Puts an attempt on an executor. */
export type Launch = (
  state: ClusterState,
  job: JobState,
  executor: ExecutorState,
  at: { readonly stageId: number; readonly partition: number; readonly attempt: number },
  how: { readonly isSpare: boolean; readonly isAhead: boolean },
) => AttemptState

/** A stage of a job whose tasks wait to begin together; null: none. */
export function waitingBarrier({ machine }: JobState): StageRun | null {
  if (!machine.hasBarriers) return null
  return (
    machine.stages.runs.find(
      ({ isBarrier, isReady, queuedCount, outputs }) =>
        isBarrier && isReady && queuedCount > 0 && queuedCount === outputs.taskCount - outputs.doneCount,
    ) ?? null
  )
}

/** Begins all tasks of waiting barrier stages for which there are slots enough, one stage at a time. */
export function placeBarriers(state: ClusterState, launch: Launch): void {
  for (const job of jobsInOrder(state)) {
    const run = waitingBarrier(job)
    if (run === null) continue
    const places = findSlots(state, job, run.queuedCount)
    if (places === null) return // Later ones would take the slots it waits for.
    for (let partition = 0; partition < run.outputs.taskCount; partition++) {
      if (run.outputs.isDone(partition)) continue
      const executor = places.pop()!
      const attempt = job.machine.begin(run.id, partition)
      launch(
        state,
        job,
        executor,
        { stageId: run.id, partition, attempt },
        { isSpare: false, isAhead: false },
      )
    }
  }
}

/** Executors with a free slot each, as many as asked for; null: there are fewer. */
function findSlots(state: ClusterState, job: JobState, count: number): ExecutorState[] | null {
  const { session } = job
  if (session.maxSlots > 0 && session.maxSlots - session.usedSlots < count) return null
  const places: ExecutorState[] = []
  for (const executor of session.executors) {
    const { worker, running, threads } = executor
    if (executor.state !== 'ready' || !mayUse(state, job, worker)) continue
    const free = Math.min(threads - running.size, worker.slots - worker.usedSlots)
    for (let slot = 0; slot < free && places.length < count; slot++) places.push(executor)
    if (places.length === count) return places
  }
  return null
}
