import type { RecordBatch } from '../batch/index.ts'
import type { KeyBounds } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import { isSpilled, readBlocks, type ShuffleBlock } from '../shuffle/index.ts'
import type { TaskContext } from './operator.ts'
import { rowGather } from './piece-gather.ts'
import { RowPieces } from './row-pieces.ts'
import { partsOf, type SortKeys } from './sort-keys.ts'

/** Rows looked at to cut keys into ranges. */
const SAMPLE_ROWS = 8192

/** Spilled blocks read for them, at most. */
const SAMPLE_BLOCKS = 16

/**
 * The bounds of this task's range of keys, of `rangeCount` that have about as many rows each. Every task
 * makes the same of the same blocks, so that together they take each row once. The bounds live in `region`.
 */
export function keyRange(
  blocks: readonly ShuffleBlock[],
  keys: SortKeys,
  rangeCount: number,
  region: Region,
  context: TaskContext,
): KeyBounds {
  const sample = new RowPieces(context)
  const work = context.createRegion()
  try {
    takeSample(sampleBlocks(blocks), keys, sample, context)
    const ids = keys.sortedIds(sample, work, work)
    const { partition } = context
    if (ids.length === 0) return { tables: keys.words.tables([], region), lower: null, upper: null }
    const rowOf = (range: number): number => ids[Math.floor((range * ids.length) / rangeCount)]!
    const bounds = work.int32(2)
    bounds[0] = partition === 0 ? ids[0]! : rowOf(partition)
    bounds[1] = partition + 1 === rangeCount ? ids[0]! : rowOf(partition + 1)
    const rows = rowGather(sample.pieces, work, context.pool)(bounds, work)
    return {
      tables: keys.words.tables([keys.wordsOf(rows, region, work)], region),
      lower: partition === 0 ? null : 0,
      upper: partition + 1 === rangeCount ? null : 1,
    }
  } finally {
    work.free()
    sample.free()
  }
}

/** The blocks to look at: those in memory, unless most rows are on disk; of these a few. */
function sampleBlocks(blocks: readonly ShuffleBlock[]): readonly ShuffleBlock[] {
  const inMemory = blocks.filter((block) => !isSpilled(block))
  if (inMemory.length * 2 >= blocks.length) return inMemory
  const step = Math.ceil(blocks.length / SAMPLE_BLOCKS)
  return blocks.filter((_, index) => index % step === 0)
}

/** Every so manieth row of the blocks. */
function takeSample(
  blocks: readonly ShuffleBlock[],
  keys: SortKeys,
  sample: RowPieces,
  context: TaskContext,
): void {
  const rowCount = blocks.reduce((sum, block) => sum + block.rowCount, 0)
  const step = Math.max(1, Math.floor(rowCount / SAMPLE_ROWS))
  const work = context.createRegion()
  let next = 0
  for (const batch of readBlocks(blocks, context)) {
    work.reset()
    const count = Math.max(0, Math.ceil((batch.rowCount - next) / step))
    const rows = work.int32(count)
    for (let i = 0; i < count; i++) rows[i] = next + i * step
    next += count * step - batch.rowCount
    sample.add(keys.extend(batch, 0, work), rows)
  }
  work.free()
  sample.seal()
}

/** Gives the rows of a batch that lie within bounds to `add`, in parts. */
export function addWithin(
  batch: RecordBatch,
  bounds: KeyBounds,
  keys: SortKeys,
  scratch: Region,
  add: (part: RecordBatch, rows: Int32Array) => void,
): void {
  scratch.reset()
  for (const part of partsOf(keys.extend(batch, 0, scratch), scratch))
    add(part, keys.rowsWithin(part, bounds, scratch))
}
