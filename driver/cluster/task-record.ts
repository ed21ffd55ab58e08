import type { TaskEnd } from '../../proto/cluster/index.ts'
import type { AttemptResult, LaunchedTask } from '../scheduler/index.ts'
import type { JobRecord } from './job-events.ts'
import { attemptOf } from './task-orders.ts'
import { readMetrics, readTiming } from './task-result.ts'

/** The end of an attempt, for those who want to know. */
export function taskRecord(
  executorId: string,
  task: LaunchedTask,
  end: TaskEnd,
  result: AttemptResult,
): JobRecord & { readonly kind: 'taskEnded' } {
  const timing = readTiming(end.timing)
  return {
    kind: 'taskEnded',
    ...attemptOf(task),
    executorId,
    runMs: (timing.endUs - timing.startUs) / 1000,
    threadId: timing.threadId,
    rows: sum(end.partitionRows),
    bytes: sum(end.partitionBytes),
    error: result.ok ? null : result.error,
    metrics: readMetrics(end.metrics),
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
