import type { RecordBatch } from '../batch/index.ts'
import type { RowFilter } from '../connect/index.ts'
import { evaluatePredicate } from '../evaluate/index.ts'
import { type Expr, someExpr, transformExpr } from '../expr/index.ts'
import type { Region } from '../memory/index.ts'
import type { ScanExec } from '../plan/index.ts'
import type { TaskContext } from './operator.ts'
import { RuntimeFilters } from './runtime-filters.ts'

/**
 * The filter of a scan for its source: its predicate, then the keys of joins above; null if all rows are
 * wanted. Scratch lies in `region`.
 */
export function rowFilterOf(node: ScanExec, context: TaskContext, region: Region): RowFilter | null {
  const { filter, request } = node
  if (filter === null && node.runtimeFilters.length === 0) return null
  const used = columnsOf(node)
  const at = (column: number): number => used.indexOf(column)
  const predicate =
    filter === null
      ? null
      : transformExpr(filter, (expr) => (expr.kind === 'column' ? { ...expr, index: at(expr.index) } : expr))
  const keys = node.runtimeFilters.length === 0 ? null : new RuntimeFilters(node, context, at)
  return {
    columns: used.map((index) => request.columns[index]!),
    select(batch: RecordBatch, out: Int32Array): number {
      region.reset()
      const { rowCount } = batch
      if (predicate === null) return keys!.select(batch, null, rowCount, out, region)
      const { indices, count } = evaluatePredicate(predicate, batch, context.evalContext(region))
      if (keys !== null) return keys.select(batch, indices, count, out, region)
      out.set(indices.subarray(0, count))
      return count
    },
  }
}

/** Columns by index that the filters read, ascending. */
function columnsOf({ filter, runtimeFilters }: ScanExec): readonly number[] {
  const found = new Set(runtimeFilters.map(({ column }) => column))
  const note = (part: Expr): boolean => {
    if (part.kind === 'column') found.add(part.index)
    return false
  }
  if (filter !== null) someExpr(filter, note)
  return [...found].sort((a, b) => a - b)
}
