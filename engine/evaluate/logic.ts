import { fixedVector, getBit, onesToIndices, type RecordBatch, setBit, type Vector } from '../batch/index.ts'
import type { LogicExpr } from '../expr/index.ts'
import { types } from '../types/index.ts'
import { canFail } from './can-fail.ts'
import type { Interpreter } from './eval-context.ts'
import { restrictRows, truthBits } from './rows.ts'

/**
 * AND and OR in three-valued logic. For AND a FALSE decides a row, for OR a TRUE does; an operand that can
 * fail sees only rows that are still open.
 */
export function evaluateLogic(expr: LogicExpr, batch: RecordBatch, context: Interpreter): Vector {
  const { region } = context
  const { rowCount } = batch
  const isAnd = expr.kind === 'and'
  const decided = region.bitmap(rowCount)
  const neutral = region.bitmap(rowCount, true)
  let isFirst = true
  for (const operand of expr.operands) {
    let isTrue: Uint8Array
    let isFalse: Uint8Array
    if (!isFirst && canFail(operand)) {
      const open = openRows(decided, rowCount, region.int32(rowCount), region.bitmap(rowCount))
      if (open.count === 0) break
      if (open.count < rowCount) {
        const narrow = restrictRows(operand, batch, open.indices, open.count, context)
        const bits = truthBits(context.evaluate(operand, narrow.batch, narrow.context), region)
        isTrue = spread(bits.isTrue, open.indices, open.count, region.bitmap(rowCount))
        isFalse = spread(bits.isFalse, open.indices, open.count, region.bitmap(rowCount))
      } else ({ isTrue, isFalse } = truthBits(context.evaluate(operand, batch, context), region))
    } else ({ isTrue, isFalse } = truthBits(context.evaluate(operand, batch, context), region))
    combine(decided, neutral, isAnd ? isFalse : isTrue, isAnd ? isTrue : isFalse)
    isFirst = false
  }
  // Decided rows keep nothing neutral; what is neither is NULL.
  const validity = region.bitmap(rowCount)
  for (let i = 0; i < validity.length; i++) validity[i] = decided[i]! | neutral[i]!
  return fixedVector(types.boolean, rowCount, isAnd ? neutral : decided, validity)
}

function combine(decided: Uint8Array, neutral: Uint8Array, decides: Uint8Array, keeps: Uint8Array): void {
  for (let i = 0; i < decided.length; i++) {
    decided[i]! |= decides[i]!
    neutral[i]! &= keeps[i]!
  }
}

function openRows(
  decided: Uint8Array,
  rowCount: number,
  indices: Int32Array,
  open: Uint8Array,
): { readonly indices: Int32Array; readonly count: number } {
  for (let i = 0; i < open.length; i++) open[i] = ~decided[i]!
  return { indices, count: onesToIndices(open, rowCount, indices) }
}

function spread(bits: Uint8Array, indices: Int32Array, count: number, out: Uint8Array): Uint8Array {
  for (let i = 0; i < count; i++) if (getBit(bits, i)) setBit(out, indices[i]!)
  return out
}
