import { hashRows, type RecordBatch } from '../batch/index.ts'
import { assert } from '../errors.ts'
import { partitionKernels } from '../kernels/index.ts'
import type { MemoryPool, Region } from '../memory/index.ts'
import { BlockStore, type StoredBlocks } from './block-store.ts'

/** What a map task leaves for the next stage: blocks by output partition. */
export interface ShuffleOutput extends StoredBlocks {
  readonly rowCount: number
}

/** How the writer picks partitions: by the hash of key columns, in turn, or always one, of one or many. */
export type Partitioner =
  | { readonly kind: 'one' }
  | { readonly kind: 'fixed'; readonly partitionCount: number; readonly partition: number }
  | { readonly kind: 'roundRobin'; readonly partitionCount: number; readonly start: number }
  /** The partition stands in an int32 column without NULLs. */
  | { readonly kind: 'direct'; readonly partitionCount: number; readonly column: number }
  | {
      readonly kind: 'hash'
      readonly partitionCount: number
      /** Key columns of a batch; results may lie in the scratch region given. */
      readonly keys: (batch: RecordBatch, scratch: Region) => RecordBatch['columns']
    }

/** Collects the rows of one task by output partition. Call `finish` or `free`. */
export class ShuffleWriter {
  readonly #scratch: Region
  readonly #partitioner: Partitioner
  readonly #partitionCount: number
  readonly #store: BlockStore
  #rowCount = 0

  /** `count` hears `spillFiles` and `spillBytes`. */
  constructor(
    pool: MemoryPool,
    tag: number,
    partitioner: Partitioner,
    count?: (metric: string, amount: number) => void,
  ) {
    this.#scratch = pool.createRegion(tag)
    this.#partitioner = partitioner
    this.#partitionCount = partitioner.kind === 'one' ? 1 : partitioner.partitionCount
    this.#store = new BlockStore(pool, tag, this.#partitionCount, count)
  }

  append(batch: RecordBatch): void {
    const { rowCount } = batch
    if (rowCount === 0) return
    this.#rowCount += rowCount
    if (this.#partitioner.kind === 'fixed')
      this.#store.add(this.#partitioner.partition, batch, null, rowCount)
    else if (this.#partitionCount === 1) this.#store.add(0, batch, null, rowCount)
    else {
      this.#scratch.reset()
      this.#scatter(batch, this.#partitionOfRows(batch))
    }
    this.#store.spillIfScarce()
  }

  /** The output; it now belongs to the caller's process. */
  finish(): ShuffleOutput {
    this.#scratch.free()
    return { ...this.#store.finish(), rowCount: this.#rowCount }
  }

  /** Gives up. */
  free(): void {
    this.#scratch.free()
    this.#store.free()
  }

  #partitionOfRows(batch: RecordBatch): Int32Array {
    const { rowCount } = batch
    const out = this.#scratch.int32(rowCount)
    const count = this.#partitionCount
    if (this.#partitioner.kind === 'hash') {
      const hashes = hashRows(this.#partitioner.keys(batch, this.#scratch), rowCount, this.#scratch)
      const kernels = partitionKernels(this.#scratch.pool)
      kernels.partitionsOfHashes(hashes.byteOffset, rowCount, count, out.byteOffset)
    } else if (this.#partitioner.kind === 'direct') {
      const column = batch.columns[this.#partitioner.column]
      assert(column?.encoding === 'fixed', 'partition numbers stand in a fixed column')
      for (let i = 0; i < rowCount; i++) out[i] = Number(column.values[i])
    } else {
      const start = (this.#partitioner.kind === 'roundRobin' ? this.#partitioner.start : 0) + this.#rowCount
      for (let i = 0; i < rowCount; i++) out[i] = (start + i) % count
    }
    return out
  }

  /** Counting sort of row numbers by partition, then one gather a partition. */
  #scatter(batch: RecordBatch, partitionOfRow: Int32Array): void {
    const { rowCount } = batch
    const count = this.#partitionCount
    const [starts, next] = [this.#scratch.int32(count + 1), this.#scratch.int32(count + 1)]
    const rows = this.#scratch.int32(rowCount)
    partitionKernels(this.#scratch.pool).rowsByPartition(
      partitionOfRow.byteOffset,
      rowCount,
      count,
      starts.byteOffset,
      next.byteOffset,
      rows.byteOffset,
    )
    for (let p = 0; p < count; p++) {
      const indices = rows.subarray(starts[p]!, starts[p + 1]!)
      if (indices.length > 0) this.#store.add(p, batch, indices, indices.length)
    }
  }
}
