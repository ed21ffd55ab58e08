import type { PoolSettings } from '../driver/scheduler/index.ts'
import { EngineError } from '../engine/errors.ts'

/** `etl:2,adhoc:1:4` as pools with their weights and the slots they get first. */
export function parsePools(text: string | null): ReadonlyMap<string, PoolSettings> {
  const pools = new Map<string, PoolSettings>()
  if (text === null) return pools
  for (const pool of text.split(',')) {
    const [, name, weight, slots] = /^\s*([\w.-]+):(\d+(?:\.\d+)?)(?::(\d+))?\s*$/.exec(pool) ?? []
    if (name === undefined || !(Number(weight) > 0))
      throw new EngineError('CONFIG_INVALID', `--pools has "${pool}", which is no pool`, {
        hint: 'Write NAME:WEIGHT or NAME:WEIGHT:SLOTS, such as etl:2,adhoc:1:4.',
      })
    pools.set(name, { weight: Number(weight), minShare: Number(slots ?? 0) })
  }
  return pools
}
