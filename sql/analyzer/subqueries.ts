import type { Expr } from '../../engine/expr/index.ts'
import { commonType, types } from '../../engine/types/index.ts'
import type { Exists, InSubquery, Position, Query, ScalarSubquery } from '../parser/index.ts'
import { type Column, columnExpr, type LogicalPlan, newColumn, outputOf } from '../plan/index.ts'
import { userError } from './check.ts'
import { castTo, noCommonType } from './coerce-types.ts'
import type { Environment, PendingApply } from './environment.ts'
import { plainPlan } from './scope.ts'

/** EXISTS (query): TRUE or FALSE, never NULL. */
export function resolveExists({ query, position }: Exists, environment: Environment): Expr {
  const right = subplan(query, environment, position)
  return pend(
    { applyType: 'exists', right, needles: [], output: newColumn('exists', types.boolean, false) },
    environment,
  )
}

/** A query as a value: its one column, of at most one row. */
export function resolveScalarSubquery({ query, position }: ScalarSubquery, environment: Environment): Expr {
  const right = subplan(query, environment, position)
  const [column] = outputOf(right)
  if (column === undefined || outputOf(right).length > 1)
    throw userError(
      'INVALID_SUBQUERY_EXPRESSION',
      `a subquery that stands for a value must have one column, not ${outputOf(right).length}`,
      position,
    )
  return pend(
    { applyType: 'scalar', right, needles: [], output: newColumn(column.name, column.type) },
    environment,
  )
}

/** `input IN (query)`, without its NOT: three-valued. Both sides are cast to their common types. */
export function resolveInSubquery({ input, query, position }: InSubquery, environment: Environment): Expr {
  const parts = input.kind === 'tuple' ? input.items : [input]
  const needles = parts.map((part) => environment.resolve(part, environment))
  const right = subplan(query, environment, position)
  const columns = outputOf(right)
  if (columns.length !== needles.length)
    throw userError(
      'DATATYPE_MISMATCH',
      `the subquery of IN has ${columns.length} columns where ${needles.length} are compared`,
      position,
    )
  const common = needles.map((needle, index) => {
    const type = commonType(needle.type, columns[index]!.type)
    if (type === undefined) throw noCommonType([needle, columns[index]!], 'the two sides of IN', position)
    return type
  })
  const cast = castColumns(right, common)
  const typed = needles.map((needle, index) => castTo(needle, common[index]!))
  return pend(
    { applyType: 'in', right: cast, needles: typed, output: newColumn('in', types.boolean) },
    environment,
  )
}

/** The plan with its columns cast to the given types, by position; the plan itself if they have them. */
export function castColumns(plan: LogicalPlan, wanted: readonly Column['type'][]): LogicalPlan {
  const columns = outputOf(plan)
  const exprs = columns.map((column, index) => {
    const expr = castTo(columnExpr(column), wanted[index]!)
    const same = expr.kind === 'column'
    return { column: same ? column : newColumn(column.name, wanted[index]!, column.nullable), expr }
  })
  if (exprs.every(({ column }, index) => column === columns[index])) return plan
  return { kind: 'Project', input: plan, exprs }
}

function subplan(query: Query, environment: Environment, position: Position | undefined): LogicalPlan {
  if (environment.applies === null)
    throw userError(
      'UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY',
      `a subquery may not stand in ${environment.clause}`,
      position,
      'Put it into WITH or FROM and join it.',
    )
  if (environment.variables.size > 0)
    throw userError(
      'UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY',
      'a subquery may not stand in a lambda',
      position,
    )
  return plainPlan(environment.analysis.analyzeQuery(environment.analysis, query, environment.scope))
}

function pend(apply: PendingApply, environment: Environment): Expr {
  environment.applies?.push(apply)
  return columnExpr(apply.output)
}
