import type { TimedRecord } from '../cluster/index.ts'
import { JobHistory } from './job-history.ts'
import type {
  ClusterStatus,
  ClusterViews,
  ExecutorView,
  JobDetail,
  JobView,
  ProgramView,
  SessionView,
  Slice,
  StorageView,
  TaskView,
  WorkerView,
} from './views.ts'

/** Jobs that have ended and are still shown. */
const KEPT_JOBS = 500
/** Workers, executors and sessions that are gone and still shown. */
const KEPT_GONE = 200

type Changing<T> = { -readonly [Key in keyof T]: T[Key] }

/** Numbers that change all the time, and that no record tells. */
export interface Gauges {
  readonly workers: ReadonlyMap<
    string,
    Pick<WorkerView, 'rssBytes' | 'load' | 'diskUsedBytes' | 'lastSeenMs'>
  >
  readonly executors: ReadonlyMap<string, Pick<ExecutorView, 'usedBytes' | 'rssBytes' | 'spilledBytes'>>
  readonly storage: readonly StorageView[]
  readonly programs: readonly ProgramView[]
}

/** Sums since the driver started, for Prometheus. */
export interface Totals {
  jobs: Record<'done' | 'failed' | 'cancelled', number>
  tasksLaunched: number
  tasksDone: number
  tasksFailed: number
  taskMs: number
  shuffleBytes: number
  rows: number
  outputsLost: number
  executorsLost: number
}

/**
 * The views of a cluster, made of the records of its driver: as they come, or read again from event logs.
 * What has ended is kept for a while, and no more than a bounded number of everything.
 */
export class ClusterHistory implements ClusterViews {
  readonly totals: Totals = {
    jobs: { done: 0, failed: 0, cancelled: 0 },
    tasksLaunched: 0,
    tasksDone: 0,
    tasksFailed: 0,
    taskMs: 0,
    shuffleBytes: 0,
    rows: 0,
    outputsLost: 0,
    executorsLost: 0,
  }
  readonly #wallMs: () => number
  readonly #gauges: () => Gauges
  #build = ''
  #startedMs = 0
  readonly #workers = new Map<string, Changing<WorkerView>>()
  readonly #executors = new Map<string, Changing<ExecutorView>>()
  readonly #sessions = new Map<string, Changing<Omit<SessionView, 'jobsRunning'>>>()
  readonly #jobs = new Map<string, JobHistory>()

  constructor(wallMs: () => number, gauges: () => Gauges) {
    this.#wallMs = wallMs
    this.#gauges = gauges
  }

