import type { ErrorData } from '../../engine/errors.ts'
import { mergeMetrics, type PlanMetrics } from '../../engine/run/index.ts'
import type { DriverMessage, TaskEnd } from '../../proto/cluster/index.ts'
import { encodePlain } from '../../proto/messages/index.ts'
import type { LaunchedTask, OutputLocation } from '../scheduler/index.ts'
import type { JobGraph, Stage } from '../stages/index.ts'
import type { ResultReader } from './links.ts'
import { driverMessage } from './orders.ts'
import { ResultRows, type ResultRowsOptions } from './result-rows.ts'
import { type StageOrderOptions, StageOrders } from './stage-orders.ts'
import { checkSizes, isInline, readList, readMetrics } from './task-result.ts'

/** Parts that one message tells of. */
const PARTS_OF_MESSAGE = 1000

/** What a job is made of. */
export interface JobOptions extends StageOrderOptions {
  /** The client's number. */
  readonly number: number
  readonly label: string
  readonly graph: JobGraph
  readonly submittedWallMs: number
  readonly nowMs: number
  readonly rows: Omit<ResultRowsOptions, 'send'>
  send(message: DriverMessage): void
}

/** What came with the end of a task of the last stage, until it is known whether it counts. */
interface PendingEnd {
  readonly isInline: boolean
  readonly chunks: readonly Uint8Array[]
  readonly parts: readonly unknown[]
}

/** What is counted of a stage. */
interface StageCounts {
  readonly done: Set<number>
  rows: number
  bytes: number
}

/** A job between its submission and its end at the client. */
export class Job {
  readonly options: JobOptions
  readonly stageOrders: StageOrders
  readonly rows: ResultRows
  readonly metrics: PlanMetrics = {}
  readonly adaptations: string[] = []
  readonly #counts = new Map<number, StageCounts>()
  readonly #pending = new Map<number, PendingEnd>()
  readonly #parts = new Map<number, readonly unknown[]>()
  /** Those of tasks before the last stage, of the attempt of each that was first. */
  readonly #earlierParts: unknown[] = []
  readonly #locations = new Map<number, OutputLocation>()
  readonly #resultStage: number
  graph: JobGraph
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' = 'waiting'
  tasksDone = 0
  tasksFailed = 0
  stagesDone = 0
  endedWallMs = 0
  error: ErrorData | null = null
  /** Why the job cannot go on, if that is not the scheduler's to say. */
  failure: ErrorData | null = null
  /** What the client last heard of its progress, and when it may hear again. */
  #toldDone = 0
  progressMs: number

  constructor(options: JobOptions, progressMs: number) {
    this.options = options
    this.graph = options.graph
    this.stageOrders = new StageOrders(options)
    this.#resultStage = options.graph.stages.at(-1)!.id
    const { number: job } = options
    const send = (partition: number, chunk: Uint8Array): void =>
      options.send(driverMessage({ case: 'rows', value: { job, partition, chunk } }))
    this.rows = new ResultRows({ ...options.rows, send })
    this.progressMs = options.nowMs + progressMs
  }

  get jobId(): string {
    return this.options.jobId
  }

  get isEnded(): boolean {
    return this.state !== 'waiting' && this.state !== 'running'
  }

  get sessionId(): string {
    return this.options.sessionId
  }

  get label(): string {
    return this.options.label
  }

  get resultStageId(): number {
    return this.#resultStage
  }

  get taskCount(): number {
    return this.graph.stages.reduce((count, stage) => count + (isRun(stage) ? stage.taskCount : 0), 0)
  }

  /**
   * Counts a task that succeeded; one that runs again for its lost output counts once. PROTOCOL_ERROR if what
   * its executor says of it cannot be: it runs code of users.
   */
  taskSucceeded({ stageId, partition, attemptId }: LaunchedTask, end: TaskEnd): void {
    const counts = this.countsOf(stageId)
    checkSizes(end)
    if (stageId === this.#resultStage)
      this.#pending.set(attemptId, {
        isInline: isInline(end),
        chunks: end.inline,
        parts: readList(end.parts),
      })
    if (counts.done.has(partition)) return
    counts.done.add(partition)
    if (stageId !== this.#resultStage) this.#earlierParts.push(...readList(end.parts))
    counts.rows += sum(end.partitionRows)
    counts.bytes += sum(end.partitionBytes)
    mergeMetrics(this.metrics, readMetrics(end.metrics))
    this.tasksDone++
  }

  countsOf(stageId: number): StageCounts {
    let counts = this.#counts.get(stageId)
    if (counts === undefined) {
      counts = { done: new Set(), rows: 0, bytes: 0 }
      this.#counts.set(stageId, counts)
    }
    return counts
  }

  /** The attempt that counts for a partition of the result, and where its rows are. */
  resultReady(
    partition: number,
    attemptId: number,
    location: OutputLocation,
    open: () => ResultReader,
  ): void {
    const end = this.#pending.get(attemptId)
    if (end === undefined) return
    this.#locations.set(partition, location)
    // It is announced again if it moves; rows that came along are taken by then.
    this.#pending.set(attemptId, { isInline: false, chunks: [], parts: end.parts })
    this.#parts.set(partition, end.parts)
    const { isInline, chunks } = end
    this.rows.ready(partition, isInline ? { kind: 'inline', chunks } : { kind: 'held', open })
  }

  /** Where the rows of a partition of the result were last. */
  locationOf(partition: number): OutputLocation | undefined {
    return this.#locations.get(partition)
  }

  /** How far the job is, if that changed since the client heard of it. */
  progress(): DriverMessage | null {
    if (this.isEnded || this.#toldDone === this.tasksDone) return null
    this.#toldDone = this.tasksDone
    const { tasksDone, stagesDone, taskCount } = this
    const stageCount = this.graph.stages.filter(isRun).length
    const { number: job } = this.options
    return driverMessage({ case: 'progress', value: { job, tasksDone, taskCount, stagesDone, stageCount } })
  }

  /** The last messages of the job: in several, so that none is too large however many files it wrote. */
  endMessages(): DriverMessage[] {
    const { number: job } = this.options
    const ofResult = [...this.#parts].sort(([a], [b]) => a - b).flatMap(([, list]) => list)
    const parts = [...this.#earlierParts, ...ofResult]
    const messages: DriverMessage[] = []
    while (parts.length > PARTS_OF_MESSAGE) {
      const piece = encodePlain(parts.splice(0, PARTS_OF_MESSAGE))
      messages.push(driverMessage({ case: 'parts', value: { job, parts: piece } }))
    }
    const value = {
      job,
      ...(this.error === null ? {} : { error: encodePlain(this.error) }),
      metrics: encodePlain(this.metrics),
      parts: encodePlain(parts),
      adaptations: encodePlain(this.adaptations),
    }
    return [...messages, driverMessage({ case: 'end', value })]
  }

  /** Lets go of everything but what `status` tells. */
  forget(): void {
    this.rows.close()
    this.#pending.clear()
    this.#parts.clear()
  }
}

/** Tables are no tasks: each executor builds them for itself. */
function isRun({ output }: Stage): boolean {
  return output?.kind !== 'table'
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
