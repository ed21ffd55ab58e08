import { bytesOfBatches, isFixedWidth, type RecordBatch, sliceBatch } from '../batch/index.ts'
import { evaluateAll } from '../evaluate/index.ts'
import type { ProjectExec } from '../plan/index.ts'
import type { Operator, TaskContext } from './operator.ts'

/** So many batches go into the memory limit, at least: long texts make them shorter. */
const BATCHES_A_LIMIT = 32
const LEAST_ROWS = 256

/** One column an expression. Order and partitioning are unchanged. */
export const project: Operator<ProjectExec> = {
  async *execute(node, [input], context): AsyncIterable<RecordBatch> {
    let region = context.createRegion()
    const widths = makesText(node) ? new RowWidths(context) : null
    let rowOffset = 0
    try {
      for await (const whole of input!)
        for (const batch of widths?.partsOf(whole) ?? [whole]) {
          region.reset()
          const evalContext = context.evalContext(region, rowOffset)
          rowOffset += batch.rowCount
          const columns = evaluateAll(node.exprs, batch, evalContext)
          yield { rowCount: batch.rowCount, columns }
          if (widths?.sawLarge(batch.rowCount, columns) !== true) continue
          // It would keep the pages of this batch.
          region.free()
          region = context.createRegion()
        }
    } finally {
      region.free()
      widths?.free()
    }
  },
}

/** Whether it computes columns whose rows may be long. */
function makesText({ exprs }: ProjectExec): boolean {
  return exprs.some(({ kind, type }) => kind !== 'column' && kind !== 'literal' && !isFixedWidth(type))
}

/**
 * Cuts batches so that what is made of them takes a small part of the limit, as far as the last one tells.
 */
class RowWidths {
  readonly #mostBytes: number
  readonly #region: ReturnType<TaskContext['createRegion']>
  #mostRows = Number.POSITIVE_INFINITY

  constructor(context: TaskContext) {
    this.#mostBytes = context.pool.limitBytes / BATCHES_A_LIMIT
    this.#region = context.createRegion()
  }

  /** A batch in parts; each is valid until the next. */
  *partsOf(batch: RecordBatch): Iterable<RecordBatch> {
    for (let from = 0; from < batch.rowCount; ) {
      const count = Math.min(batch.rowCount - from, this.#mostRows)
      this.#region.reset()
      yield sliceBatch(batch, from, count, this.#region)
      from += count
    }
  }

  /** Notes how wide the rows made are; TRUE if they were too many. Dictionaries do not grow with the rows. */
  sawLarge(rowCount: number, made: RecordBatch['columns']): boolean {
    const columns = made.filter(({ encoding }) => encoding !== 'dictionary')
    const bytes = bytesOfBatches([{ rowCount, columns }])
    if (bytes <= this.#mostBytes) return false
    this.#mostRows = Math.max(LEAST_ROWS, Math.floor((rowCount * this.#mostBytes) / bytes))
    return true
  }

  free(): void {
    this.#region.free()
  }
}
