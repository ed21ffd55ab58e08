import { BATCH_ROWS, type RecordBatch } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import { isSpilled, ownRows, readBlocks, type ShuffleBlock } from '../shuffle/index.ts'
import type { Schema } from '../types/index.ts'
import { concatBatches } from './concat-batches.ts'
import type { TaskContext } from './operator.ts'

/** Less than an eighth of the usual rows are few. A quarter of these, or so many batches, make one. */
const SMALL_PART = 8
const FULL_PART = 4
const MOST_MERGED = 16
/** Blocks of a shuffle have been copied already: it pays for a sixty-fourth of the usual rows only. */
const SMALL_BLOCK_PART = 64

/**
 * The same rows in fewer batches: what a filter leaves of many batches is put together, for every batch costs
 * each operator above about as much as some thousand rows. The first goes on at once, so that whoever waits
 * for the first rows has them.
 */
export async function* mergeSmall(
  batches: AsyncIterable<RecordBatch>,
  schema: Schema,
  context: TaskContext,
): AsyncIterable<RecordBatch> {
  const limit = context.settings.batchRows ?? BATCH_ROWS
  const held = new HeldBatches(schema, context.createRegion(), context.createRegion())
  let isFirst = true
  try {
    for await (const batch of batches) {
      const isLarge = batch.rowCount * SMALL_PART >= limit
      if (isLarge || isFirst) {
        if (held.count > 0) yield held.take()
        if (batch.rowCount > 0) {
          yield batch
          isFirst = false
        }
        continue
      }
      held.add(batch)
      if (held.count === MOST_MERGED || held.rowCount * FULL_PART >= limit) yield held.take()
    }
    if (held.count > 0) yield held.take()
  } finally {
    held.free()
  }
}

/**
 * The rows of blocks of a shuffle, small ones put together: an earlier stage leaves one for each task.
 */
export function* mergeBlocks(
  blocks: readonly ShuffleBlock[],
  schema: Schema,
  context: TaskContext,
): Iterable<RecordBatch> {
  const limit = context.settings.batchRows ?? BATCH_ROWS
  const merged = context.createRegion()
  let held: RecordBatch[] = []
  let rowCount = 0
  const take = (): RecordBatch => {
    merged.reset()
    const batch = held.length === 1 ? held[0]! : concatBatches(held, schema, merged)
    held = []
    rowCount = 0
    return batch
  }
  try {
    for (const block of blocks) {
      if (isSpilled(block) || block.rowCount * SMALL_BLOCK_PART >= limit) {
        if (held.length > 0) yield take()
        yield* readBlocks([block], context)
        continue
      }
      held.push(block)
      rowCount += block.rowCount
      if (held.length === MOST_MERGED || rowCount * FULL_PART >= limit) yield take()
    }
    if (held.length > 0) yield take()
  } finally {
    merged.free()
  }
}

/** Copies of batches that shall become one. */
class HeldBatches {
  readonly #schema: Schema
  readonly #copies: Region
  readonly #merged: Region
  #batches: RecordBatch[] = []
  rowCount = 0

  constructor(schema: Schema, copies: Region, merged: Region) {
    this.#schema = schema
    this.#copies = copies
    this.#merged = merged
  }

  get count(): number {
    return this.#batches.length
  }

  add(batch: RecordBatch): void {
    const { rowCount } = batch
    if (rowCount === 0) return
    this.#batches.push(ownRows(batch, null, rowCount, this.#copies, new Map()))
    this.rowCount += rowCount
  }

  /** All rows held, good until the next time. */
  take(): RecordBatch {
    this.#merged.reset()
    const batch = concatBatches(this.#batches, this.#schema, this.#merged)
    this.#copies.reset()
    this.#batches = []
    this.rowCount = 0
    return batch
  }

  free(): void {
    this.#copies.free()
    this.#merged.free()
  }
}
