import { isNumeric } from '../../engine/types/index.ts'
import {
  type AnalyzerContext,
  aggregatePlan,
  type Resolved,
  unionPlan,
  visibleColumns,
} from '../analyzer/index.ts'
import type { Expression, SelectItem } from '../parser/index.ts'
import { call, literalOf } from './literals.ts'

const STATISTICS = ['count', 'mean', 'stddev', 'min', 'max'] as const

/** One row for each statistic, one column of text for each numeric or string column (or for those named). */
export function describePlan(input: Resolved, names: readonly string[], context: AnalyzerContext): Resolved {
  const columns = visibleColumns(input.scope).filter(({ type }) => isNumeric(type) || type.kind === 'string')
  const numeric = new Set(columns.filter(({ type }) => isNumeric(type)).map(({ name }) => name))
  const wanted = names.length > 0 ? names : columns.map(({ name }) => name)
  const row = (statistic: (typeof STATISTICS)[number]): Resolved => {
    const items = wanted.map((name): SelectItem => {
      const computed = numeric.has(name) || (statistic !== 'mean' && statistic !== 'stddev')
      const value = computed ? call(statistic, [{ kind: 'column', parts: [name] }]) : literalOf(null)
      return item(asString(value), name)
    })
    return aggregatePlan(
      input,
      [],
      [item(literalOf(statistic), 'summary'), item(count, 'n'), ...items],
      context,
    )
  }
  const rows = unionPlan(STATISTICS.map(row))
  const scope = { ...rows.scope, columns: rows.scope.columns.filter(({ column }) => column.name !== 'n') }
  return { plan: rows.plan, scope }
}

/** Makes the SELECT an aggregate even if no column is described. */
const count: Expression = call('count', [literalOf(1)])

function asString(input: Expression): Expression {
  return { kind: 'cast', input, type: { kind: 'type', name: 'string', args: [] }, try: false }
}

function item(expression: Expression, alias: string): SelectItem {
  return { kind: 'selectItem', expression, aliases: [alias] }
}
