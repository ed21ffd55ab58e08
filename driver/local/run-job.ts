import type { WrittenPart } from '../../engine/connect/index.ts'
import { type ErrorData, errorFromData } from '../../engine/errors.ts'
import type { MemoryPool } from '../../engine/memory/index.ts'
import type { BuildSide } from '../../engine/operators/index.ts'
import { mergeMetrics, type PlanMetrics } from '../../engine/run/index.ts'
import { freeStored, type ShuffleBlock, type ShuffleOutput } from '../../engine/shuffle/index.ts'
import type { TaskMessage, TaskOutput, TaskReply } from '../../proto/messages/index.ts'
import type { ThreadPool } from '../../worker/threads/index.ts'
import { type JobEffect, type JobEvent, JobMachine, LOCAL_JOB, type TaskAttempt } from '../scheduler/index.ts'
import {
  errorOfTask,
  type JobGraph,
  type JobRequest,
  type ResultBatch,
  type Stage,
  tablesReadBy,
  taskInputsOf,
} from '../stages/index.ts'
import type { JobObserver } from './job-observer.ts'
import type { KeptStage, KeptStages } from './kept-outputs.ts'
import { ResultQueue } from './result-queue.ts'

let lastJobTag = 0
let lastTaskId = 0

/** A number for what belongs together in the pool: a job, or what outlives it. */
export function newTag(): number {
  return ++lastJobTag
}

export interface JobOptions extends JobRequest {
  readonly pool: MemoryPool
  readonly threads: ThreadPool
  readonly kept: KeptStages
  /** Hears that other jobs should look again at what is kept. */
  onKeptChanged(): void
  /** Hears of the job, if anybody listens. */
  readonly observer?: JobObserver | null | undefined
}

const CANCELLED: ErrorData = { code: 'CANCELLED', message: 'the job was cancelled' }
const SESSION_STOPPED: ErrorData = { code: 'CANCELLED', message: 'the session was stopped' }

function lostError(reason: string, sentRows: boolean): ErrorData {
  return {
    code: 'WORKER_LOST',
    message: `a worker thread was lost: ${reason}`,
    hint: sentRows
      ? 'Rows of its task had been given out, so it could not run again; run the query again.'
      : undefined,
  }
}

/**
 * Runs a job on the threads of this process. Result batches come in the order of partitions; stop iterating
 * and the job is cancelled.
 * When the iteration has ended, however it did, every byte of the job is back in the pool.
 */
export class LocalJob {
  readonly metrics: PlanMetrics = {}
  readonly parts: WrittenPart[] = []
  readonly #tag = newTag()
  readonly #graph: JobGraph
  readonly #options: JobOptions
  readonly #outputs: Map<number, ShuffleOutput[]> = new Map()
  /** Tables of finished build stages. They lie in the regions of these stages' outputs. */
  readonly #tables: Map<number, BuildSide> = new Map()
  /** Stages whose outputs outlive the job. */
  readonly #kept = new Map<number, KeptStage>()
  readonly #results: ResultQueue
  readonly #machine: JobMachine
  /** Their numbers at the threads, of stages that these know. */
  readonly #stageNumbers = new Map<number, number>()
  #error: ErrorData | null = null
  #tasksDone = 0
  #observed: ReturnType<JobObserver['onJob']> | undefined
  #stopped: Promise<void> = Promise.resolve()

