import type { RecordBatch } from '../../engine/batch/index.ts'
import type { QuerySettings } from '../../engine/functions/index.ts'
import type { MemoryPool } from '../../engine/memory/index.ts'
import { partitionCountOf } from '../../engine/plan/index.ts'
import { chunksOf, partitionOf, payloadOf, sharedBytes } from '../../engine/user-code/index.ts'
import { type JobProgress, LocalJob, type ThreadPool } from '../local/index.ts'
import { splitStages } from '../stages/index.ts'
import { compileNode } from './compile-node.ts'
import type { JobContext, RddNode } from './rdd-node.ts'

/** What RDDs need of a session. */
export interface RddCore {
  readonly pool: MemoryPool
  readonly threads: ThreadPool
  settings(): QuerySettings
}

/** What an action may say about its run. */
export interface ActionOptions {
  /** Cancels the job. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: JobProgress) => void) | undefined
}

/** Runs RDDs as jobs. */
export class RddRunner {
  readonly core: RddCore

  constructor(core: RddCore) {
    this.core = core
  }

  /** Chunk after chunk, in the order of partitions. Stop iterating and the job is cancelled. */
  async *chunks(node: RddNode, options: ActionOptions): AsyncGenerator<unknown[], void, void> {
    for await (const batch of this.#batches(node, options)) for (const { values } of chunksOf(batch)) yield values
  }

  /** All values by partition. */
  async partitions(node: RddNode, options: ActionOptions): Promise<readonly (readonly unknown[])[]> {
    const context = this.#context(options)
    const count = await context.partitionCountOf(node)
    const partitions: unknown[][] = Array.from({ length: count }, () => [])
    for await (const batch of this.#batches(node, options)) {
      let row = 0
      for (const { values } of chunksOf(batch)) {
        const partition = partitions[partitionOf(batch, row++)]!
        for (const value of values) partition.push(value)
      }
    }
    return partitions
  }

  /** How many partitions the node has. */
  async partitionCount(node: RddNode, options: ActionOptions = {}): Promise<number> {
    return partitionCountOf(await compileNode(node, this.#context(options)))
  }

  /** What preparations of an action may do. */
  #context(options: ActionOptions): JobContext {
    const context: JobContext = {
      partitionsOf: (node) => this.partitions(node, options),
      chunksOf: (node) => this.#sharedChunks(node, options),
      partitionCountOf: async (node) => partitionCountOf(await compileNode(node, context)),
      threadCount: this.core.threads.size,
    }
    return context
  }

  async *#batches(node: RddNode, options: ActionOptions): AsyncGenerator<RecordBatch, void, void> {
    const plan = await compileNode(node, this.#context(options))
    const { pool, threads } = this.core
    const job = new LocalJob(splitStages(plan), { pool, threads, settings: this.core.settings(), ...options })
    for await (const { batch, release } of job.run()) {
      try {
        yield batch
      } finally {
        release()
      }
    }
  }

  async #sharedChunks(node: RddNode, options: ActionOptions): Promise<readonly (readonly Uint8Array[])[]> {
    const count = await this.#context(options).partitionCountOf(node)
    const partitions: Uint8Array[][] = Array.from({ length: count }, () => [])
    for await (const batch of this.#batches(node, options))
      for (let row = 0; row < batch.rowCount; row++)
        partitions[partitionOf(batch, row)]!.push(sharedBytes(payloadOf(batch, row)))
    return partitions
  }
}
