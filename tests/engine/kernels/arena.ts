import { MemoryPool, type Region } from '../../../engine/memory/index.ts'
import { randomFrom } from './twins/random.ts'

/** Above 2 GiB, where addresses are negative numbers to Wasm. */
export const pool = MemoryPool.create({ limitBytes: 32 << 20, startBytes: 2 ** 31, poison: true })
export const SEED = Number(process.env['SEED'] ?? 1)

/** Runs with a region, and random numbers below a limit. */
export function within(run: (region: Region, below: (limit: number) => number) => void): void {
  const region = pool.createRegion()
  const random = randomFrom(SEED)
  try {
    run(region, (limit) => Math.floor(random() * limit))
  } finally {
    region.free()
  }
}

/** The bytes, in the arena. */
export function inArena(region: Region, bytes: Uint8Array): Uint8Array {
  const there = region.uint8(bytes.length)
  there.set(bytes)
  return there
}
