import type { RecordBatch } from '../../engine/batch/index.ts'
import type { QuerySettings } from '../../engine/functions/index.ts'
import type { MemoryPool } from '../../engine/memory/index.ts'
import { type PhysicalPlan, partitionCountOf } from '../../engine/plan/index.ts'
import type { Schema } from '../../engine/types/index.ts'
import { chunksOf, partitionOf, payloadOf, sharedBytes } from '../../engine/user-code/index.ts'
import type { PlanExecutor } from '../../sql/dataframe/index.ts'
import type { LogicalPlan } from '../../sql/plan/index.ts'
import { type JobProgress, type JobRunner, splitStages } from '../stages/index.ts'
import { shipModules } from './bundle-imports.ts'
import { compileNode, functionsOf, type ResultOutput } from './compile-node.ts'
import type { JobContext, RddNode } from './rdd-node.ts'

/** What RDDs need of a session. */
export interface RddCore {
  readonly pool: MemoryPool
  readonly jobs: JobRunner
  settings(): QuerySettings
  /** Where DataFrames run, for `toDF`. */
  readonly executor?: PlanExecutor | undefined
  /** The physical plan of a query, for RDDs of DataFrames. */
  planOf?(plan: LogicalPlan): Promise<PhysicalPlan>
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
    const plan = await this.#compile(node, options)
    for await (const batch of this.#batches(plan, options))
      for (const { values } of chunksOf(batch)) yield values
  }

  /** All values by partition. */
  async partitions(node: RddNode, options: ActionOptions): Promise<readonly (readonly unknown[])[]> {
    const plan = await this.#compile(node, options)
    const partitions: unknown[][] = Array.from({ length: partitionCountOf(plan) }, () => [])
    for await (const batch of this.#batches(plan, options)) {
      let row = 0
      for (const { values } of chunksOf(batch)) {
        const partition = partitions[partitionOf(batch, row++)]!
        for (const value of values) partition.push(value)
      }
    }
    return partitions
  }

  /**
   * The plan whose rows are the values of the node as rows of a schema; its functions are known to the
   * threads.
   */
  async rowPlan(node: RddNode, schema: Schema): Promise<PhysicalPlan> {
    const plan = await this.#compile(node, {}, { kind: 'rows', schema })
    await shipModules(functionsOf(plan), this.core.jobs)
    return plan
  }

  /** How many partitions the node has. */
  async partitionCount(node: RddNode, options: ActionOptions = {}): Promise<number> {
    return partitionCountOf(await this.#compile(node, options))
  }

  async #compile(node: RddNode, options: ActionOptions, output?: ResultOutput): Promise<PhysicalPlan> {
    await this.core.jobs.ready() // Only then the number of slots is known.
    return await compileNode(node, this.#context(options), output)
  }

  /** What preparations of an action may do. */
  #context(options: ActionOptions): JobContext {
    const resolved = new Map<RddNode, Promise<RddNode>>()
    const context: JobContext = {
      resolve: (node) => {
        const known = resolved.get(node) ?? node.resolve(context)
        resolved.set(node, known)
        return known
      },
      partitionsOf: (node) => this.partitions(node, options),
      chunksOf: (node) => this.#sharedChunks(node, options),
      partitionCountOf: async (node) => partitionCountOf(await compileNode(node, context)),
      slots: this.core.jobs.slots,
      keepsStages: this.core.jobs.kind === 'cluster',
    }
    return context
  }

  async *#batches(plan: PhysicalPlan, options: ActionOptions): AsyncGenerator<RecordBatch, void, void> {
    const { jobs } = this.core
    await shipModules(functionsOf(plan), jobs)
    const job = jobs.run(splitStages(plan), {
      settings: this.core.settings(),
      signal: options.signal,
      onProgress: options.onProgress,
    })
    for await (const { batch, release } of job.batches) {
      try {
        yield batch
      } finally {
        release()
      }
    }
  }

  async #sharedChunks(node: RddNode, options: ActionOptions): Promise<readonly (readonly Uint8Array[])[]> {
    const plan = await this.#compile(node, options)
    const partitions: Uint8Array[][] = Array.from({ length: partitionCountOf(plan) }, () => [])
    for await (const batch of this.#batches(plan, options))
      for (let row = 0; row < batch.rowCount; row++)
        partitions[partitionOf(batch, row)]!.push(sharedBytes(payloadOf(batch, row)))
    return partitions
  }
}
