import type { StreamLag, StreamLimits, StreamOffset } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import type { BatchRange, BatchRecord, Checkpoint, StateFiles } from './checkpoint.ts'

/** A source of a query, with its options. */
export interface LoopSource {
  /** For people and progress. */
  readonly name: string
  initialOffset(): Promise<StreamOffset>
  nextOffset(from: StreamOffset): Promise<StreamOffset>
  /** Resolves when there may be rows after `from`, or after `timeoutMs`. */
  waitForMore(from: StreamOffset, timeoutMs: number, signal: AbortSignal): Promise<void>
  release(upTo: StreamOffset): Promise<void>
  lag(from: StreamOffset): Promise<StreamLag>
}

/** What a job of a batch leaves, of the attempts that count. */
export interface BatchOutcome {
  /** Newest event time seen, by source and partition. */
  readonly eventTimes: Readonly<Record<string, bigint>>
  readonly state: readonly StateFiles[]
  readonly rowsIn: number
  readonly rowsOut: number
  readonly rowsLate: number
  readonly rowsBad: number
}

/** Time as the loop sees it. */
export interface LoopClock {
  nowMs(): number
  /** Microseconds since 1970. */
  wallMicros(): bigint
  randomSeed(): number
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** How long each step of a batch took, in milliseconds. */
export interface BatchPhases {
  readonly offsetsMs: number
  readonly planAndRunMs: number
  readonly commitMs: number
}

/** What a query tells after each batch. */
export interface BatchProgress {
  readonly batchId: number
  readonly wallMicros: bigint
  readonly ranges: readonly BatchRange[]
  readonly watermarkMicros: bigint | null
  readonly outcome: BatchOutcome
  readonly phases: BatchPhases
}

/** Everything the loop works with; tests give simulated parts. */
export interface LoopParts {
  readonly checkpoint: Checkpoint
  readonly sources: readonly LoopSource[]
  readonly clock: LoopClock
  /** Runs the job of a batch and commits it to the sink, or finds that the sink has it already. */
  runBatch(batch: BatchRecord, state: readonly StateFiles[][], signal: AbortSignal): Promise<BatchOutcome>
  /** The watermark that follows from event times; null: none. */
  nextWatermark(eventTimes: Readonly<Record<string, bigint>>, before: bigint | null): bigint | null
  /** Whether a batch without new rows may still give some: state waits for the watermark. */
  readonly hasTimers: boolean
  readonly statePartitions: number
  onProgress(progress: BatchProgress): void
}

/** The limits of one batch as options say: `maxRowsPerBatch`, `maxBytesPerBatch`. */
export function limitsOf(options: Readonly<Record<string, string>>): StreamLimits {
  const read = (name: string): number | null => {
    const text = Object.entries(options).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
    if (text === undefined) return null
    const value = Number(text)
    if (Number.isInteger(value) && value > 0) return value
    throw new EngineError('CONFIG_INVALID', `option "${name}" must be a whole number above 0, not "${text}"`)
  }
  return { maxRows: read('maxRowsPerBatch'), maxBytes: read('maxBytesPerBatch') }
}
