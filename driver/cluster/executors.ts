import { EngineError } from '../../engine/errors.ts'
import type {
  ExecutorExited,
  ExecutorHello,
  ExecutorOrder,
  ExecutorReport,
  TaskEnd,
  UserCode,
} from '../../proto/cluster/index.ts'
import type { ClusterEffect, DurableOutput } from '../scheduler/index.ts'
import { type ExecutorEntry, faultOf, type SentTask } from './executor-entry.ts'
import type { Link, Peer } from './links.ts'
import { type LoopContext, Outbox } from './loop-context.ts'
import { executorOrder, workerOrder } from './orders.ts'
import { durableOutputs, type ExecutorsOfWorkers, type WorkerEntry, type Workers } from './workers.ts'

/** What executors need of the sessions. */
export interface SessionsOfExecutors {
  /** What an executor of the session is started with; null if there is no such session. */
  startOf(sessionId: string): { readonly token: string; readonly settings: Record<string, string> } | null
  codeOf(sessionId: string): Iterable<UserCode>
  taskEnded(entry: ExecutorEntry, sent: SentTask, end: TaskEnd): void
  isJob(jobId: string): boolean
}

/** The executors of all sessions. */
export class Executors implements ExecutorsOfWorkers {
  readonly #entries = new Map<string, ExecutorEntry>()
  readonly #context: LoopContext
  readonly #sessions: SessionsOfExecutors
  readonly #workers: () => Workers

  constructor(context: LoopContext, sessions: SessionsOfExecutors, workers: () => Workers) {
    this.#context = context
    this.#sessions = sessions
    this.#workers = workers
  }

  get(executorId: string): ExecutorEntry | undefined {
    return this.#entries.get(executorId)
  }

  all(): IterableIterator<ExecutorEntry> {
    return this.#entries.values()
  }

  /** A stream was opened by an executor, with the token of a session. */
  open(peer: Peer<ExecutorOrder>, sessionId: string): Link<ExecutorReport> {
    const outbox = new Outbox(peer, this.#context)
    let entry: ExecutorEntry | null = null
    return {
      receive: ({ kind }) => {
        if (kind.case === 'hello') {
          if (entry !== null) throw new EngineError('PROTOCOL_ERROR', 'an executor said hello twice')
          entry = this.#greet(outbox, sessionId, kind.value)
          return
        }
        if (entry === null) throw new EngineError('PROTOCOL_ERROR', 'an executor has not said hello')
        if (entry.outbox === outbox) this.#onReport(entry, kind)
      },
      closed: () => {
        outbox.drop()
        if (entry?.outbox !== outbox) return
        entry.outbox = null
        entry.lastSeenMs = this.#context.clock.nowMs()
      },
    }
  }

  #greet(outbox: Outbox<ExecutorOrder>, sessionId: string, hello: ExecutorHello): ExecutorEntry {
    const entry = this.#entries.get(hello.executorId)
    if (entry === undefined || entry.sessionId !== sessionId || hello.sessionId !== sessionId)
      throw new EngineError('PROTOCOL_ERROR', 'there is no such executor in this session')
    if (entry.state !== 'starting')
      throw new EngineError('PROTOCOL_ERROR', `executor "${entry.executorId}" has been here before`)
    entry.state = 'ready'
    entry.outbox = outbox
    entry.blockAddress = hello.blockAddress
    entry.blockCertificate = hello.blockCertificate
    entry.lastSeenMs = this.#context.clock.nowMs()
    for (const code of this.#sessions.codeOf(sessionId)) outbox.push(codeOrder(code))
    const { executorId } = entry
    this.#context.tell(() => ({ kind: 'executorReady', executorId }))
    this.#context.dispatch({ kind: 'executorReady', executorId })
    return entry
  }

  #onReport(entry: ExecutorEntry, kind: ExecutorReport['kind']): void {
    // One that shall stop is given up after a while, whatever it still says.
    if (entry.state !== 'stopping') entry.lastSeenMs = this.#context.clock.nowMs()
    const { executorId } = entry
    switch (kind.case) {
      case 'beat':
        entry.beat = kind.value
        this.#forgetAttempts(entry, kind.value.running)
        this.#context.dispatch({ kind: 'executorBeat', executorId, running: kind.value.running })
        return
      case 'begun':
        this.#context.dispatch({ kind: 'tasksBegun', attemptIds: kind.value.attemptIds })
        return
      case 'ends':
        for (const end of kind.value.ends) {
          const sent = entry.attempts.get(end.attemptId)
          if (sent === undefined) continue // Its job is over, or it was sent elsewhere.
          entry.attempts.delete(end.attemptId)
          this.#sessions.taskEnded(entry, sent, end)
        }
        return
      default:
        throw new EngineError(
          'PROTOCOL_ERROR',
          `a report of executor "${executorId}" is not one of its state`,
        )
    }
  }

  /** Attempts of jobs that are over, whose ends the executor has not told and does not run any more. */
  #forgetAttempts({ attempts }: ExecutorEntry, running: readonly number[]): void {
    const oldestMs = this.#context.clock.nowMs() - this.#context.settings.silenceMs
    for (const [attemptId, { task, sentMs }] of attempts) {
      if (sentMs > oldestMs) break // In the order of sending.
      if (!running.includes(attemptId) && !this.#sessions.isJob(task.jobId)) attempts.delete(attemptId)
    }
  }

