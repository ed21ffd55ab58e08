import { EngineError, type ErrorData, errorToData } from '../../engine/errors.ts'
import type { ExecutorOrder, TaskEnd } from '../../proto/cluster/index.ts'
import { encodePlain } from '../../proto/messages/index.ts'
import type { ClusterEffect, OutputLocation, SchedulerNote } from '../scheduler/index.ts'
import type { JobGraph } from '../stages/index.ts'
import type { ExecutorEntry, SentTask } from './executor-entry.ts'
import { Job } from './job.ts'
import type { SubmittedJob } from './job-intake.ts'
import type { FetchResult, ResultReader, Spool } from './links.ts'
import type { LoopContext } from './loop-context.ts'
import { driverMessage } from './orders.ts'
import { stageRecord, stageRecords } from './plan-record.ts'
import type { SessionEntry } from './sessions.ts'
import type { Holder } from './task-orders.ts'
import { taskRecord } from './task-record.ts'
import { attemptResult } from './task-result.ts'

/** What jobs need of the rest of the loop. */
export interface JobsOptions {
  readonly fetchResult: FetchResult
  openSpool(): Spool
  graphOf(jobId: string): JobGraph | undefined
  holder(holderId: string): Holder
}

/** What is known of a job that has ended. */
export type EndedJob = Pick<
  Job,
  'jobId' | 'label' | 'sessionId' | 'state' | 'tasksDone' | 'taskCount' | 'tasksFailed' | 'error'
> & { readonly submittedWallMs: number; readonly endedWallMs: number }

const CANCELLED: ErrorData = { code: 'CANCELLED', message: 'the job was cancelled' }
const GONE: ErrorData = { code: 'CANCELLED', message: 'the session of the job has ended' }

/** The jobs of all sessions: what they are made of, how far they are, what becomes of their rows. */
export class Jobs {
  readonly #jobs = new Map<string, Job>()
  readonly #ended: EndedJob[] = []
  readonly #context: LoopContext
  readonly #options: JobsOptions

  constructor(context: LoopContext, options: JobsOptions) {
    this.#context = context
    this.#options = options
  }

  get(jobId: string): Job | undefined {
    return this.#jobs.get(jobId)
  }

  all(): IterableIterator<Job> {
    return this.#jobs.values()
  }

  /** Those that ended lately, the last one last. */
  get ended(): readonly EndedJob[] {
    return this.#ended
  }

  submit(session: SessionEntry, number: number, read: () => SubmittedJob): void {
    try {
      this.#start(session, read())
    } catch (error) {
      // What is wrong with a job is said to its client; the session goes on.
      if (!(error instanceof EngineError)) throw error
      const value = { job: number, error: encodePlain(errorToData(error)), metrics: encodePlain({}) }
      session.outbox.push(
        driverMessage({
          case: 'end',
          value: { ...value, parts: encodePlain([]), adaptations: encodePlain([]) },
        }),
      )
    }
  }

