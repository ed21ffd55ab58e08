import type { MemoryPool } from '../../engine/memory/index.ts'
import type { BuildSide } from '../../engine/operators/index.ts'
import { inputsOf, type PhysicalPlan } from '../../engine/plan/index.ts'
import { taskInputsOf } from '../../engine/run/index.ts'
import type { ShuffleBlock } from '../../engine/shuffle/index.ts'
import type { BlockHost, InputSlice, Outputs } from '../../proto/cluster/index.ts'
import {
  type BlockFetcher,
  type BlockHolder,
  type FetchedInputs,
  type FetchInput,
  fetchInputs,
  type OutputStore,
} from '../blocks/index.ts'
import type { ThreadPool } from '../threads/index.ts'
import { SharedInputs } from './shared-inputs.ts'
import type { ExecutorStage, StageBook } from './stage-book.ts'
import { TableBuilder } from './table-builder.ts'

/** What a task reads, here in this process. It stays until `release` is called. */
export interface PreparedInputs {
  readonly shuffleInputs: ReadonlyMap<number, readonly ShuffleBlock[]>
  readonly tables: ReadonlyMap<number, BuildSide>
  release(): void
}

const NOTHING: PreparedInputs = { shuffleInputs: new Map(), tables: new Map(), release: () => {} }

/** What an executor has for the inputs of its tasks. */
export interface InputHost {
  readonly executorId: string
  readonly pool: MemoryPool
  readonly threads: ThreadPool
  readonly book: StageBook
  readonly store: OutputStore
  readonly fetcher: BlockFetcher
}

/** Fetches what tasks read before they run: rows of their own, rows that all tasks share, tables of joins. */
export class TaskInputs {
  readonly #host: InputHost
  readonly #shared: SharedInputs<FetchedInputs>
  readonly #tables: TableBuilder

  constructor(host: InputHost) {
    const { threads, pool, book } = host
    this.#host = host
    this.#shared = new SharedInputs((inputs) => inputs.release())
    this.#tables = new TableBuilder(threads, pool, book, (jobId, plan, tag, signal) =>
      this.#fetch(inputsOfTask(book, jobId, plan, 0, wholeInputs(plan)).map(whole), tag, signal),
    )
  }

  /**
   * All that a task reads. SHUFFLE_FETCH_FAILED with the output that could not be had; whatever a table's
   * builder fails with.
   */
  async prepare(
    stage: ExecutorStage,
    partition: number,
    slices: readonly InputSlice[],
    signal: AbortSignal,
  ): Promise<PreparedInputs> {
    if (!stage.hasInputs) return NOTHING
    const { jobId, tag, order, broadcasts } = stage
    const inputs = inputsOfTask(this.#host.book, jobId, order.plan, partition, slices)
    const own = inputs.filter(({ stageId }) => !broadcasts.has(stageId))
    const shared = inputs.filter(({ stageId }) => broadcasts.has(stageId)).map(whole)
    const gifts: (() => void)[] = []
    const release = (): void => {
      for (const giveBack of gifts.splice(0)) giveBack()
    }
    try {
      const tables = new Map<number, BuildSide>()
      for (const tableId of stage.tables) {
        const { value, giveBack } = await this.#tables.use(stage, tableId)
        gifts.push(giveBack)
        tables.set(tableId, value.side)
        signal.throwIfAborted()
      }
      const shuffleInputs = new Map<number, readonly ShuffleBlock[]>()
      const take = ({ blocks }: FetchedInputs): void => {
        for (const [stageId, some] of blocks) shuffleInputs.set(stageId, some)
      }
      for (const input of shared) {
        const jobTag = this.#host.book.tagOf(jobId)
        const { value, giveBack } = await this.#shared.use(jobId, input.stageId, (ofAll) =>
          // Whoever comes first fetches for all; it is not theirs to cancel.
          this.#fetch([input], jobTag, ofAll),
        )
        gifts.push(giveBack)
        take(value)
        signal.throwIfAborted()
      }
      if (own.length > 0) {
        const fetched = await this.#fetch(own, tag, signal)
        gifts.push(() => fetched.release())
        take(fetched)
      }
      return { shuffleInputs, tables, release }
    } catch (error) {
      release()
      throw error
    }
  }

  /**
   * Nobody reads the output of this stage any more, nor what was made of it; null: of any stage of the job.
   * Resolves when nothing of that is being made.
   */
  async release(jobId: string, stageId: number | null): Promise<void> {
    await Promise.all([this.#shared.release(jobId, stageId), this.#tables.release(jobId, stageId)])
  }

  #fetch(inputs: readonly FetchInput[], tag: number, signal: AbortSignal): Promise<FetchedInputs> {
    const { store, fetcher, executorId } = this.#host
    return fetchInputs(inputs, { store, fetcher, selfId: executorId, tag, signal })
  }
}

/** An input, and how its copies travel if all of it is read by many executors. */
interface InputOfTask extends FetchInput {
  readonly copies: NonNullable<FetchInput['share']> | null
}

/** The input of those who read all of it. */
function whole({ copies, ...input }: InputOfTask): FetchInput {
  return copies === null ? input : { ...input, share: copies }
}

/** Of an input: some of its partitions, from all maps if none are named. */
interface PartSlice {
  readonly stage: number
  readonly fromPartition: number
  readonly toPartition: number
  readonly fromMap?: number
  readonly toMap?: number
}

/** A table is made of all rows of the stages below it, also where these parted them for tasks. */
function wholeInputs(plan: PhysicalPlan): PartSlice[] {
  if (plan.kind === 'ShuffleReadExec')
    return [{ stage: plan.stageId, fromPartition: 0, toPartition: plan.broadcast ? 1 : plan.partitionCount }]
  return inputsOf(plan).flatMap(wholeInputs)
}

/** Where what a task reads lies, by stage. */
function inputsOfTask(
  book: StageBook,
  jobId: string,
  plan: PhysicalPlan,
  partition: number,
  slices: readonly PartSlice[],
): InputOfTask[] {
  const partitions = new Map(taskInputsOf(plan, partition).map((input) => [input.stageId, input.partition]))
  return [...partitions].map(([stageId, own]) => {
    const outputs = book.outputs(jobId, stageId)
    const { sourceJobId, sourceStage, hosts, hostOfPartition, attemptOfPartition } = outputs
    const given = slices
      .filter(({ stage }) => stage === stageId)
      .map((slice) => ({
        ...slice,
        fromMap: slice.fromMap ?? 0,
        toMap: slice.toMap ?? hostOfPartition.length,
      }))
    const all = { fromPartition: own, toPartition: own + 1, fromMap: 0, toMap: hostOfPartition.length }
    return {
      stageId,
      source: sourceJobId === '' ? { jobId, stageId } : { jobId: sourceJobId, stageId: sourceStage },
      holders: hosts.map(holderOf),
      holderOfMap: hostOfPartition,
      attemptOfMap: attemptOfPartition,
      slices: given.length > 0 ? given : [all],
      copies: copiesOf(outputs),
    }
  })
}

/** Kept rows are not passed on: they outlive the job whose memory a copy would lie in. */
function copiesOf({ sourceJobId, copySource, passOn }: Outputs): InputOfTask['copies'] {
  if (sourceJobId !== '' || (copySource === undefined && !passOn)) return null
  return { source: copySource === undefined ? null : holderOf(copySource), passOn }
}

function holderOf({ executorId, address, certificate }: BlockHost): BlockHolder {
  return { holderId: executorId, address, certificate }
}
