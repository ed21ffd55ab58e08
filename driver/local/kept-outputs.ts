import type { MemoryPool } from '../../engine/memory/index.ts'
import type { ShuffleOutput } from '../../engine/shuffle/index.ts'
import { type KeptOutputs, StageOutputs } from '../scheduler/index.ts'
import type { Stage } from '../stages/index.ts'

/** What a stage with `keep` left, beyond the job that made it. */
export interface KeptStage {
  readonly shared: KeptOutputs
  /** By task; regions and files have a tag of their own, so that the end of a job does not free them. */
  readonly outputs: ShuffleOutput[]
  readonly tag: number
}

/** The kept stages of a session in its own process, by key. */
export class KeptStages {
  readonly #pool: MemoryPool
  readonly #newTag: () => number
  readonly #stages = new Map<string, KeptStage>()

  constructor(pool: MemoryPool, newTag: () => number) {
    this.#pool = pool
    this.#newTag = newTag
  }

  /** What is kept under the stage's key, or is to be. */
  of({ keep, taskCount }: Stage & { readonly keep: string }): KeptStage {
    let kept = this.#stages.get(keep)
    if (kept === undefined) {
      const shared = { outputs: new StageOutputs(taskCount), maker: null }
      kept = { shared, outputs: [], tag: this.#newTag() }
      this.#stages.set(keep, kept)
    }
    return kept
  }

  drop(key: string): void {
    const kept = this.#stages.get(key)
    if (kept === undefined) return
    this.#stages.delete(key)
    this.#pool.freeTag(kept.tag)
  }

  dropAll(): void {
    for (const key of [...this.#stages.keys()]) this.drop(key)
  }
}
