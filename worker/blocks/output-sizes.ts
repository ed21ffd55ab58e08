import { bytesOfBatches, type RecordBatch } from '../../engine/batch/index.ts'
import { isSpilled, type ShuffleBlock } from '../../engine/shuffle/index.ts'

/** What a task left, by output partition. */
export interface OutputSizes {
  readonly partitionBytes: readonly number[]
  readonly partitionRows: readonly number[]
  /** Whether it is on disk, and so outlives the process. */
  readonly durable: boolean
}

/** Bytes and rows of blocks by partition. */
export function sizesOf(partitions: readonly (readonly ShuffleBlock[])[]): Omit<OutputSizes, 'durable'> {
  return {
    partitionBytes: partitions.map((blocks) => {
      const batches = blocks.filter((block): block is RecordBatch => !isSpilled(block))
      const spilled = blocks.reduce((sum, block) => sum + (isSpilled(block) ? block.bytes : 0), 0)
      return spilled + bytesOfBatches(batches)
    }),
    partitionRows: partitions.map((blocks) => blocks.reduce((sum, { rowCount }) => sum + rowCount, 0)),
  }
}
