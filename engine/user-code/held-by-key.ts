import type { Chunk } from './chunk-codec.ts'
import { HeapMeter } from './heap-meter.ts'
import type { UserTask } from './run-program.ts'
import { MAX_LEVELS, PARTS, PairParts } from './value-spill.ts'

/** What a step keeps of the pairs of a partition, by their keys. */
export interface PairHolder {
  /** Takes pairs in. */
  add(chunk: Chunk): void
  /** Counts what is kept after a chunk was taken in. */
  measure(meter: HeapMeter, chunk: Chunk): void
  /** What is kept, as pairs that another holder can take in. */
  pairs(): Iterable<Chunk>
  results(): Iterable<Chunk>
}

/**
 * The results of a holder over all pairs. If memory does not hold them, they go to disk in parts, by the hash
 * of their keys, and each part gets a holder of its own.
 */
export async function* heldByKey(
  chunks: AsyncIterable<Chunk> | Iterable<Chunk>,
  newHolder: () => PairHolder,
  task: UserTask,
  level = 0,
): AsyncIterable<Chunk> {
  const meter = new HeapMeter(task.createRegion())
  let holder: PairHolder | null = newHolder()
  let parts: PairParts | null = null
  try {
    for await (const chunk of chunks) {
      if (holder === null) {
        parts!.add(chunk)
        continue
      }
      holder.add(chunk)
      holder.measure(meter, chunk)
      if (!meter.isLarge || level >= MAX_LEVELS) continue
      parts = new PairParts(task, level)
      for (const kept of holder.pairs()) parts.add(kept)
      holder = null
      meter.clear()
    }
    if (holder !== null) {
      yield* holder.results()
      return
    }
    parts!.flush()
    for (let part = 0; part < PARTS; part++) yield* heldByKey(parts!.read(part), newHolder, task, level + 1)
  } finally {
    meter.free()
    parts?.free()
  }
}
