import type { MemoryPool } from '../../engine/memory/index.ts'
import type { JobContext, RddCache, RddNode } from './rdd-node.ts'

type Chunks = readonly (readonly Uint8Array[])[]

/** Keeps the chunks of an RDD in memory that all threads see; they count against the memory pool. */
export class PartitionCache implements RddCache {
  readonly #pool: MemoryPool
  #kept: Promise<Chunks> | null = null
  #bytes = 0

  constructor(pool: MemoryPool) {
    this.#pool = pool
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

  /** Lets go of what is kept; the next action computes again. */
  async clear(): Promise<void> {
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
