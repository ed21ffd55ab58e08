import type { ErrorData } from '../../engine/errors.ts'
import { mergeMetrics, type PlanMetrics } from '../../engine/run/index.ts'
import type { JobRecord, StageRecord, TimedRecord } from '../cluster/index.ts'
import { operatorViews } from './operator-views.ts'
import type { JobDetail, JobView, Slice, StageView, TaskView } from './views.ts'

/** Attempts whose particulars are kept, of each stage. */
const KEPT_ATTEMPTS = 5000

type Changing<T> = { -readonly [Key in keyof T]: T[Key] }

/** What has been heard of one job. */
export class JobHistory {
  readonly #job: Changing<Omit<JobView, 'tasksRunning' | 'taskCount' | 'stagesDone' | 'stageCount'>>
  readonly #stages: StageHistory[]
  readonly #notes: { readonly atMs: number; readonly text: string }[] = []

  constructor(record: TimedRecord & { readonly kind: 'jobSubmitted' }) {
    const { jobId, sessionId, label, pool, atMs } = record
    this.#job = {
      jobId,
      sessionId,
      label,
      pool,
      state: 'waiting',
      submittedMs: atMs,
      endedMs: null,
      tasksDone: 0,
      tasksFailed: 0,
      error: null,
    }
    this.#stages = record.stages.map((stage) => new StageHistory(stage))
  }

  get sessionId(): string {
    return this.#job.sessionId
  }

  get isRunning(): boolean {
    return this.#job.state === 'running' || this.#job.state === 'waiting'
  }

  /** Takes in what happened to the job after it was submitted. */
  add(record: JobRecord & { readonly atMs: number }): void {
    const stage = 'stageId' in record ? this.#stages[record.stageId] : undefined
    switch (record.kind) {
      case 'jobSubmitted':
        break
      case 'jobEnded':
        Object.assign(this.#job, { state: record.state, endedMs: record.atMs, error: textOf(record.error) })
        for (const each of this.#stages) each.end(record.atMs)
        break
      case 'outputsLost':
        stage?.lose(record.count)
        this.#note(record.atMs, `${record.count} outputs of stage ${record.stageId} were lost and run again`)
        break
      case 'stageAdapted':
        this.#stages[record.stage.stageId]?.adapt(record.stage)
        this.#note(record.atMs, record.text)
        break
      case 'taskLaunched':
      case 'taskSpeculated':
        if (this.#job.state === 'waiting') this.#job.state = 'running'
        stage?.launch(record)
        break
      case 'taskEnded':
        if (record.error === null) this.#job.tasksDone++
        else if (record.error.code !== 'CANCELLED') this.#job.tasksFailed++
        stage?.taskEnd(record)
        break
      case 'taskRetries':
        this.#note(record.atMs, retryText(record))
        break
      case 'stageStarted':
        stage?.start(record.atMs)
        break
      case 'stageEnded':
        stage?.end(record.atMs)
        break
    }
  }

  view(): JobView {
    const stages = this.#stages.map((stage) => stage.view())
    return {
      ...this.#job,
      tasksDone: stages.reduce((sum, stage) => sum + stage.tasksDone, 0),
      tasksRunning: stages.reduce((sum, stage) => sum + stage.tasksRunning, 0),
      taskCount: stages.reduce((sum, stage) => sum + stage.taskCount, 0),
      stagesDone: stages.filter(({ state }) => state === 'done').length,
      stageCount: stages.length,
    }
  }

  detail(): JobDetail {
    return { ...this.view(), stages: this.#stages.map((stage) => stage.detail()), notes: this.#notes }
  }

  /** Attempts of a stage, newest first; undefined: no such stage. */
  tasks(stageId: number, slice: Slice): readonly TaskView[] | undefined {
    return this.#stages[stageId]?.tasks(slice)
  }

  #note(atMs: number, text: string): void {
    if (this.#notes.length < KEPT_ATTEMPTS) this.#notes.push({ atMs, text })
  }
}

class StageHistory {
  #record: StageRecord
  #startedMs: number | null = null
  #endedMs: number | null = null
  #done = 0
  #failed = 0
  #bytes = 0
  #rows = 0
  #running = 0
  readonly #metrics: PlanMetrics = {}
  readonly #attempts = new Map<number, Changing<TaskView>>()

  constructor(record: StageRecord) {
    this.#record = record
  }

  adapt(record: StageRecord): void {
    this.#record = record
  }

  start(atMs: number): void {
    this.#startedMs ??= atMs
    this.#endedMs = null
  }

  end(atMs: number): void {
    if (this.#startedMs === null) return
    this.#endedMs ??= atMs
    this.#running = 0
  }

  lose(count: number): void {
    this.#done = Math.max(0, this.#done - count)
    this.#endedMs = null
  }

  launch(record: TimedRecord & { readonly kind: 'taskLaunched' | 'taskSpeculated' }): void {
    const { attemptId, stageId, partition, attempt, executorId, atMs } = record
    this.#startedMs ??= atMs
    this.#running++
    this.#attempts.set(attemptId, {
      attemptId,
      stageId,
      partition,
      attempt,
      executorId,
      state: 'launched',
      launchedMs: atMs,
      beganMs: null,
      endedMs: null,
      outputBytes: null,
      outputRows: null,
      error: null,
    })
    if (this.#attempts.size <= KEPT_ATTEMPTS) return
    const oldest = this.#attempts.keys().next()
    if (oldest.done !== true) this.#attempts.delete(oldest.value)
  }

  taskEnd(record: TimedRecord & { readonly kind: 'taskEnded' }): void {
    const { error, atMs, runMs, bytes, rows } = record
    this.#running = Math.max(0, this.#running - 1)
    mergeMetrics(this.#metrics, record.metrics)
    const isCancelled = error?.code === 'CANCELLED'
    if (error === null) {
      this.#done++
      this.#bytes += bytes
      this.#rows += rows
    } else if (!isCancelled) this.#failed++
    const attempt = this.#attempts.get(record.attemptId)
    if (attempt === undefined) return
    attempt.state = error === null ? 'succeeded' : isCancelled ? 'cancelled' : 'failed'
    attempt.endedMs = atMs
    attempt.beganMs = runMs > 0 ? atMs - runMs : null
    attempt.error = textOf(error)
    if (error === null) Object.assign(attempt, { outputBytes: bytes, outputRows: rows })
  }

  view(): Omit<StageView, 'operators'> {
    const { stageId, inputs, taskCount, output } = this.#record
    const isDone = this.#endedMs !== null && this.#done >= taskCount
    return {
      stageId,
      state: isDone ? 'done' : this.#startedMs === null ? 'waiting' : 'running',
      inputs,
      output,
      taskCount,
      tasksDone: Math.min(this.#done, taskCount),
      tasksRunning: this.#running,
      tasksFailed: this.#failed,
      startedMs: this.#startedMs,
      endedMs: this.#endedMs,
      outputBytes: this.#bytes,
      outputRows: this.#rows,
    }
  }

  detail(): StageView {
    return { ...this.view(), operators: operatorViews(this.#record.plan, this.#metrics) }
  }

  tasks({ limit, offset }: Slice): readonly TaskView[] {
    return [...this.#attempts.values()].reverse().slice(offset, offset + limit)
  }
}

function retryText({
  stageId,
  partition,
  error,
  inMs,
}: JobRecord & { readonly kind: 'taskRetries' }): string {
  const what = `task ${partition} of stage ${stageId} failed (${textOf(error)})`
  return inMs === null ? what : `${what} and runs again in ${Math.round(inMs)} ms`
}

/** Code and message. */
function textOf(error: ErrorData | null): string | null {
  return error === null ? null : `${error.code}: ${error.message}`
}
