import type { ClusterState, JobState, StageQueue } from './cluster-state.ts'
import type { StageRun } from './stage-run.ts'

/** Looks for tasks that take much longer than others of their stage did; they are to be tried elsewhere. */
export function findSlow(state: ClusterState): void {
  const { enabled, checkMs } = state.settings.speculation
  for (const job of state.jobs.values()) {
    if (!isOn(job, enabled)) continue
    for (const [stageId, stage] of job.queues) {
      const run = job.machine.stages.runs[stageId]!
      if (stage.attempts.size === 0 || run.isBarrier || state.nowMs < stage.checkedMs + checkMs) continue
      stage.checkedMs = state.nowMs
      findSlowOf(state, job, stage, run)
    }
  }
}

function isOn({ session }: JobState, enabled: boolean): boolean {
  const own = session.settings.get('speculation.enabled')
  return own === undefined ? enabled : own === 'true'
}

function findSlowOf(state: ClusterState, job: JobState, stage: StageQueue, run: StageRun): void {
  const { quantile, multiplier, minMs } = state.settings.speculation
  const { doneCount, taskCount } = run.outputs
  if (stage.durations.length === 0 || doneCount < quantile * taskCount) return
  const slowMs = Math.max(minMs, multiplier * median(stage.durations))
  for (const attempt of stage.attempts.values()) {
    const { partition } = attempt.task
    if (attempt.isSpare || run.running.get(partition)?.length !== 1) continue
    const sinceMs = attempt.begunMs > 0 ? attempt.begunMs : attempt.launchedMs
    if (state.nowMs - sinceMs > slowMs && !job.slow.has(attempt)) {
      job.slow.add(attempt)
      state.offersAll = true
    }
  }
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[sorted.length >> 1]!
}
