import type { MemoryPool, Region } from '../../engine/memory/index.ts'

/** Values that most kernels work on: more than caches hold. */
export const VALUES = 1 << 20

/** What a kernel is prepared with: memory that lives as long as it, and the same numbers every time. */
export interface Bench {
  readonly pool: MemoryPool
  readonly region: Region
  /** A whole number below a limit. */
  below(limit: number): number
}

/** A kernel, or a loop around one, over values that lie ready. */
export interface Kernel {
  readonly name: string
  /** What a run goes through, for nanoseconds a value. */
  readonly values: number
  /** Lays the values out. A run gives a number that is the same every time. */
  prepare(bench: Bench): () => number | Promise<number>
}

/** `count` numbers below a limit, in the arena. */
export function randomInts({ region, below }: Bench, count: number, limit: number): Int32Array {
  return region.int32(count).map(() => below(limit))
}

/** The same as int64. */
export function randomLongs({ region, below }: Bench, count: number, limit: number): BigInt64Array {
  return region.int64(count).map(() => BigInt(below(limit)))
}

/** Bytes, in the arena. */
export function inArena(region: Region, bytes: Uint8Array): Uint8Array {
  const there = region.uint8(bytes.length)
  there.set(bytes)
  return there
}
