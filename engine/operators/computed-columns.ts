import { columnsOf, exprKey, tableInputs } from '../evaluate/index.ts'
import { type Expr, transformExpr } from '../expr/index.ts'
import type { FusedLookup, FusedProbes } from './fuse-probes.ts'

/** Tables of more rows are not gone through for a condition that few of them may meet in a pair, */
const MAX_ROWS = 1 << 14
/** unless the columns that it reads have few values. */
const MAX_ENTRIES = 1 << 10

/**
 * Where parts of expressions have no compiled form and read one table only, they become columns of that
 * table, computed once: such as conditions on its texts. Gives the probes with these columns, and the
 * expressions over them.
 */
export function withComputed(
  fused: FusedProbes,
  exprs: readonly Expr[],
): { readonly fused: FusedProbes; readonly exprs: readonly Expr[] } {
  const columns = new Map<string, Expr>()
  const computed = new Map(fused.computed)
  const sources = [...fused.probes.sources]
  for (const expr of exprs)
    for (const input of tableInputs(fused.probes, expr)) {
      const lookup = fused.lookups.find((each) => each?.source === input.source)
      if (columns.has(exprKey(input.expr)) || !lookup || !isCheap(input.expr, lookup)) continue
      const index = sources.push(input.source) - 1
      computed.set(index, input)
      columns.set(exprKey(input.expr), { kind: 'column', index, name: '', type: input.expr.type })
    }
  if (columns.size === 0) return { fused, exprs }
  const probes = { ...fused.probes, sources }
  return {
    fused: { ...fused, probes, computed, width: sources.length },
    exprs: exprs.map((expr) => transformExpr(expr, (part) => columns.get(exprKey(part)) ?? part)),
  }
}

/** Whether it may be computed for all rows of the table. */
function isCheap(expr: Expr, { table, start }: FusedLookup): boolean {
  if (table === null || table.build.rowCount <= MAX_ROWS) return true
  return [...columnsOf(expr)].every((index) => {
    const column = table.build.columns[index - start]
    return column?.encoding === 'dictionary' && column.dictionary.length <= MAX_ENTRIES
  })
}
