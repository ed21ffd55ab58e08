import type { PlanMetrics } from '../../engine/run/index.ts'
import type { TaskTiming } from '../../proto/messages/index.ts'
import type { ThreadObserver } from '../../worker/threads/index.ts'
import type { JobGraph } from '../stages/index.ts'

/** One attempt of a task, when and where it ran. */
export interface TaskRun extends TaskTiming {
  readonly stageId: number
  readonly partition: number
  readonly failed: boolean
}

/** Hears of the jobs of a process; its threads are sampled from their start. */
export interface JobObserver extends ThreadObserver {
  /** A job begins. `label` is its SQL text, if it has one. */
  onJob(
    graph: JobGraph,
    label: string | undefined,
  ): {
    onTask(run: TaskRun): void
    onEnd(metrics: PlanMetrics): void
  }
}
