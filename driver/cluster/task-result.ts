import { EngineError } from '../../engine/errors.ts'
import type { PlanMetrics } from '../../engine/run/index.ts'
import type { TaskEnd } from '../../proto/cluster/index.ts'
import { decodeErrorData, decodePlain, type TaskTiming } from '../../proto/messages/index.ts'
import type { AttemptResult } from '../scheduler/index.ts'

/** How an attempt ended, as the scheduler hears it. */
export function attemptResult(end: TaskEnd): AttemptResult {
  if (end.error.length > 0) {
    const { missing } = end
    return {
      ok: false,
      error: decodeErrorData(end.error),
      missing:
        missing === undefined
          ? null
          : {
              stageId: missing.stage,
              partition: missing.partition,
              attempt: missing.attempt,
              executorId: missing.executorId,
            },
    }
  }
  const { partitionBytes, partitionRows, durable } = end
  return { ok: true, partitionBytes, partitionRows, durable, inline: isInline(end) }
}

/** Whether nothing of the output need be fetched: it came along, or there are no rows. */
export function isInline({ inline, partitionRows }: TaskEnd): boolean {
  return inline.length > 0 || partitionRows.every((rows) => rows === 0)
}

/** PROTOCOL_ERROR unless what an attempt left has sizes, as many of bytes as of rows. */
export function checkSizes({ attemptId, partitionBytes, partitionRows }: TaskEnd): void {
  const isSize = (value: number): boolean => value >= 0 && value <= Number.MAX_SAFE_INTEGER
  const isRight =
    partitionBytes.length === partitionRows.length &&
    partitionBytes.every(isSize) &&
    partitionRows.every(isSize)
  if (!isRight) throw new EngineError('PROTOCOL_ERROR', `the sizes that attempt ${attemptId} left are none`)
}

/** PROTOCOL_ERROR if the bytes are not those of metrics. None: no metrics. */
export function readMetrics(bytes: Uint8Array): PlanMetrics {
  if (bytes.length === 0) return {}
  const data = decodePlain(bytes)
  const isMetrics =
    isRecord(data) &&
    Object.values(data).every(
      (node) => isRecord(node) && Object.values(node).every((value) => typeof value === 'number'),
    )
  if (!isMetrics) throw new EngineError('PROTOCOL_ERROR', 'metrics of a task are not in the form of them')
  return data as PlanMetrics // The check above is what the type says.
}

/** Where and how long a task ran; zeros if the bytes do not tell. */
export function readTiming(bytes: Uint8Array): TaskTiming {
  const data = bytes.length === 0 ? {} : decodePlain(bytes)
  const number = (name: string): number => {
    const value = isRecord(data) ? data[name] : undefined
    return typeof value === 'number' ? value : 0
  }
  return { threadId: number('threadId'), startUs: number('startUs'), endUs: number('endUs') }
}

/** PROTOCOL_ERROR if the bytes are not those of a list. */
export function readList(bytes: Uint8Array): readonly unknown[] {
  const data = bytes.length === 0 ? [] : decodePlain(bytes)
  if (!Array.isArray(data)) throw new EngineError('PROTOCOL_ERROR', 'parts of a task are not a list')
  return data
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
