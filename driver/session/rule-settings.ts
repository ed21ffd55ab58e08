import type { QuerySettings } from '../../engine/functions/index.ts'
import type { MemoryPool } from '../../engine/memory/index.ts'
import type { OptimizerSettings } from '../../sql/optimizer/index.ts'

/** A query's settings for the optimizer. A copy would have to find the time zone, which few plans need. */
export class RuleSettings implements OptimizerSettings {
  readonly pool: MemoryPool
  readonly nowMicros: bigint
  readonly randomSeed: number
  readonly batchRows: number | undefined
  readonly #settings: QuerySettings

  constructor(settings: QuerySettings, pool: MemoryPool) {
    this.pool = pool
    this.nowMicros = settings.nowMicros
    this.randomSeed = settings.randomSeed
    this.batchRows = settings.batchRows
    this.#settings = settings
  }

  get timeZone(): string {
    return this.#settings.timeZone
  }
}
