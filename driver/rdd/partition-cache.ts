import { randomUUID } from 'node:crypto'
import type { MemoryPool } from '../../engine/memory/index.ts'
import type { PhysicalPlan } from '../../engine/plan/index.ts'
import type { StorageLevel } from '../../sql/dataframe/index.ts'
import type { JobRunner } from '../stages/index.ts'
import { compileNode } from './compile-node.ts'
import type { JobContext, KeptStage, RddCache, RddNode } from './rdd-node.ts'

type Chunks = readonly (readonly Uint8Array[])[]

/**
 * Keeps the chunks of an RDD. In one process they lie in memory that all threads see, and count against the
 * memory pool; on a cluster they are the output of a stage that outlives its job.
 */
export class PartitionCache implements RddCache {
  readonly #pool: MemoryPool
  readonly #jobs: JobRunner
  readonly #storage: KeptStage['storage']
  #kept: Promise<Chunks> | null = null
  #plan: Promise<PhysicalPlan> | null = null
  #key = randomUUID()
  #bytes = 0

  constructor(pool: MemoryPool, jobs: JobRunner, level: StorageLevel) {
    this.#pool = pool
    this.#jobs = jobs
    this.#storage = level === 'disk' ? 'disk' : 'memory'
  }

  chunks(run: JobContext, input: RddNode): Promise<Chunks> {
    if (this.#kept !== null) return this.#kept
    const kept = this.#fill(run, input)
    this.#kept = kept
    kept.catch(() => {
      if (this.#kept === kept) this.#kept = null
    })
    return kept
  }

  async stage(run: JobContext, input: RddNode): Promise<KeptStage> {
    const plan = this.#plan ?? compileNode(input, run)
    this.#plan = plan
    const key = this.#key
    try {
      return { plan: await plan, key, storage: this.#storage }
    } catch (error) {
      if (this.#plan === plan) this.#plan = null
      throw error
    }
  }

  /** Lets go of what is kept; the next action computes again. */
  async clear(): Promise<void> {
    if (this.#plan !== null) {
      this.#jobs.dropKept(this.#key)
      this.#plan = null
      this.#key = randomUUID()
    }
    const kept = this.#kept
    this.#kept = null
    await kept?.catch(() => undefined)
    if (this.#bytes > 0) this.#pool.unreserve(this.#bytes)
    this.#bytes = 0
  }

  async #fill(run: JobContext, input: RddNode): Promise<Chunks> {
    const chunks = await run.chunksOf(input)
    const bytes = chunks.flat().reduce((sum, chunk) => sum + chunk.length, 0)
    if (bytes > 0) this.#pool.reserve(bytes)
    this.#bytes = bytes
    return chunks
  }
}
