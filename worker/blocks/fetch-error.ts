import { EngineError } from '../../engine/errors.ts'
import type { MissingOutput } from '../../proto/cluster/index.ts'
import type { Wanted } from './fetch-request.ts'
import { formatOutput } from './output-key.ts'

/** SHUFFLE_FETCH_FAILED, with the output that could not be had: its task is to run again. */
export class FetchFailedError extends EngineError {
  readonly missing: Pick<MissingOutput, 'stage' | 'partition' | 'attempt' | 'executorId'>

  constructor(stageId: number, { key, holder }: Wanted, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(
      'SHUFFLE_FETCH_FAILED',
      `the output of ${formatOutput(key)} cannot be had from "${holder.holderId}": ${reason}`,
      { cause },
    )
    const { partition, attempt } = key
    this.missing = { stage: stageId, partition, attempt, executorId: holder.holderId }
  }
}

/** Whether asking the same holder again may help. */
export function isWorthRetry(error: unknown): boolean {
  if (!(error instanceof EngineError)) return false
  const { code, errorClass } = error
  return errorClass === 'transient' || code === 'DEADLINE_EXCEEDED' || code === 'RESOURCES_EXHAUSTED'
}
