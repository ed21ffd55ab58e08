import type { Expr } from '../../engine/expr/index.ts'
import { commonTypeOf, type Value } from '../../engine/types/index.ts'
import type { Expression } from '../parser/index.ts'
import { type LogicalPlan, newColumn } from '../plan/index.ts'
import { userError } from './check.ts'
import { castTo, noCommonType } from './coerce-types.ts'
import type { Analysis } from './context.ts'
import { plainEnvironment } from './plain-environment.ts'
import { resolveExpression } from './resolve-expression.ts'
import { type Resolved, resolvedOf, type Scope } from './scope.ts'

/** VALUES: columns `col1`, `col2` …, each of the common type of its values. */
export function analyzeValues(
  rows: readonly (readonly Expression[])[],
  analysis: Analysis,
  outer: Scope | null,
): Resolved {
  const width = rows[0]?.length ?? 0
  const uneven = rows.find((row) => row.length !== width)
  if (uneven !== undefined)
    throw userError(
      'INVALID_INLINE_TABLE',
      `a row of VALUES has ${uneven.length} columns where the first has ${width}`,
      uneven[0]?.position,
    )
  const environment = plainEnvironment(analysis, { columns: [], outer }, 'VALUES')
  const exprs = rows.map((row) => row.map((value) => resolveExpression(value, environment)))
  const columnTypes = Array.from({ length: width }, (_, index) => {
    const values = exprs.map((row) => row[index]!)
    const type = commonTypeOf(values.map((value) => value.type))
    if (type === undefined)
      throw noCommonType(values, `the values of column ${index + 1}`, rows[0]?.[index]?.position)
    return type
  })
  const typed = exprs.map((row) => row.map((value, index) => castTo(value, columnTypes[index]!)))
  const columns = columnTypes.map((type, index) => {
    const isNullable = typed.some((row) => row[index]!.kind !== 'literal' || literalOf(row[index]!) === null)
    return newColumn(`col${index + 1}`, type, isNullable)
  })
  return resolvedOf({ ...rowsPlan(typed, columns) }, [], outer)
}

function literalOf(expr: Expr): Value {
  return expr.kind === 'literal' ? expr.value : null
}

/** Constants stand in the plan; rows with other expressions are computed, one Project a row. */
function rowsPlan(
  rows: readonly (readonly Expr[])[],
  columns: readonly ReturnType<typeof newColumn>[],
): LogicalPlan {
  if (rows.every((row) => row.every(({ kind }) => kind === 'literal')))
    return { kind: 'Values', columns, rows: rows.map((row) => row.map(literalOf)) }
  const inputs = rows.map((row): LogicalPlan => {
    const exprs = row.map((expr, index) => ({ column: newColumn(columns[index]!.name, expr.type), expr }))
    return { kind: 'Project', input: { kind: 'Values', columns: [], rows: [[]] }, exprs }
  })
  return inputs.length === 1 ? inputs[0]! : { kind: 'Union', inputs, columns }
}
