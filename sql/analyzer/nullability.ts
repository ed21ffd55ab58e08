import { childrenOf, type Expr } from '../../engine/expr/index.ts'
import { type LogicalPlan, outputOf } from '../plan/index.ts'

/** Calls that give NULL only for a NULL argument. */
const STRICT: ReadonlySet<string> = new Set([
  '+',
  '-',
  '*',
  '=',
  '<',
  '<=',
  '>',
  '>=',
  'not',
  'negative',
  'positive',
  'in',
  'concat',
  'upper',
  'lower',
  'trim',
  'length',
  'abs',
  'year',
  'month',
  'day',
  'like',
  'rlike',
  'round',
  'floor',
  'ceil',
])
const NEVER_NULL: ReadonlySet<string> = new Set([
  'isnull',
  'isnotnull',
  '<=>',
  'named_struct',
  'grouping',
  'grouping_id',
  'rand',
  'randn',
  'uuid',
  'hash',
  'xxhash64',
  'current_date',
  'current_timestamp',
  'now',
  'monotonically_increasing_id',
])

/** Whether an expression over the columns of `plan` may be NULL. Columns from elsewhere may. */
export function nullableOver(plan: LogicalPlan): (expr: Expr) => boolean {
  const never = new Set<number>()
  for (const { id, nullable } of outputOf(plan)) if (!nullable) never.add(id)
  const nullable = (expr: Expr): boolean => {
    switch (expr.kind) {
      case 'literal':
        return expr.value === null
      case 'column':
        return !never.has(expr.index)
      case 'cast':
        return expr.safe || nullable(expr.input)
      case 'and':
      case 'or':
        return expr.operands.some(nullable)
      case 'case':
        return (
          expr.otherwise === null || [expr.otherwise, ...expr.branches.map(({ then }) => then)].some(nullable)
        )
      case 'call':
        if (NEVER_NULL.has(expr.name)) return false
        if (expr.name === 'coalesce') return expr.args.every(nullable)
        return !STRICT.has(expr.name) || childrenOf(expr).some(nullable)
      default:
        return true
    }
  }
  return nullable
}