  constructor(graph: JobGraph, options: JobOptions) {
    this.#graph = graph
    this.#options = options
    for (const stage of graph.stages) if (isKept(stage)) this.#kept.set(stage.id, options.kept.of(stage))
    this.#machine = new JobMachine(graph, {
      ...LOCAL_JOB,
      kept: ({ id }) => this.#kept.get(id)!.shared,
    })
    const resultTasks = graph.stages.at(-1)!.taskCount
    this.#results = new ResultQueue(resultTasks)
    for (const { id } of graph.stages) this.#outputs.set(id, this.#kept.get(id)?.outputs ?? [])
  }

  async *run(): AsyncGenerator<ResultBatch, void, void> {
    const { signal, pool, threads, label, observer } = this.#options
    this.#observed = observer?.onJob(this.#graph, label)
    const onAbort = (): void => this.#end(CANCELLED)
    if (signal?.aborted === true) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      this.#onEvent({ kind: 'started' })
      for (;;) {
        const next = await this.#results.next()
        if (next === null || this.#error !== null) break
        yield {
          batch: next.batch,
          release: () => {
            pool.freeRegion(next.regionId)
            threads.ack(next.taskId)
          },
        }
      }
      if (this.#error !== null) throw errorOfTask(this.#error)
    } finally {
      signal?.removeEventListener('abort', onAbort)
      this.#end(CANCELLED) // Whoever stops iterating wants no more of it.
      await this.#stopped
      threads.forgetStages(this.#stageNumbers.values())
      pool.freeTag(this.#tag)
      this.#observed?.onEnd(this.metrics)
    }
  }

  #onEvent(event: JobEvent): void {
    if (this.#error !== null) return
    for (const effect of this.#machine.handle(event, performance.now())) this.#perform(effect)
    this.#reportProgress()
  }

  #perform(effect: JobEffect): void {
    switch (effect.kind) {
      case 'queue':
        for (const partition of effect.partitions) this.#launch(effect.stageId, partition)
        break
      case 'releaseOutput':
        for (const output of this.#outputs.get(effect.stageId)!) freeStored(output, this.#options.pool)
        this.#outputs.set(effect.stageId, [])
        this.#tables.delete(effect.stageId)
        break
      case 'finish':
        this.#results.end()
        break
      case 'fail':
        this.#end(effect.error)
        break
      case 'keptChanged':
        this.#options.onKeptChanged()
        break
      case 'adapted':
      case 'cancel': // Attempts of a task never race here, and what lies in this process is not lost.
      case 'outputsLost':
      case 'resultReady':
      case 'retry':
      case 'stageEnded':
      case 'stageStarted':
        break
    }
  }

  /** Ends a job that is not done: nothing more is launched, and its threads are stopped at once. */
  #end(error: ErrorData): void {
    if (this.#error !== null || this.#machine.status === 'done') return
    this.#error = error
    this.#results.end()
    const { threads } = this.#options
    this.#stopped = Promise.all(this.#tags.map((tag) => threads.cancelJob(tag))).then(() => {})
  }

  #launch(stageId: number, partition: number): void {
    if (this.#error !== null) return
    const attempt = this.#machine.begin(stageId, partition)
    if (attempt < 0) return
    const stage = this.#graph.stages[stageId]!
    const message: TaskMessage = {
      taskId: ++lastTaskId,
      tag: this.#tagOf(stageId),
      stageNumber: this.#stageNumbers.get(stageId) ?? this.#beginStage(stage),
      partition,
      attempt,
      ...(stage.inputs.length > 0 ? this.#inputsOf(stage, partition) : {}),
    }
    let sentRows = false
    this.#options.threads.submit(message, {
      onMessage: (reply) => {
        if (reply.kind === 'batch') sentRows = true
        this.#onReply(reply, { stageId, partition, attempt }, sentRows)
      },
      onLost: (reason) => {
        const error = this.#options.threads.isClosed ? SESSION_STOPPED : lostError(reason, sentRows)
        const cause = sentRows || error === SESSION_STOPPED ? 'fatal' : 'lost'
        this.#onEvent({ kind: 'failed', stageId, partition, attempt, error, cause, missing: null })
      },
    })
  }

  /** Threads get what all tasks of a stage have in common once. */
  #beginStage(stage: Stage): number {
    const { settings, threads } = this.#options
    const stageNumber = threads.addStage({ plan: stage.plan, settings, output: outputOf(stage) })
    this.#stageNumbers.set(stage.id, stageNumber)
    return stageNumber
  }

  /** What a kept stage makes is not freed with the job. */
  #tagOf(stageId: number): number {
    return this.#kept.get(stageId)?.tag ?? this.#tag
  }

  get #tags(): readonly number[] {
    return [this.#tag, ...[...this.#kept.values()].map(({ tag }) => tag)]
  }

  /** Another job has made or lost what this one reads too. */
  keptChanged(): void {
    this.#onEvent({ kind: 'keptChanged' })
  }

  #inputsOf({ plan }: Stage, partition: number): Pick<TaskMessage, 'shuffleInputs' | 'tables'> {
    const shuffleInputs = new Map<number, readonly ShuffleBlock[]>()
    for (const input of taskInputsOf(plan, partition)) {
      const outputs = this.#outputs.get(input.stageId)!
      shuffleInputs.set(
        input.stageId,
        outputs.flatMap((output) => output.partitions[input.partition] ?? []),
      )
    }
    return { shuffleInputs, tables: new Map(tablesReadBy(plan).map((id) => [id, this.#tables.get(id)!])) }
  }

  #onReply(reply: TaskReply, { stageId, partition, attempt }: TaskAttempt, sentRows: boolean): void {
    if (reply.kind === 'batch') {
      this.#results.push(partition, { batch: reply.batch, regionId: reply.regionId, taskId: reply.taskId })
      return
    }
    mergeMetrics(this.metrics, reply.metrics)
    this.#observed?.onTask({ stageId, partition, failed: reply.kind === 'failed', ...reply.timing })
    if (reply.kind === 'failed') {
      const { error } = reply
      const cause = !sentRows && errorFromData(error).errorClass === 'transient' ? 'transient' : 'fatal'
      this.#onEvent({ kind: 'failed', stageId, partition, attempt, error, cause, missing: null })
      return
    }
    if (this.#error !== null) return
    this.#tasksDone++
    if (reply.shuffle !== null) this.#outputs.get(stageId)![partition] = reply.shuffle
    else this.#results.endPartition(partition)
    if (reply.table !== null) this.#tables.set(stageId, reply.table)
    this.parts.push(...reply.parts)
    this.#onEvent({ kind: 'succeeded', stageId, partition, attempt, holder: 0, partitionBytes: [] })
  }

  #reportProgress(): void {
    const { onProgress } = this.#options
    if (onProgress === undefined) return
    const { stagesDone } = this.#machine
    const taskCount = this.#graph.stages.reduce((sum, stage) => sum + stage.taskCount, 0)
    onProgress({ tasksDone: this.#tasksDone, taskCount, stageCount: this.#graph.stages.length, stagesDone })
  }
}

function isKept(stage: Stage): stage is Stage & { readonly keep: string } {
  return stage.keep !== undefined
}

function outputOf({ output }: Stage): TaskOutput {
  if (output === null) return { kind: 'result' }
  return output.kind === 'table' ? output : { kind: 'shuffle', distribution: output }
}
