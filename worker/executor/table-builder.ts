import { assert, EngineError, errorFromData } from '../../engine/errors.ts'
import type { MemoryPool } from '../../engine/memory/index.ts'
import type { BuildSide } from '../../engine/operators/index.ts'
import type { PhysicalPlan } from '../../engine/plan/index.ts'
import { tablesReadBy, taskInputsOf } from '../../engine/run/index.ts'
import { freeStored, type ShuffleOutput } from '../../engine/shuffle/index.ts'
import type { TaskMessage, TaskReply } from '../../proto/messages/index.ts'
import type { FetchedInputs } from '../blocks/index.ts'
import { lostThreadError } from './lost-thread.ts'
import { type Shared, SharedInputs } from './shared-inputs.ts'
import type { ExecutorStage, StageBook } from './stage-book.ts'
import { nextTaskId } from './task-ids.ts'

/** A table and what frees its memory. */
export interface Table {
  readonly side: BuildSide
  readonly memory: ShuffleOutput
}

type FetchFor = (
  jobId: string,
  plan: PhysicalPlan,
  tag: number,
  signal: AbortSignal,
) => Promise<FetchedInputs>

/** What the builder needs of the threads. */
export interface TableThreads {
  addStage(stage: {
    plan: PhysicalPlan
    settings: ExecutorStage['order']['settings']
    output: { kind: 'table' }
  }): number
  cancel(unwanted: (message: TaskMessage) => boolean): Promise<void>
  forgetStages(stageNumbers: Iterable<number>): void
  submit(
    message: TaskMessage,
    listener: { onMessage(reply: TaskReply): void; onLost(reason: string): void },
  ): void
}

/** Tables of joins: each is built once in this process, from all rows of the stage that it is made of. */
export class TableBuilder {
  readonly #threads: TableThreads
  readonly #book: StageBook
  readonly #fetch: FetchFor
  readonly #tables: SharedInputs<Table>
  /** By job: which tables were made of the rows of which stage. */
  readonly #madeOf = new Map<string, Map<number, number[]>>()

  constructor(threads: TableThreads, pool: MemoryPool, book: StageBook, fetch: FetchFor) {
    this.#threads = threads
    this.#book = book
    this.#fetch = fetch
    this.#tables = new SharedInputs(({ memory }) => freeStored(memory, pool))
  }

  /** The table of that stage, which `stage` reads. */
  async use(stage: ExecutorStage, tableId: number): Promise<Shared<Table>> {
    return await this.#tables.use(stage.jobId, tableId, (signal) => this.#build(stage, tableId, signal))
  }

  /**
   * Frees the tables that were made of a stage's rows; null: all of the job. Resolves when none of them is
   * being built.
   */
  async release(jobId: string, stageId: number | null): Promise<void> {
    const madeOf = this.#madeOf.get(jobId)
    if (stageId === null) {
      this.#madeOf.delete(jobId)
      await this.#tables.release(jobId, null)
      return
    }
    for (const [tableId, sources] of [...(madeOf ?? [])]) {
      if (!sources.includes(stageId)) continue
      madeOf!.delete(tableId)
      await this.#tables.release(jobId, tableId)
    }
  }

  async #build(stage: ExecutorStage, tableId: number, signal: AbortSignal): Promise<Table> {
    const { jobId, order } = stage
    const plan = order.tables.find((table) => table.stageId === tableId)?.plan
    if (plan === undefined)
      throw new EngineError('PROTOCOL_ERROR', `table ${tableId} did not come with stage ${stage.stageId}`)
    const madeOf = this.#madeOf.get(jobId) ?? new Map<number, number[]>()
    this.#madeOf.set(jobId, madeOf)
    madeOf.set(
      tableId,
      taskInputsOf(plan, 0).map((input) => input.stageId),
    )
    const tables = new Map<number, BuildSide>()
    const gifts: (() => void)[] = []
    try {
      for (const inner of tablesReadBy(plan)) {
        const { value, giveBack } = await this.use(stage, inner)
        gifts.push(giveBack)
        tables.set(inner, value.side)
      }
      const tag = this.#book.tagOf(jobId)
      const inputs = await this.#fetch(jobId, plan, tag, signal)
      gifts.push(() => inputs.release())
      const { settings } = order
      const stageNumber = this.#threads.addStage({ plan, settings, output: { kind: 'table' } })
      gifts.push(() => this.#threads.forgetStages([stageNumber]))
      const ids = { taskId: nextTaskId(), tag, stageNumber, partition: 0, attempt: 0 }
      return await this.#run({ ...ids, shuffleInputs: inputs.blocks, tables }, signal)
    } finally {
      for (const giveBack of gifts.reverse()) giveBack()
    }
  }

  #run(message: TaskMessage, signal: AbortSignal): Promise<Table> {
    signal.throwIfAborted()
    const cancel = (): void => void this.#threads.cancel(({ taskId }) => taskId === message.taskId)
    signal.addEventListener('abort', cancel, { once: true })
    return new Promise<Table>((resolve, reject) =>
      this.#threads.submit(message, {
        onMessage: (reply) => {
          if (reply.kind === 'failed') reject(errorFromData(reply.error))
          if (reply.kind !== 'done') return
          assert(reply.table !== null && reply.shuffle !== null, 'a stage of a table leaves one')
          resolve({ side: reply.table, memory: reply.shuffle })
        },
        onLost: (reason) => reject(lostThreadError(reason)),
      }),
    ).finally(() => signal.removeEventListener('abort', cancel))
  }
}
