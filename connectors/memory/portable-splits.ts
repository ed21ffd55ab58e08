import type { Split, SplitPlan } from '../../engine/connect/index.ts'
import type { MemoryPool } from '../../engine/memory/index.ts'
import { ChunkWriter, type ShuffleBlock } from '../../engine/shuffle/index.ts'

/** Rows of a split as bytes, for tasks that do not see the memory of the session. */
export interface PortableRows {
  readonly chunks: readonly Uint8Array[]
}

/** What splits were made of already: a table is often read more than once. */
const made = new WeakMap<readonly ShuffleBlock[], PortableRows>()

/** The splits of a memory table with their rows in them. */
export function portableSplits({ splits, notes }: SplitPlan, pool: MemoryPool): SplitPlan {
  return { splits: splits.map((split) => portable(split, pool)), notes }
}

function portable(split: Split, pool: MemoryPool): Split {
  const blocks = split.data as readonly ShuffleBlock[] // Put there by the source's `plan`.
  let rows = made.get(blocks)
  if (rows === undefined) {
    rows = { chunks: chunksOf(blocks, pool) }
    made.set(blocks, rows)
  }
  return { ...split, data: rows }
}

function chunksOf(blocks: readonly ShuffleBlock[], pool: MemoryPool): readonly Uint8Array[] {
  const writer = new ChunkWriter(pool, { compress: true })
  try {
    const tagged = blocks.map((block) => ({ range: 0, partition: 0, block }))
    return [...writer.write(tagged)].map((chunk) => chunk.slice())
  } finally {
    writer.free()
  }
}

/** Whether the data of a split are its rows as bytes. */
export function isPortable(data: unknown): data is PortableRows {
  return typeof data === 'object' && data !== null && 'chunks' in data
}
