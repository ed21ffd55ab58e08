import { EngineError } from '../../engine/errors.ts'
import type {
  ClientMessage,
  DriverMessage,
  ExecutorOrder,
  ExecutorReport,
  WorkerOrder,
  WorkerReport,
} from '../../proto/cluster/index.ts'
import type { ClusterEffect, ClusterEvent, SchedulerNote } from '../scheduler/index.ts'
import type { JobGraph } from '../stages/index.ts'
import { Executors } from './executors.ts'
import type { ClusterObserver, ClusterRecord } from './job-events.ts'
import type { ReadGraph } from './job-intake.ts'
import { Jobs } from './jobs.ts'
import type { Clock, FetchResult, IdSource, Link, Peer, Spool } from './links.ts'
import type { LoopContext } from './loop-context.ts'
import { defaultLoopSettings, type LoopSettings } from './loop-settings.ts'
import { memorySpool } from './memory-spool.ts'
import { Sessions } from './sessions.ts'
import { attemptOf, TaskOrders } from './task-orders.ts'
import { Workers } from './workers.ts'

/** What decides where tasks run: driver/scheduler. */
export interface SchedulerCore {
  handle(event: ClusterEvent, nowMs: number): readonly ClusterEffect[]
  /** When it wants a tick; null: events alone bring it on. */
  nextWakeMs(): number | null
  /** The job as adaptive execution left it; undefined if it is over. */
  graphOf(jobId: string): JobGraph | undefined
}

/** Everything that the loop has of its surroundings; the simulator gives its own. */
export interface DriverLoopOptions {
  readonly scheduler: SchedulerCore
  readonly clock: Clock
  readonly ids: IdSource
  readonly readGraph: ReadGraph
  readonly fetchResult: FetchResult
  /** Where rows wait that memory is too small for; without it they wait in memory. */
  readonly openSpool?: () => Spool
  /** For clients, which compare it with theirs. */
  readonly build: string
  readonly settings?: Partial<LoopSettings>
  readonly observer?: ClusterObserver | null
  readonly onObserverError?: (error: unknown) => void
  /** More or fewer workers would be of use. */
  readonly onWantWorkers?: (count: number) => void
  /** The scheduler has failed, which is a bug: nothing can go on. */
  readonly onBroken: (error: unknown) => void
}

/**
 * The event loop of a driver. Streams of workers, executors and clients are its links; what they say becomes
 * events of the scheduler, and what the scheduler wants becomes messages to them. It has no clock, timer,
 * socket or chance of its own. Messages go at the end of a turn, so that many tasks travel in one.
 */
export class DriverLoop {
  readonly workers: Workers
  readonly executors: Executors
  readonly sessions: Sessions
  readonly jobs: Jobs
  readonly startedWallMs: number
  readonly #options: DriverLoopOptions
  readonly #context: LoopContext
  readonly #orders: TaskOrders
  readonly #events: ClusterEvent[] = []
  #isDispatching = false
  #isTurnDue = false
  #isClosed = false
  #timer: { readonly atMs: number; readonly cancel: () => void } | null = null
  #checkMs: number

