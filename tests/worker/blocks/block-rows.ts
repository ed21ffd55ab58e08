import { SpillReader } from '../../../engine/batch/index.ts'
import type { MemoryPool } from '../../../engine/memory/index.ts'
import { readBlocks, type ShuffleBlock } from '../../../engine/shuffle/index.ts'
import { valuesOf } from '../../engine/shuffle/random-batch.ts'

/** The rows of blocks as values, read as a task reads them. */
export function blockRows(blocks: readonly ShuffleBlock[], pool: MemoryPool): unknown[] {
  const host = {
    createRegion: () => pool.createRegion(),
    openSpill: (tables: ConstructorParameters<typeof SpillReader>[1]) =>
      new SpillReader(pool, tables, () => pool.createRegion()),
  }
  const rows: unknown[] = []
  // One batch at a time: a spilled one is gone with the next.
  for (const batch of readBlocks(blocks, host)) for (const row of valuesOf(batch)) rows.push(row)
  return rows
}
