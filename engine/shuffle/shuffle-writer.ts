import { hashRows, type RecordBatch } from '../batch/index.ts'
import { assert } from '../errors.ts'
import type { MemoryPool, Region } from '../memory/index.ts'
import { type OwnedDictionaries, ownRows } from './own-batch.ts'

/** What a map task leaves for the next stage: batches by output partition, all in one region. */
export interface ShuffleOutput {
  readonly partitions: readonly (readonly RecordBatch[])[]
  readonly regionId: number
  readonly rowCount: number
  readonly bytes: number
}

/** How the writer picks partitions: by the hash of key columns, in turn, or all into one. */
export type Partitioner =
  | { readonly kind: 'one' }
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
  readonly #region: Region
  readonly #scratch: Region
  readonly #partitioner: Partitioner
  readonly #partitions: RecordBatch[][]
  readonly #owned: OwnedDictionaries = new Map()
  #rowCount = 0

  constructor(pool: MemoryPool, tag: number, partitioner: Partitioner) {
    this.#region = pool.createRegion(tag)
    this.#scratch = pool.createRegion(tag)
    this.#partitioner = partitioner
    const count = partitioner.kind === 'one' ? 1 : partitioner.partitionCount
    this.#partitions = Array.from({ length: count }, () => [])
  }

  append(batch: RecordBatch): void {
    const { rowCount } = batch
    if (rowCount === 0) return
    this.#rowCount += rowCount
    if (this.#partitions.length === 1) {
      this.#partitions[0]!.push(ownRows(batch, null, rowCount, this.#region, this.#owned))
      return
    }
    this.#scratch.reset()
    this.#scatter(batch, this.#partitionOfRows(batch))
  }

  /** The output; its region now belongs to the caller's process and is freed by id. */
  finish(): ShuffleOutput {
    this.#scratch.free()
    const bytes = this.#region.heldBytes
    return { partitions: this.#partitions, regionId: this.#region.release(), rowCount: this.#rowCount, bytes }
  }

  /** Gives up. */
  free(): void {
    this.#scratch.free()
    this.#region.free()
  }

  #partitionOfRows(batch: RecordBatch): Int32Array {
    const { rowCount } = batch
    const out = this.#scratch.int32(rowCount)
    const count = this.#partitions.length
    if (this.#partitioner.kind === 'hash') {
      hashRows(this.#partitioner.keys(batch, this.#scratch), rowCount, out)
      for (let i = 0; i < rowCount; i++) out[i] = partitionOfHash(out[i]!, count)
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
    const count = this.#partitions.length
    const starts = new Int32Array(count + 1)
    for (let i = 0; i < rowCount; i++) starts[partitionOfRow[i]! + 1]!++
    for (let p = 0; p < count; p++) starts[p + 1]! += starts[p]!
    const next = starts.slice()
    const rows = this.#scratch.int32(rowCount)
    for (let i = 0; i < rowCount; i++) rows[next[partitionOfRow[i]!]!++] = i
    for (let p = 0; p < count; p++) {
      const indices = rows.subarray(starts[p]!, starts[p + 1]!)
      if (indices.length > 0)
        this.#partitions[p]!.push(ownRows(batch, indices, indices.length, this.#region, this.#owned))
    }
  }
}

/** The partition of a 32-bit hash. Uses high bits mixed in, since hash tables use the low ones. */
function partitionOfHash(hash: number, partitionCount: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0
  return mixed % partitionCount
}
