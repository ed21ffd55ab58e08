import { EngineError } from '../../engine/errors.ts'
import { inputsOf, type PhysicalPlan } from '../../engine/plan/index.ts'
import { tablesReadBy, taskInputsOf } from '../../engine/run/index.ts'
import type { Outputs, StagePiece } from '../../proto/cluster/index.ts'
import { decodePlain, PLAN_LIMITS, type StageOrder, type TaskOutput } from '../../proto/messages/index.ts'
import type { ThreadPool } from '../threads/index.ts'

/** A stage of a job, as this executor runs it. */
export interface ExecutorStage {
  readonly jobId: string
  readonly stageId: number
  readonly order: StageOrder
  /** Of the memory of its outputs. */
  readonly tag: number
  /** Its number at the threads. */
  readonly stageNumber: number
  /** Under what name its outputs are kept. */
  readonly storedAs: { readonly jobId: string; readonly stageId: number }
  /** Stages whose rows all its tasks read whole. */
  readonly broadcasts: ReadonlySet<number>
  readonly tables: readonly number[]
  /** Whether its tasks read rows of other stages, or tables. */
  readonly hasInputs: boolean
}

interface Job {
  readonly stages: Map<number, ExecutorStage>
  readonly outputs: Map<number, Outputs>
  readonly stageNumbers: number[]
  /** Pieces of stages that have not come whole. */
  readonly pieces: Map<number, Uint8Array[]>
}

/** Most bytes of one stage. */
const MOST_STAGE_BYTES = 512 * 2 ** 20

let lastTag = 0

/** What the driver has told of jobs: their stages, and where outputs lie. */
export class StageBook {
  readonly #threads: ThreadPool
  readonly #jobs = new Map<string, Job>()
  readonly #tags = new Map<string, number>()

  constructor(threads: ThreadPool) {
    this.#threads = threads
  }

  /** PROTOCOL_ERROR for a stage that cannot be read. */
  addPiece({ jobId, stage: stageId, content, last }: StagePiece): void {
    const job = this.#job(jobId)
    const pieces = job.pieces.get(stageId) ?? []
    job.pieces.set(stageId, pieces)
    pieces.push(content)
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
    if (bytes > MOST_STAGE_BYTES) throw new EngineError('PROTOCOL_ERROR', `a stage of ${bytes} bytes`)
    if (!last) return
    job.pieces.delete(stageId)
    // The driver has checked the plans of clients, and we trust the driver.
    const order = decodePlain(shared(pieces, bytes), {
      ...PLAN_LIMITS,
      maxBytes: bytes,
      asViews: true,
    }) as StageOrder
    job.stages.set(stageId, this.#stage(jobId, stageId, order, job))
  }

  setOutputs(outputs: Outputs): void {
    const { outputs: known } = this.#job(outputs.jobId)
    const before = known.get(outputs.stage)
    if (before === undefined || before.version <= outputs.version) known.set(outputs.stage, outputs)
  }

  /** A stage that came before; PROTOCOL_ERROR if it did not. */
  stage(jobId: string, stageId: number): ExecutorStage {
    const stage = this.#jobs.get(jobId)?.stages.get(stageId)
    if (stage !== undefined) return stage
    throw new EngineError(
      'PROTOCOL_ERROR',
      `stage ${stageId} of job "${jobId}" was not sent before its tasks`,
    )
  }

  /** Where the outputs of a stage lie; PROTOCOL_ERROR if the driver has not said. */
  outputs(jobId: string, stageId: number): Outputs {
    const outputs = this.#jobs.get(jobId)?.outputs.get(stageId)
    if (outputs !== undefined) return outputs
    throw new EngineError(
      'PROTOCOL_ERROR',
      `nobody said where the outputs of stage ${stageId} of "${jobId}" lie`,
    )
  }

  /** The tag of the memory of a job, or of kept rows. */
  tagOf(jobId: string): number {
    const tag = this.#tags.get(jobId) ?? ++lastTag
    this.#tags.set(jobId, tag)
    return tag
  }

  /** Nothing more of the job comes. Gives the tag of its memory, null if there is none. */
  forget(jobId: string): number | null {
    const job = this.#jobs.get(jobId)
    if (job !== undefined) this.#threads.forgetStages(job.stageNumbers)
    this.#jobs.delete(jobId)
    const tag = this.#tags.get(jobId) ?? null
    this.#tags.delete(jobId)
    return tag
  }

  #job(jobId: string): Job {
    let job = this.#jobs.get(jobId)
    if (job === undefined) {
      job = { stages: new Map(), outputs: new Map(), stageNumbers: [], pieces: new Map() }
      this.#jobs.set(jobId, job)
    }
    return job
  }

  #stage(jobId: string, stageId: number, order: StageOrder, job: Job): ExecutorStage {
    const { plan, settings } = order
    const storedAs = order.storeAs ?? { jobId, stageId }
    const stageNumber = this.#threads.addStage({ plan, settings, output: outputOf(order) })
    job.stageNumbers.push(stageNumber)
    const tables = [...new Set(tablesReadBy(plan))]
    return {
      jobId,
      stageId,
      order,
      tag: this.tagOf(storedAs.jobId),
      stageNumber,
      storedAs,
      broadcasts: new Set(broadcastsOf(plan)),
      tables,
      hasInputs: tables.length > 0 || taskInputsOf(plan, 0).length > 0 || hasUnion(plan),
    }
  }
}

/** One memory for all threads: values of the program in a plan are views of it, and need no copy a thread. */
function shared(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(new SharedArrayBuffer(bytes))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** Rows of a result are left as those for another stage are, so that a second attempt doubles nothing. */
function outputOf({ output }: StageOrder): TaskOutput {
  return output.kind === 'result' ? { kind: 'shuffle', distribution: { kind: 'single' } } : output
}

function broadcastsOf(plan: PhysicalPlan): number[] {
  if (plan.kind === 'ShuffleReadExec') return plan.broadcast ? [plan.stageId] : []
  return inputsOf(plan).flatMap(broadcastsOf)
}

/** Partitions of a union differ in what they read. */
function hasUnion(plan: PhysicalPlan): boolean {
  return plan.kind === 'UnionExec' || inputsOf(plan).some(hasUnion)
}
