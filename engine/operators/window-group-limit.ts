import { type FixedVector, flatten, type RecordBatch, takeBatch, valueForm } from '../batch/index.ts'
import { evaluate } from '../evaluate/index.ts'
import { addressIn, addressOrZero, groupTopKernels, takeKernels } from '../kernels/index.ts'
import { GrowingBuffer, type Region } from '../memory/index.ts'
import type { WindowGroupLimitExec } from '../plan/index.ts'
import { type OwnedDictionaries, ownRows } from '../shuffle/index.ts'
import { HashTable } from './hash-table.ts'
import type { Operator, TaskContext } from './operator.ts'

/** After so many rows it is seen whether rows are left out at all. */
const TRIAL_ROWS = 1 << 19
/** A batch of which more are kept tells that it is in vain. */
const VAIN_SHARE = 0.9

/**
 * Leaves out rows that cannot be among the first of their group, before they are moved and sorted. Rows that
 * may be are kept until all have come: by then the place of the last wanted one is known for each group.
 */
export const windowGroupLimit: Operator<WindowGroupLimitExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    const scratch = context.createRegion()
    let tops = new GroupTops(node, context)
    let [rowOffset, isVain] = [0, false]
    try {
      for await (const batch of input!) {
        context.checkCancelled()
        if (isVain) {
          yield batch
          continue
        }
        if (batch.rowCount === 0) continue
        scratch.reset()
        const kept = tops.add(batch, rowOffset, scratch)
        rowOffset += batch.rowCount
        isVain = rowOffset >= TRIAL_ROWS && kept > VAIN_SHARE * batch.rowCount
        if (!isVain && !tops.isLarge) continue
        yield* tops.rows(scratch)
        tops.free()
        tops = new GroupTops(node, context)
      }
      yield* tops.rows(scratch)
    } finally {
      scratch.free()
      tops.free()
    }
  },
}

/** Rows of a batch that may be among the first of their groups. */
interface KeptRows {
  readonly batch: RecordBatch
  readonly groups: Int32Array
  readonly words: BigInt64Array
}

class GroupTops {
  readonly #node: WindowGroupLimitExec
  readonly #context: TaskContext
  readonly #region: Region
  readonly #table: HashTable
  readonly #tops: GrowingBuffer
  readonly #owned: OwnedDictionaries = new Map()
  #kept: KeptRows[] = []
  #groupCount = 0

  constructor(node: WindowGroupLimitExec, context: TaskContext) {
    this.#node = node
    this.#context = context
    this.#region = context.createRegion()
    const types = node.partitionBy.map(({ type }) => type)
    const nullIsValue = types.map(() => true)
    this.#table = new HashTable(types, this.#region, nullIsValue)
    this.#tops = new GrowingBuffer(this.#region)
  }

  /** Whether others want the memory. */
  get isLarge(): boolean {
    return this.#context.pool.shouldSpill(this.#region.heldBytes, 0)
  }

  /** Keeps the rows of a batch that may be wanted; gives how many. */
  add(batch: RecordBatch, rowOffset: number, scratch: Region): number {
    const { rowCount } = batch
    const evalContext = this.#context.evalContext(scratch, rowOffset)
    const keys = this.#node.partitionBy.map((key) => evaluate(key, batch, evalContext))
    const groups = scratch.int32(rowCount)
    this.#table.insert(keys, rowCount, groups)
    const { expr, descending, nullsFirst } = this.#node.orderBy[0]!
    const order = flatten(evaluate(expr, batch, evalContext), scratch) as FixedVector
    const words = scratch.int64(rowCount)
    const kernels = groupTopKernels(scratch.pool)
    kernels.orderWords(
      valueForm(order),
      addressIn(scratch, order.values),
      addressOrZero(scratch, order.validity),
      rowCount,
      descending ? 1 : 0,
      nullsFirst ? 1 : 0,
      words.byteOffset,
    )
    const rows = scratch.int32(rowCount)
    const { limit } = this.#node
    const tops = this.#resize()
    const [from, to] = [words.byteOffset, rows.byteOffset]
    const count = kernels.addToTops(from, groups.byteOffset, rowCount, limit, tops, to)
    if (count > 0) this.#keep(batch, rows.subarray(0, count), groups, words)
    return count
  }

  /** The rows kept that are among the first of their groups; a batch is valid until the next. */
  *rows(scratch: Region): Iterable<RecordBatch> {
    const { limit } = this.#node
    const kernels = groupTopKernels(scratch.pool)
    for (const { batch, groups, words } of this.#kept) {
      this.#context.checkCancelled()
      scratch.reset()
      const rows = scratch.int32(batch.rowCount)
      const [from, to, tops] = [words.byteOffset, rows.byteOffset, this.#tops.address]
      const count = kernels.withinTops(from, groups.byteOffset, batch.rowCount, limit, tops, to)
      if (count === batch.rowCount) yield batch
      else if (count > 0) yield takeBatch(batch, rows, count, scratch)
    }
    this.#kept = []
  }

  free(): void {
    this.#region.free()
  }

  /** Room for the tops of all groups; those of new ones take any row. */
  #resize(): number {
    const words = this.#table.size * this.#node.limit
    const held = this.#groupCount * this.#node.limit
    const address = this.#tops.reserve(words * 8, held * 8)
    new BigInt64Array(this.#region.pool.buffer, address, words).fill(-1n, held)
    this.#groupCount = this.#table.size
    return address
  }

  #keep(batch: RecordBatch, rows: Int32Array, groups: Int32Array, words: BigInt64Array): void {
    const count = rows.length
    const region = this.#region
    const own = { groups: region.int32(count), words: region.int64(count) }
    const kernels = takeKernels(region.pool)
    kernels.take32(groups.byteOffset, rows.byteOffset, count, own.groups.byteOffset)
    kernels.take64(words.byteOffset, rows.byteOffset, count, own.words.byteOffset)
    this.#kept.push({ batch: ownRows(batch, rows, count, region, this.#owned), ...own })
  }
}
