import type { ExecutorBeat, ExecutorOrder } from '../../proto/cluster/index.ts'
import type { LaunchedTask } from '../scheduler/index.ts'
import type { Outbox } from './loop-context.ts'

/** A process of one session on one worker. */
export interface ExecutorEntry {
  readonly executorId: string
  readonly workerId: string
  readonly sessionId: string
  readonly threads: number
  readonly memoryBytes: number
  /** Tasks sent to it of which no end is known. */
  readonly attempts: Map<number, SentTask>
  state: 'starting' | 'ready' | 'stopping'
  /** Null before its hello and after its stream has ended. */
  outbox: Outbox<ExecutorOrder> | null
  blockAddress: string
  blockCertificate: string
  /** When it was started, said hello, or was last heard of. */
  lastSeenMs: number
  beat: ExecutorBeat | null
}

export interface SentTask {
  readonly task: LaunchedTask
  readonly sentMs: number
}

/** What is wrong with an executor of which nothing was heard for longer than the time of that name. */
export function faultOf({ state, outbox }: ExecutorEntry): {
  readonly limit: 'executorStartMs' | 'silenceMs' | 'exitMs'
  readonly reason: string
} {
  if (state === 'starting') return { limit: 'executorStartMs', reason: 'it did not start in time' }
  if (outbox === null) return { limit: 'exitMs', reason: 'its connection was lost' }
  if (state === 'stopping') return { limit: 'silenceMs', reason: 'it did not stop in time' }
  return { limit: 'silenceMs', reason: 'it was silent for too long' }
}
