import { BATCH_ROWS, fixedVector, type RecordBatch, vectorBuilder } from '../batch/index.ts'
import type { RangeExec, ValuesExec } from '../plan/index.ts'
import { types } from '../types/index.ts'
import type { Operator } from './operator.ts'

/** Rows that stand in the plan. */
export const values: Operator<ValuesExec> = {
  async *execute(node, _inputs, context): AsyncIterable<RecordBatch> {
    const region = context.createRegion()
    try {
      for (let from = 0; from < node.rows.length; from += BATCH_ROWS) {
        region.reset()
        const rows = node.rows.slice(from, from + BATCH_ROWS)
        const columns = node.schema.fields.map((field, index) => {
          const builder = vectorBuilder(field.type, region, rows.length)
          for (const row of rows) builder.append(row[index] ?? null)
          return builder.finish()
        })
        yield { rowCount: rows.length, columns }
      }
    } finally {
      region.free()
    }
  },
}

/** The numbers of a range; partition p has the p-th of equal parts. */
export const range: Operator<RangeExec> = {
  async *execute(node, _inputs, context): AsyncIterable<RecordBatch> {
    const { start, step, partitionCount } = node
    const total = rangeLength(node)
    const parts = BigInt(partitionCount)
    const first = (total * BigInt(context.partition)) / parts
    const last = (total * BigInt(context.partition + 1)) / parts
    const region = context.createRegion()
    try {
      for (let from = first; from < last; from += BigInt(BATCH_ROWS)) {
        context.checkCancelled()
        region.reset()
        const rowCount = Number(last - from < BigInt(BATCH_ROWS) ? last - from : BigInt(BATCH_ROWS))
        const numbers = region.int64(rowCount)
        fillRange(numbers, start + from * step, step)
        yield { rowCount, columns: [fixedVector(types.int64, rowCount, numbers)] }
      }
    } finally {
      region.free()
    }
  },
}

/** How many numbers a range has. */
function rangeLength(range: { readonly start: bigint; readonly end: bigint; readonly step: bigint }): bigint {
  const { start, end, step } = range
  if (step > 0n) return end > start ? (end - start + step - 1n) / step : 0n
  return start > end ? (start - end - step - 1n) / -step : 0n
}

function fillRange(out: BigInt64Array, start: bigint, step: bigint): void {
  let next = start
  for (let i = 0; i < out.length; i++) {
    out[i] = next
    next = BigInt.asIntN(64, next + step)
  }
}
