import { nullVector, type RecordBatch, take, type Vector } from '../batch/index.ts'
import { evaluatePredicate } from '../evaluate/index.ts'
import { childrenOf, type Expr, transformExpr } from '../expr/index.ts'
import { keepRows } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { HashJoinExec } from '../plan/index.ts'
import type { TaskContext } from './operator.ts'

/** A condition on pairs of rows, over left then right columns, and the columns that it reads. */
export interface PairCondition {
  readonly expr: Expr
  readonly columns: ReadonlySet<number>
}

/** A condition made of all parts that are there, tested in order; null for none. */
export function pairCondition(...parts: readonly (Expr | null)[]): PairCondition | null {
  const operands = parts.filter((part) => part !== null)
  if (operands.length === 0) return null
  const expr: Expr =
    operands.length === 1 ? operands[0]! : { kind: 'and', operands, type: { kind: 'boolean' } }
  return { expr, columns: columnsOf(expr) }
}

function columnsOf(expr: Expr): ReadonlySet<number> {
  const found = new Set<number>()
  const visit = (part: Expr): void => {
    if (part.kind === 'column') found.add(part.index)
    for (const child of childrenOf(part)) visit(child)
  }
  visit(expr)
  return found
}

/** That the keys of a pair are equal: what remains to be tested where only their hashes were. */
export function keyEquality({ left, leftKeys, rightKeys, nullSafe }: HashJoinExec): Expr {
  const width = left.schema.fields.length
  const operands = leftKeys.map((key, index): Expr => {
    const other = transformExpr(rightKeys[index]!, (part) =>
      part.kind === 'column' ? { ...part, index: part.index + width } : part,
    )
    const name = nullSafe[index] === true ? '<=>' : '='
    return { kind: 'call', name, args: [key, other], type: { kind: 'boolean' } }
  })
  return operands.length === 1 ? operands[0]! : { kind: 'and', operands, type: { kind: 'boolean' } }
}

/** One side of pairs: rows `rows[i]` of a batch. */
export interface PairSide {
  readonly batch: RecordBatch
  readonly rows: Int32Array
}

/** Keeps the pairs that meet a condition, in place in both `rows`; gives their number. */
export function filterPairs(
  condition: PairCondition,
  left: PairSide,
  right: PairSide,
  count: number,
  region: Region,
  context: TaskContext,
): number {
  if (count === 0) return 0
  const unread = nullVector(0, region)
  const width = left.batch.columns.length
  const column = (side: PairSide, index: number, at: number): Vector =>
    condition.columns.has(at) ? take(side.batch.columns[index]!, side.rows, count, region) : unread
  const columns = [
    ...left.batch.columns.map((_, index) => column(left, index, index)),
    ...right.batch.columns.map((_, index) => column(right, index, width + index)),
  ]
  const pairs = { rowCount: count, columns }
  const kept = evaluatePredicate(condition.expr, pairs, context.evalContext(region))
  if (kept.count === count) return count
  keepRows(region.pool, left.rows, kept.indices, kept.count)
  keepRows(region.pool, right.rows, kept.indices, kept.count)
  return kept.count
}