  constructor(options: DriverLoopOptions) {
    this.#options = options
    const { clock, ids, build, readGraph, fetchResult, openSpool = memorySpool, scheduler } = options
    const settings = { ...defaultLoopSettings, ...options.settings }
    this.#context = {
      clock,
      ids,
      settings,
      build,
      outboxes: new Set(),
      dispatch: (event) => this.#dispatch(event),
      tell: (record) => this.#tell(record),
      touch: () => this.#touch(),
      tokenOf: (sessionId) => this.sessions.get(sessionId)?.token ?? '',
    }
    this.startedWallMs = clock.wallMs()
    this.#checkMs = clock.nowMs() + settings.heartbeatMs
    this.sessions = new Sessions(this.#context, readGraph, () => this)
    this.executors = new Executors(this.#context, this.sessions, () => this.workers)
    this.workers = new Workers(this.#context, this.executors)
    this.#orders = new TaskOrders(this.#context, this.executors, this.workers)
    this.jobs = new Jobs(this.#context, {
      fetchResult,
      openSpool,
      graphOf: (jobId) => scheduler.graphOf(jobId),
      holder: (holderId) => this.#orders.holder(holderId),
    })
    this.#tell(() => ({ kind: 'driverStarted', build }))
    this.#touch()
  }

  /** A worker has opened its stream. */
  openWorker(peer: Peer<WorkerOrder>): Link<WorkerReport> {
    return this.#link(this.workers.open(peer))
  }

  /** An executor has opened its stream, with the token of this session. */
  openExecutor(peer: Peer<ExecutorOrder>, sessionId: string): Link<ExecutorReport> {
    return this.#link(this.executors.open(peer, sessionId))
  }

  /** A program has opened its stream. */
  openClient(peer: Peer<DriverMessage>): Link<ClientMessage> {
    return this.#link(this.sessions.open(peer))
  }

  /** Cancels a job. False if there is none of this id. */
  cancelJob(jobId: string): boolean {
    return this.jobs.cancel(jobId)
  }

  /** Takes a worker out of service. False if there is none of this id. */
  decommission(workerId: string): boolean {
    return this.workers.drain(workerId)
  }

  /** Ends all sessions, executors and streams. */
  close(): void {
    if (this.#isClosed) return
    const error = new EngineError('CLUSTER_UNREACHABLE', 'the driver was stopped')
    this.sessions.close(error)
    this.executors.close(error)
    this.workers.close(error)
    this.#isClosed = true
    this.#timer?.cancel()
  }

  /**
   * Whoever breaks the protocol has no place here any more: the loop forgets the stream, then it is closed.
   */
  #link<Message>(link: Link<Message>): Link<Message> {
    return {
      receive: (message) => {
        if (this.#isClosed) return
        try {
          link.receive(message)
        } catch (error) {
          link.closed(error instanceof Error ? error.message : String(error))
          throw error
        }
      },
      closed: (reason) => {
        if (!this.#isClosed) link.closed(reason)
      },
    }
  }

  /** One event at a time: what comes of an event may bring up others, which wait. */
  #dispatch(event: ClusterEvent): void {
    if (this.#isClosed) return
    this.#events.push(event)
    if (this.#isDispatching) return
    this.#isDispatching = true
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift())
        for (const effect of this.#options.scheduler.handle(next, this.#context.clock.nowMs()))
          this.#perform(effect)
    } catch (error) {
      this.#options.onBroken(error)
      this.close()
    } finally {
      this.#isDispatching = false
    }
    this.#touch()
  }

  #perform(effect: ClusterEffect): void {
    switch (effect.kind) {
      case 'startExecutor':
        this.sessions.get(effect.sessionId)?.workers.add(effect.workerId)
        return this.executors.start(effect)
      case 'stopExecutor':
        return this.executors.stop(effect.executorId, effect.kill)
      case 'sendStage': {
        const { executorId, jobId, stageId } = effect
        return this.#orders.sendStage(executorId, this.jobs.stagePieces(jobId, stageId))
      }
      case 'sendOutputs':
        return this.#orders.sendOutputs(effect)
      case 'launch':
        return this.#orders.launch(effect.executorId, effect.tasks)
      case 'cancelAttempts':
        return this.#orders.cancel(effect.executorId, effect.attemptIds)
      case 'release':
        return this.#orders.release(effect)
      case 'resultReady':
        return this.jobs.resultReady(effect)
      case 'jobEnded':
        return this.jobs.jobEnded(effect.jobId, effect.error)
      case 'wantWorkers':
        this.#tell(() => ({ kind: 'wantWorkers', count: effect.count }))
        return this.#options.onWantWorkers?.(effect.count)
      case 'note':
        return this.#onNote(effect.note)
    }
  }

  #onNote(note: SchedulerNote): void {
    switch (note.kind) {
      case 'attemptFailed': {
        const { executorId, error, retriesInMs: inMs } = note
        return this.#tell(() => ({ kind: 'taskRetries', ...attemptOf(note.task), executorId, error, inMs }))
      }
      case 'speculated': {
        const { executorId } = note
        return this.#tell(() => ({ kind: 'taskSpeculated', ...attemptOf(note.task), executorId }))
      }
      case 'excluded': {
        const { holderId, reason, untilMs } = note
        const forMs = Math.max(0, untilMs - this.#context.clock.nowMs())
        return this.#tell(() => ({ kind: 'excluded', holderId, reason, forMs }))
      }
      case 'drained':
        return this.workers.drained(note.workerId)
      default:
        return this.jobs.onNote(note)
    }
  }

  #tell(record: () => ClusterRecord): void {
    const { observer } = this.#options
    if (observer === undefined || observer === null) return
    try {
      observer({ ...record(), atMs: this.#context.clock.wallMs() })
    } catch (error) {
      this.#options.onObserverError?.(error) // Who only looks on must not break what runs.
    }
  }

  #touch(): void {
    if (this.#isTurnDue || this.#isClosed) return
    this.#isTurnDue = true
    this.#context.clock.soon(() => this.#turn())
  }

  /** The end of a turn: what waits goes, and the loop says when it wants to be woken. */
  #turn(): void {
    this.#isTurnDue = false
    if (this.#isClosed) return
    const { clock, settings, outboxes } = this.#context
    const { scheduler } = this.#options
    const nowMs = clock.nowMs()
    if (nowMs >= this.#checkMs) this.#check(nowMs, settings.heartbeatMs)
    const wakeMs = scheduler.nextWakeMs()
    if (wakeMs !== null && wakeMs <= nowMs) this.#dispatch({ kind: 'tick' })
    this.sessions.tellSize()
    this.jobs.tellProgress()
    const waiting = [...outboxes]
    outboxes.clear()
    for (const outbox of waiting) outbox.flush()
    this.#arm()
  }

  /**
   * Looks for those who are silent. If the driver itself was stopped or had no processor, what they said in
   * the meantime still waits to be read, and they are not to blame.
   */
  #check(nowMs: number, heartbeatMs: number): void {
    const lateMs = nowMs - this.#checkMs
    if (lateMs > heartbeatMs) {
      this.workers.excuse(lateMs)
      this.executors.excuse(lateMs)
    }
    this.#checkMs = nowMs + heartbeatMs
    this.workers.check()
    this.executors.check()
  }

  /** At most one timer is set: for the scheduler's wish, for liveness, or for progress. */
  #arm(): void {
    if (this.#isClosed) return
    const { clock, settings } = this.#context
    const { scheduler } = this.#options
    const nowMs = clock.nowMs()
    const progressMs = this.jobs.isAnyRunning() ? nowMs + settings.progressMs : Number.POSITIVE_INFINITY
    const wakeMs = scheduler.nextWakeMs() ?? Number.POSITIVE_INFINITY
    // Never at once: a turn has just been.
    const atMs = Math.max(nowMs + 1, Math.min(wakeMs, this.#checkMs, progressMs))
    if (this.#timer !== null && this.#timer.atMs > nowMs && this.#timer.atMs <= atMs) return
    this.#timer?.cancel()
    const cancel = clock.at(atMs, () => {
      this.#timer = null
      this.#touch()
    })
    this.#timer = { atMs, cancel }
  }
}
