import type { RecordBatch } from '../batch/index.ts'
import type { FilterStep, RowFilter } from '../connect/index.ts'
import { columnsOf, evaluatePredicate } from '../evaluate/index.ts'
import type { Expr } from '../expr/index.ts'
import type { Region } from '../memory/index.ts'
import type { ScanExec } from '../plan/index.ts'
import { over, predicateSteps, type RankedStep } from './filter-steps.ts'
import type { TaskContext } from './operator.ts'
import { KeyStep, keySteps } from './runtime-filters.ts'

/**
 * The filter of a scan for its source: its predicate, then the keys of joins above; null if all rows are
 * wanted. Scratch lies in `region`.
 */
export function rowFilterOf(node: ScanExec, context: TaskContext, region: Region): RowFilter | null {
  const { filter, request } = node
  const keys = keySteps(node, context, region)
  if (filter === null && keys.length === 0) return null
  const used = usedColumns(filter, keys)
  const predicate = filter && over(filter, used)
  const all: RankedStep[] =
    filter === null ? [...keys] : [...predicateSteps(filter, node, context, region), ...keys]
  return {
    columns: used.map((index) => request.columns[index]!),
    select(batch: RecordBatch, out: Int32Array): number {
      region.reset()
      let rows: Int32Array | null = null
      let count = batch.rowCount
      if (predicate !== null) {
        const selected = evaluatePredicate(predicate, batch, context.evalContext(region))
        rows = selected.indices
        count = selected.count
      }
      for (const key of keys) {
        if (!key.isWorthwhile) continue
        const column = batch.columns[used.indexOf(key.column)]!
        const passed = key.test(column, rows, count, out)
        key.note(count, passed)
        count = passed
        rows = out
      }
      if (rows === null) for (let row = 0; row < count; row++) out[row] = row
      else if (rows !== out) out.set(rows.subarray(0, count))
      return count
    },
    get steps(): readonly FilterStep[] {
      const wanted = keys.every((key) => key.isWorthwhile)
        ? all
        : all.filter((step) => !(step instanceof KeyStep) || step.isWorthwhile)
      return [...wanted].sort((a, b) => a.rank - b.rank)
    },
  }
}

/** Columns by index that the filters read, ascending. */
function usedColumns(filter: Expr | null, keys: readonly KeyStep[]): readonly number[] {
  const used = new Set(keys.map(({ column }) => column))
  if (filter !== null) for (const column of columnsOf(filter)) used.add(column)
  return [...used].sort((a, b) => a - b)
}