  /** Takes in what happened. */
  add(record: TimedRecord): void {
    switch (record.kind) {
      case 'driverStarted':
        this.#build = record.build
        this.#startedMs = record.atMs
        break
      case 'workerJoined':
      case 'workerLost':
      case 'workerDraining':
      case 'excluded':
        this.#addWorker(record)
        break
      case 'executorStarted':
      case 'executorReady':
      case 'executorLost':
        this.#addExecutor(record)
        break
      case 'sessionOpened': {
        const { sessionId, name, atMs } = record
        this.#sessions.set(sessionId, { sessionId, name, openedMs: atMs, closedMs: null })
        break
      }
      case 'sessionClosed': {
        const session = this.#sessions.get(record.sessionId)
        if (session !== undefined) session.closedMs = record.atMs
        dropOldest(this.#sessions, KEPT_GONE, ({ closedMs }) => closedMs !== null)
        break
      }
      case 'wantWorkers':
        break
      case 'jobSubmitted':
        this.#jobs.set(record.jobId, new JobHistory(record))
        dropOldest(this.#jobs, KEPT_JOBS, ({ isRunning }) => !isRunning)
        break
      default:
        this.#addToJob(record)
    }
  }

  status(): ClusterStatus {
    const workers = [...this.#workers.values()].filter(({ state }) => state !== 'lost')
    const jobs = [...this.#jobs.values()].filter(({ isRunning }) => isRunning).map((job) => job.view())
    const sum = (of: (worker: WorkerView) => number): number =>
      workers.reduce((total, worker) => total + of(worker), 0)
    return {
      build: this.#build,
      startedMs: this.#startedMs,
      nowMs: this.#wallMs(),
      workers: workers.length,
      slots: sum(({ slots }) => slots),
      slotsUsed: [...this.#executors.values()].reduce((total, { tasksRunning }) => total + tasksRunning, 0),
      memoryBytes: sum(({ memoryBytes }) => memoryBytes),
      jobsRunning: jobs.filter(({ state }) => state === 'running').length,
      jobsWaiting: jobs.filter(({ state }) => state === 'waiting').length,
      sessions: [...this.#sessions.values()].map((session) => ({
        ...session,
        jobsRunning: jobs.filter(({ sessionId }) => sessionId === session.sessionId).length,
      })),
    }
  }

  workers(): readonly WorkerView[] {
    const { workers } = this.#gauges()
    return [...this.#workers.values()].map((worker) => ({ ...worker, ...workers.get(worker.workerId) }))
  }

  executors(): readonly ExecutorView[] {
    const { executors } = this.#gauges()
    return [...this.#executors.values()].map((each) => ({ ...each, ...executors.get(each.executorId) }))
  }

  jobs({ limit, offset }: Slice): readonly JobView[] {
    const newest = [...this.#jobs.values()].reverse()
    return newest.slice(offset, offset + limit).map((job) => job.view())
  }

  job(jobId: string): JobDetail | undefined {
    return this.#jobs.get(jobId)?.detail()
  }

  tasks(jobId: string, stageId: number, slice: Slice): readonly TaskView[] | undefined {
    return this.#jobs.get(jobId)?.tasks(stageId, slice)
  }

  storage(): readonly StorageView[] {
    return this.#gauges().storage
  }

  programs(): readonly ProgramView[] {
    return this.#gauges().programs
  }

  #addWorker(
    record: TimedRecord & { readonly kind: 'workerJoined' | 'workerLost' | 'workerDraining' | 'excluded' },
  ): void {
    if (record.kind === 'workerJoined') {
      const { workerId, host, slots, memoryBytes, atMs } = record
      const unknown = { rssBytes: null, load: null, diskUsedBytes: null, lastSeenMs: atMs }
      this.#workers.set(workerId, { workerId, host, slots, memoryBytes, state: 'active', ...unknown })
      return
    }
    const worker = this.#workers.get(record.kind === 'excluded' ? record.holderId : record.workerId)
    if (worker === undefined) return
    worker.state =
      record.kind === 'workerLost' ? 'lost' : record.kind === 'workerDraining' ? 'draining' : 'excluded'
    dropOldest(this.#workers, KEPT_GONE, ({ state }) => state === 'lost')
  }

  #addExecutor(
    record: TimedRecord & { readonly kind: 'executorStarted' | 'executorReady' | 'executorLost' },
  ): void {
    if (record.kind === 'executorStarted') {
      const { executorId, workerId, sessionId, threads, memoryBytes, atMs } = record
      this.#executors.set(executorId, {
        executorId,
        workerId,
        sessionId,
        state: 'starting',
        threads,
        tasksRunning: 0,
        tasksDone: 0,
        tasksFailed: 0,
        usedBytes: null,
        limitBytes: memoryBytes,
        rssBytes: null,
        spilledBytes: null,
        startedMs: atMs,
        endedMs: null,
        reason: null,
      })
      dropOldest(this.#executors, KEPT_GONE, ({ state }) => state === 'ended')
      return
    }
    const executor = this.#executors.get(record.executorId)
    if (executor === undefined) return
    if (record.kind === 'executorReady') executor.state = 'ready'
    else {
      this.totals.executorsLost++
      Object.assign(executor, {
        state: 'ended',
        endedMs: record.atMs,
        reason: record.reason,
        tasksRunning: 0,
      })
    }
  }

  #addToJob(record: Extract<TimedRecord, { readonly jobId: string }>): void {
    this.#count(record)
    this.#jobs.get(record.jobId)?.add(record)
  }

  #count(record: Extract<TimedRecord, { readonly jobId: string }>): void {
    const { totals } = this
    if (record.kind === 'jobEnded') totals.jobs[record.state]++
    if (record.kind === 'outputsLost') totals.outputsLost += record.count
    if (record.kind !== 'taskLaunched' && record.kind !== 'taskSpeculated' && record.kind !== 'taskEnded')
      return
    const executor = this.#executors.get(record.executorId)
    if (record.kind !== 'taskEnded') {
      totals.tasksLaunched++
      if (executor !== undefined) executor.tasksRunning++
      return
    }
    totals.taskMs += record.runMs
    if (executor !== undefined) executor.tasksRunning = Math.max(0, executor.tasksRunning - 1)
    if (record.error === null) {
      totals.tasksDone++
      totals.shuffleBytes += record.bytes
      totals.rows += record.rows
      if (executor !== undefined) executor.tasksDone++
    } else if (record.error.code !== 'CANCELLED') {
      totals.tasksFailed++
      if (executor !== undefined) executor.tasksFailed++
    }
  }
}

/** Drops the oldest of those that are over, while there are more than `most` in all. */
function dropOldest<T>(all: Map<string, T>, most: number, isOver: (one: T) => boolean): void {
  if (all.size <= most) return
  for (const [key, one] of all) {
    if (all.size <= most) return
    if (isOver(one)) all.delete(key)
  }
}
