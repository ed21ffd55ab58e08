import type { RecordBatch, SpilledBatch, SpillReader, SpillTables } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'

/** Rows of a shuffle's output in a spill file. Plain data. */
export interface SpilledBlock extends SpilledBatch {
  readonly tables: SpillTables
}

/** Rows that a task left for one partition of the next stage: in the arena, or in a spill file. */
export type ShuffleBlock = RecordBatch | SpilledBlock

/** Whether a block must be read from its file. */
export function isSpilled(block: ShuffleBlock): block is SpilledBlock {
  return 'tables' in block
}

/** What reading blocks takes from a task. */
export interface BlockHost {
  createRegion(): Region
  openSpill(tables: SpillTables): SpillReader
}

/**
 * The rows of blocks, in order. Those in the arena stay valid until the task ends, spilled ones until the
 * next batch.
 */
export function* readBlocks(blocks: readonly ShuffleBlock[], host: BlockHost): Iterable<RecordBatch> {
  const region = host.createRegion()
  const readers = new Map<string, SpillReader>()
  try {
    for (const block of blocks) {
      if (!isSpilled(block)) {
        yield block
        continue
      }
      let reader = readers.get(block.tables.path)
      if (reader === undefined) {
        reader = host.openSpill(block.tables)
        readers.set(block.tables.path, reader)
      }
      region.reset()
      yield reader.read(block, region)
    }
  } finally {
    for (const reader of readers.values()) reader.free()
    region.free()
  }
}