  #start(session: SessionEntry, submitted: SubmittedJob): void {
    const { clock, settings } = this.#context
    const { sessionId, outbox } = session
    const { number, label, pool, graph, creditBytes } = submitted
    const running = [...this.#jobs.values()].filter(
      (job) => job.sessionId === sessionId && !job.isEnded,
    ).length
    if (running >= settings.maxJobsOfSession)
      throw new EngineError('RESOURCES_EXHAUSTED', `the session has ${running} jobs already`)
    const taskCount = graph.stages.reduce((sum, stage) => sum + stage.taskCount, 0)
    if (taskCount > settings.maxTasksOfJob)
      throw new EngineError(
        'RESOURCES_EXHAUSTED',
        `the job has ${taskCount} tasks, more than a driver takes`,
        {
          hint: `Read larger pieces, or fewer: ${settings.maxTasksOfJob} tasks are the most.`,
        },
      )
    const jobId = `${sessionId}/${number}`
    const storage = session.settings['shuffle.storage'] === 'disk' ? 'disk' : 'memory'
    const resultTasks = Math.max(1, graph.stages.at(-1)!.taskCount)
    const job = new Job(
      {
        jobId,
        sessionId,
        number,
        label,
        graph,
        storage,
        settings: submitted.settings,
        inlineBytes: Math.min(settings.inlineBytes, Math.floor(settings.inlineBytesOfJob / resultTasks)),
        submittedWallMs: clock.wallMs(),
        nowMs: clock.nowMs(),
        rows: {
          creditBytes,
          heldBytes: settings.heldRowBytes,
          onTaken: (partition) => this.#context.dispatch({ kind: 'resultTaken', jobId, partition }),
          openSpool: this.#options.openSpool,
          onLost: (partition) => this.#resultLost(jobId, partition),
          onBroken: (error) => this.#fail(jobId, errorToData(error)),
        },
        send: (message) => outbox.push(message),
      },
      settings.progressMs,
    )
    this.#jobs.set(jobId, job)
    const stages = (): ReturnType<typeof stageRecords> => stageRecords(graph)
    this.#context.tell(() => ({ kind: 'jobSubmitted', jobId, sessionId, label, pool, stages: stages() }))
    this.#context.dispatch({ kind: 'jobSubmitted', jobId, sessionId, graph, pool })
  }

  /** The client has room for more rows. */
  grant(sessionId: string, number: number, bytes: number): void {
    if (!(bytes >= 0)) throw new EngineError('PROTOCOL_ERROR', 'the credit of a job is not a size')
    this.#jobs.get(`${sessionId}/${number}`)?.rows.grant(bytes)
  }

  /** False if no such job runs. */
  cancel(jobId: string): boolean {
    const job = this.#jobs.get(jobId)
    if (job === undefined) return false
    if (job.isEnded) this.#finish(job, CANCELLED)
    else this.#context.dispatch({ kind: 'jobCancelled', jobId })
    return true
  }

  /** A job that cannot go on, though the scheduler knows nothing of the reason. */
  #fail(jobId: string, error: ErrorData): void {
    const job = this.#jobs.get(jobId)
    if (job === undefined) return
    job.failure = error
    if (job.isEnded) this.#finish(job, error)
    else this.#context.dispatch({ kind: 'jobCancelled', jobId })
  }

  taskEnded(executor: ExecutorEntry, { task }: SentTask, end: TaskEnd): void {
    const result = attemptResult(end)
    const job = this.#jobs.get(task.jobId)
    if (job?.isEnded === false) {
      if (result.ok) job.taskSucceeded(task, end)
      else job.tasksFailed++
      this.#context.tell(() => taskRecord(executor.executorId, task, end, result))
    }
    // Also of a job that is over: its slot is free only now.
    this.#context.dispatch({ kind: 'taskEnded', attemptId: task.attemptId, result })
  }

  resultReady({ jobId, partition, attemptId, location }: ClusterEffect & { kind: 'resultReady' }): void {
    const job = this.#jobs.get(jobId)
    job?.resultReady(partition, attemptId, location, () => this.#openResult(job, partition, location))
  }

  #openResult(job: Job, partition: number, { holderId, attempt }: OutputLocation): ResultReader {
    const { jobId, sessionId } = job
    const { address, certificate } = this.#options.holder(holderId)
    const stageId = job.resultStageId
    const sessionToken = this.#context.tokenOf(sessionId)
    const place = { sessionId, sessionToken, holderId, address, certificate }
    return this.#options.fetchResult({ ...place, jobId, stageId, partition, attempt })
  }

  #resultLost(jobId: string, partition: number): void {
    const job = this.#jobs.get(jobId)
    const location = job?.locationOf(partition)
    if (job === undefined || location === undefined) return
    const { holderId: executorId, attempt } = location
    const missing = { stageId: job.resultStageId, partition, attempt, executorId }
    this.#context.dispatch({ kind: 'resultLost', jobId, partition, missing })
  }

  /** The scheduler is done with it; rows may still be on their way to the client. */
  jobEnded(jobId: string, reason: ErrorData | null): void {
    const job = this.#jobs.get(jobId)
    if (job === undefined || job.isEnded) return
    const error = job.failure ?? reason
    job.error = error
    job.state = error === null ? 'done' : error.code === 'CANCELLED' ? 'cancelled' : 'failed'
    job.endedWallMs = this.#context.clock.wallMs()
    const { state, metrics, tasksDone, tasksFailed } = job
    this.#context.tell(() => ({ kind: 'jobEnded', jobId, state, error, metrics, tasksDone, tasksFailed }))
    if (error === null) job.rows.end(() => this.#finish(job, null))
    else this.#finish(job, error)
  }

  #finish(job: Job, error: ErrorData | null): void {
    job.error = error
    for (const message of job.endMessages()) job.options.send(message)
    this.#remove(job)
  }

  #remove(job: Job): void {
    const { jobId, label, sessionId, state, tasksDone, taskCount, tasksFailed, error, endedWallMs } = job
    this.#jobs.delete(jobId)
    job.forget()
    const { submittedWallMs } = job.options
    const counts = { tasksDone, taskCount, tasksFailed, submittedWallMs, endedWallMs }
    this.#ended.push({ jobId, label, sessionId, state, error, ...counts })
    if (this.#ended.length > this.#context.settings.endedJobs) this.#ended.shift()
  }

  /** The session is over. The scheduler is told of the session, not of each job. */
  dropSession(sessionId: string): void {
    for (const job of this.#jobs.values()) {
      if (job.sessionId !== sessionId) continue
      this.jobEnded(job.jobId, GONE)
      if (this.#jobs.has(job.jobId)) this.#remove(job)
    }
  }

  /** A stage for an executor; nothing if the job is over. */
  stagePieces(jobId: string, stageId: number): readonly ExecutorOrder[] {
    const job = this.#jobs.get(jobId)
    if (job === undefined) return []
    return job.stageOrders.piecesOf(this.#options.graphOf(jobId) ?? job.graph, stageId)
  }

  onNote(note: SchedulerNote): void {
    if (!('jobId' in note)) return
    const job = this.#jobs.get(note.jobId)
    if (job === undefined) return
    const { jobId, stageId } = note
    switch (note.kind) {
      case 'stageStarted':
        if (job.state === 'waiting') job.state = 'running'
        this.#context.tell(() => ({ kind: 'stageStarted', jobId, stageId }))
        break
      case 'stageEnded': {
        job.stagesDone++
        const { rows, bytes } = job.countsOf(stageId)
        this.#context.tell(() => ({ kind: 'stageEnded', jobId, stageId, rows, bytes }))
        break
      }
      case 'adapted': {
        const { text } = note
        job.adaptations.push(text)
        job.graph = this.#options.graphOf(jobId) ?? job.graph
        const stage = job.graph.stages[stageId]!
        this.#context.tell(() => ({ kind: 'stageAdapted', jobId, stage: stageRecord(stage), text }))
        break
      }
      case 'outputsLost': {
        const { count } = note
        this.#context.tell(() => ({ kind: 'outputsLost', jobId, stageId, count }))
        break
      }
    }
  }

  /** Whether some client may want to hear how far its job is. */
  isAnyRunning(): boolean {
    for (const { isEnded } of this.#jobs.values()) if (!isEnded) return true
    return false
  }

  /** Tells clients how far their jobs are, those that have not heard for a while. */
  tellProgress(): void {
    const { clock, settings } = this.#context
    const nowMs = clock.nowMs()
    for (const job of this.#jobs.values()) {
      if (nowMs < job.progressMs) continue
      const message = job.progress()
      if (message === null) continue
      job.progressMs = nowMs + settings.progressMs
      job.options.send(message)
    }
  }
}
