import type { ClusterEvent } from './cluster-events.ts'
import type { ClusterState } from './cluster-state.ts'
import { stopExecutor } from './executors.ts'
import { failJob } from './jobs.ts'

/** A program begins to use the cluster. */
export function openSession(
  state: ClusterState,
  event: Extract<ClusterEvent, { readonly kind: 'sessionOpened' }>,
): void {
  if (state.sessions.has(event.sessionId)) return
  state.sessions.set(event.sessionId, {
    id: event.sessionId,
    executorMemoryBytes: event.executorMemoryBytes,
    maxSlots: event.maxSlots,
    settings: event.settings,
    jobs: new Set(),
    kept: new Map(),
    executors: new Set(),
    starting: new Set(),
    usedSlots: 0,
    startedExecutors: 0,
    startFailures: 0,
    startAfterMs: new Map(),
  })
}

/** It is over: its jobs are cancelled, and its executors end with all they hold. */
export function closeSession(state: ClusterState, sessionId: string): void {
  const session = state.sessions.get(sessionId)
  if (session === undefined) return
  for (const job of [...session.jobs])
    failJob(state, job, { code: 'CANCELLED', message: 'the session of the job was closed' })
  for (const executor of [...session.executors]) stopExecutor(state, executor)
  state.sessions.delete(sessionId)
}
