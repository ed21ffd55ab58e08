import { BATCH_ROWS, type RecordBatch, takeBatch, type Vector } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import { type DataType, types } from '../types/index.ts'
import { firstRows, HashTable, numbersVector } from './hash-table.ts'
import type { TaskContext } from './operator.ts'
import { SPILL_FAN_OUT, SpillPartitions } from './spill-partitions.ts'

/** So many batches on their way to disk go into the limit, at least. */
const BATCHES_A_LIMIT = 64
const LEAST_ROWS = 256

/**
 * The rows (group, arguments) that a DISTINCT aggregate has seen. Where few groups have many of them, they go
 * to disk by the hash of group and arguments, and what is new among them is found at the end, a part at a
 * time:
 *
 *   first spill  | 0 | 1 | … | 15 |    known: they were given as new before
 *   later ones   | 0 | 1 | … | 15 |    new if they come neither among those nor before
 */
export class DistinctRows {
  readonly #types: readonly DataType[]
  readonly #context: TaskContext
  #region: Region
  #table: HashTable
  #parts: SpillPartitions | null = null
  /** By part: how many of its first rows are known. */
  #known: readonly number[] = []

  constructor(argTypes: readonly DataType[], context: TaskContext) {
    this.#types = [types.int32, ...argTypes]
    this.#context = context
    this.#region = context.createRegion()
    this.#table = this.#newTable()
  }

  /** Bytes held in memory. */
  get heldBytes(): number {
    return this.#region.heldBytes
  }

  /** Whether rows wait on disk. */
  get isSpilled(): boolean {
    return this.#parts !== null
  }

  /** The rows that are new, into `out`; gives their number. Once there are rows on disk, `rest` tells. */
  add(
    args: readonly Vector[],
    groups: Int32Array,
    rowCount: number,
    out: Int32Array,
    scratch: Region,
  ): number {
    const fresh = this.#insert([numbersVector(groups, rowCount), ...args], rowCount, out, scratch)
    return this.#parts === null ? fresh : 0
  }

  /** All rows; only while none are on disk. */
  keys(region: Region): RecordBatch {
    const { size } = this.#table
    return { rowCount: size, columns: this.#table.keys(0, size, region) }
  }

  /** Moves the rows in memory to disk, for a node. */
  spill(nodeId: number): void {
    if (this.#parts !== null) {
      this.#flush(this.#parts)
      return
    }
    const parts = new SpillPartitions({ nodeId, level: 0, keysOf: ({ columns }) => columns }, this.#context)
    this.#parts = parts
    this.#flush(parts)
    this.#known = Array.from({ length: SPILL_FAN_OUT }, (_, part) => parts.countOf(part))
  }

  /** What is new among the rows on disk, group numbers first; call it once, when all were added. */
  *rest(): Iterable<RecordBatch> {
    if (this.#parts === null) return
    this.#flush(this.#parts)
    const scratch = this.#context.createRegion()
    for (const [part, known] of this.#known.entries()) {
      let left = known
      for (const batch of this.#parts.read(part)) {
        scratch.reset()
        const out = scratch.int32(batch.rowCount)
        const fresh = out.subarray(0, this.#insert(batch.columns, batch.rowCount, out, scratch))
        const first = fresh.findIndex((row) => row >= left)
        left = Math.max(0, left - batch.rowCount)
        if (first < 0) continue
        yield takeBatch(batch, fresh.subarray(first), fresh.length - first, scratch)
      }
      this.#forget()
    }
    scratch.free()
  }

  free(): void {
    this.#region.free()
    this.#parts?.free()
  }

  #flush(parts: SpillPartitions): void {
    const { size } = this.#table
    const rows = (this.#context.pool.limitBytes / BATCHES_A_LIMIT) * (size / this.#region.heldBytes)
    const batchRows = Math.min(BATCH_ROWS, Math.max(LEAST_ROWS, Math.floor(rows)))
    const scratch = this.#context.createRegion()
    for (let from = 0; from < size; from += batchRows) {
      this.#context.checkCancelled()
      scratch.reset()
      const rowCount = Math.min(batchRows, size - from)
      parts.add({ rowCount, columns: this.#table.keys(from, rowCount, scratch) })
    }
    parts.flush()
    scratch.free()
    this.#forget()
  }

  #insert(columns: readonly Vector[], rowCount: number, out: Int32Array, scratch: Region): number {
    const table = this.#table
    const before = table.size
    const numbers = scratch.int32(rowCount)
    table.insert(columns, rowCount, numbers)
    return firstRows(numbers, rowCount, before, table.size, out, scratch)
  }

  #newTable(): HashTable {
    const nullIsValue = this.#types.map(() => true)
    return new HashTable(this.#types, this.#region, nullIsValue)
  }

  #forget(): void {
    this.#region.free()
    this.#region = this.#context.createRegion()
    this.#table = this.#newTable()
  }
}
