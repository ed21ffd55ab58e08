import { EngineError } from '../../engine/errors.ts'
import type { OutputKey } from './output-key.ts'

const TEXT = /^block of stage (\d+), task (\d+), attempt (\d+) is not there$/

/** What a block service answers when an output is not, or no longer, with it. */
export function missingBlock({ stageId, partition, attempt }: Omit<OutputKey, 'jobId'>): EngineError {
  return new EngineError(
    'NOT_FOUND',
    `block of stage ${stageId}, task ${partition}, attempt ${attempt} is not there`,
  )
}

/** Which output such an error names; null for all other errors. Both sides are of one build. */
export function missingBlockOf(error: unknown): Omit<OutputKey, 'jobId'> | null {
  if (!(error instanceof EngineError) || error.code !== 'NOT_FOUND') return null
  const [, stageId, partition, attempt] = TEXT.exec(error.message) ?? []
  return stageId === undefined
    ? null
    : { stageId: Number(stageId), partition: Number(partition), attempt: Number(attempt) }
}