  start(effect: ClusterEffect & { kind: 'startExecutor' }): void {
    const { executorId, workerId, sessionId, threads, memoryBytes } = effect
    const entry: ExecutorEntry = {
      executorId,
      workerId,
      sessionId,
      threads,
      memoryBytes,
      attempts: new Map(),
      state: 'starting',
      outbox: null,
      blockAddress: '',
      blockCertificate: '',
      lastSeenMs: this.#context.clock.nowMs(),
      beat: null,
    }
    this.#entries.set(executorId, entry)
    this.#context.tell(() => ({
      kind: 'executorStarted',
      executorId,
      workerId,
      sessionId,
      threads,
      memoryBytes,
    }))
    const worker = this.#workers().get(workerId)
    if (worker !== undefined) this.#orderStart(worker, entry)
  }

  /** What follows a lost stream: without a worker's stream it waits until the worker comes back. */
  #orderStart({ outbox }: WorkerEntry, entry: ExecutorEntry): void {
    const start = this.#sessions.startOf(entry.sessionId)
    if (start === null) return
    const { executorId, sessionId, threads, memoryBytes } = entry
    const { token: sessionToken, settings } = start
    const value = { executorId, sessionId, threads, memoryBytes, sessionToken, settings }
    outbox?.push(workerOrder({ case: 'start', value }))
  }

  stop(executorId: string, kill: boolean): void {
    const entry = this.#entries.get(executorId)
    if (entry === undefined) return
    if (entry.state !== 'stopping') entry.lastSeenMs = this.#context.clock.nowMs()
    entry.state = 'stopping'
    if (!kill) entry.outbox?.push(executorOrder({ case: 'shutdown', value: { reason: 'no longer needed' } }))
    this.#orderStop(entry, kill)
  }

  #orderStop({ workerId, executorId }: Pick<ExecutorEntry, 'workerId' | 'executorId'>, kill: boolean): void {
    this.#workers()
      .get(workerId)
      ?.outbox?.push(workerOrder({ case: 'stop', value: { executorId, kill } }))
  }

  loseMissing(workerId: string, running: readonly string[], outputs: readonly DurableOutput[]): void {
    for (const entry of this.#entries.values()) {
      const { executorId, state } = entry
      if (entry.workerId !== workerId || state === 'starting' || running.includes(executorId)) continue
      const reason = 'it ended while its worker was away'
      this.#remove(entry, reason)
      this.#context.dispatch({ kind: 'executorLost', executorId, reason, outputs })
    }
  }

  /** The loop itself stood still for so long: nobody could be heard. */
  excuse(ms: number): void {
    for (const entry of this.#entries.values()) entry.lastSeenMs += ms
  }

  resume(worker: WorkerEntry, running: readonly string[]): void {
    for (const executorId of running) {
      const entry = this.#entries.get(executorId)
      if (entry?.workerId === worker.workerId && entry.state !== 'stopping') continue
      this.#orderStop({ workerId: worker.workerId, executorId }, entry === undefined)
    }
    for (const entry of this.#entries.values())
      if (entry.workerId === worker.workerId && entry.state === 'starting') {
        if (!running.includes(entry.executorId)) this.#orderStart(worker, entry)
      }
  }

  isHeard(workerId: string): boolean {
    for (const { workerId: owner, outbox } of this.#entries.values())
      if (owner === workerId && outbox !== null) return true
    return false
  }

  isSession(sessionId: string): boolean {
    return this.#sessions.startOf(sessionId) !== null
  }

  exited(workerId: string, { executorId, reason, outputs }: ExecutorExited): void {
    const entry = this.#entries.get(executorId)
    if (entry?.workerId !== workerId) return
    this.#remove(entry, reason)
    this.#context.dispatch({
      kind: 'executorLost',
      executorId,
      reason,
      outputs: durableOutputs(outputs),
    })
  }

  forget(workerId: string): void {
    for (const entry of this.#entries.values())
      if (entry.workerId === workerId) this.#remove(entry, 'its worker is lost')
  }

  /** Finds the executors that are silent, gone, or have not started. */
  check(): void {
    const { clock, settings } = this.#context
    const nowMs = clock.nowMs()
    for (const entry of this.#entries.values()) {
      const silentMs = nowMs - entry.lastSeenMs
      const fault = faultOf(entry)
      if (silentMs > settings[fault.limit]) this.#lose(entry, fault.reason)
    }
  }

  /** Without a word of the worker: it is told to see to it that nothing of the executor is left. */
  #lose(entry: ExecutorEntry, reason: string): void {
    const { executorId } = entry
    this.#orderStop(entry, true)
    this.#remove(entry, reason)
    this.#context.dispatch({ kind: 'executorLost', executorId, reason, outputs: [] })
  }

  #remove(entry: ExecutorEntry, reason: string): void {
    const { executorId, outbox } = entry
    this.#entries.delete(executorId)
    entry.outbox = null
    outbox?.close(null)
    this.#context.tell(() => ({ kind: 'executorLost', executorId, reason }))
  }

  /** New code of a session, for the executors that have said hello; others get it when they do. */
  sendCode(sessionId: string, code: UserCode): void {
    for (const entry of this.#entries.values())
      if (entry.sessionId === sessionId) entry.outbox?.push(codeOrder(code))
  }

  close(error: EngineError): void {
    for (const { outbox } of this.#entries.values()) outbox?.close(error)
    this.#entries.clear()
  }
}

function codeOrder({ codeId, codeKind, content }: UserCode): ExecutorOrder {
  return executorOrder({ case: 'code', value: { codeId, codeKind, content } })
}
