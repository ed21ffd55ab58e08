import type { Expr } from '../../engine/expr/index.ts'
import { commonTypeOf, type DataType, types } from '../../engine/types/index.ts'
import type { Position, SetOperation } from '../parser/index.ts'
import { type Column, columnExpr, type LogicalPlan, newColumn, outputOf } from '../plan/index.ts'
import { unsupported, userError } from './check.ts'
import { noCommonType } from './coerce-types.ts'
import { distinct } from './project.ts'
import { plainPlan, type Resolved, resolvedOf, type Scope } from './scope.ts'
import { castColumns } from './subqueries.ts'

/**
 * The rows of both sides by UNION, INTERSECT or EXCEPT. Names are those of the left side, types common ones.
 */
export function combineSets(
  left: Resolved,
  right: Resolved,
  operator: SetOperation['operator'],
  all: boolean,
  outer: Scope | null,
  position?: Position,
): Resolved {
  const inputs = alignTypes([plainPlan(left), plainPlan(right)], operator.toUpperCase(), position)
  if (operator === 'union') {
    const plan = unionOf(inputs)
    return resolvedOf(all ? plan : distinct(plan), [], outer)
  }
  for (const { type } of outputOf(inputs[0]!))
    if (type.kind === 'map') throw unsupported(`${operator.toUpperCase()} over maps`, position)
  const plan = all
    ? bagOperation(inputs[0]!, inputs[1]!, operator)
    : distinct(matching(inputs[0]!, inputs[1]!, operator))
  return resolvedOf(plan, [], outer)
}

/** The plans with their columns cast to common types, by position. */
export function alignTypes(
  plans: readonly LogicalPlan[],
  what: string,
  position?: Position,
): readonly LogicalPlan[] {
  const outputs = plans.map(outputOf)
  const width = outputs[0]!.length
  const uneven = outputs.findIndex((columns) => columns.length !== width)
  if (uneven >= 0)
    throw userError(
      'NUM_COLUMNS_MISMATCH',
      `${what} takes inputs with as many columns, but the first has ${width} and input ${uneven + 1} has ` +
        String(outputs[uneven]!.length),
      position,
    )
  const common = outputs[0]!.map((_, index): DataType => {
    const columns = outputs.map((output) => output[index]!)
    const type = commonTypeOf(columns.map((column) => column.type))
    if (type === undefined)
      throw userError(
        'INCOMPATIBLE_COLUMN_TYPE',
        noCommonType(columns, `the columns number ${index + 1} of ${what}`).message,
        position,
        'Cast them to one type with CAST(… AS …).',
      )
    return type
  })
  return plans.map((plan) => castColumns(plan, common))
}

/** UNION ALL of plans of the same types; unions within are taken apart. */
export function unionOf(plans: readonly LogicalPlan[]): LogicalPlan {
  const inputs = plans.flatMap((plan) => (plan.kind === 'Union' ? plan.inputs : [plan]))
  const outputs = plans.map(outputOf)
  const columns = outputs[0]!.map(({ name, type }, index) =>
    newColumn(
      name,
      type,
      outputs.some((output) => output[index]!.nullable),
    ),
  )
  return { kind: 'Union', inputs, columns }
}

/** Rows of the left that the right has (INTERSECT) or has not; NULLs are equal. */
function matching(left: LogicalPlan, right: LogicalPlan, operator: 'intersect' | 'except'): LogicalPlan {
  const columns = outputOf(left)
  const others = outputOf(right)
  const operands = columns.map((column, index) => sameValue(column, others[index]!))
  return {
    kind: 'Join',
    left,
    right,
    joinType: operator === 'intersect' ? 'semi' : 'anti',
    condition: operands.length === 1 ? operands[0]! : { kind: 'and', operands, type: types.boolean },
    mark: null,
    broadcast: null,
  }
}

function sameValue(left: Column, right: Column): Expr {
  return { kind: 'call', name: '<=>', args: [columnExpr(left), columnExpr(right)], type: types.boolean }
}

/** INTERSECT ALL and EXCEPT ALL: equal rows are numbered on both sides, and the numbers compared too. */
function bagOperation(left: LogicalPlan, right: LogicalPlan, operator: 'intersect' | 'except'): LogicalPlan {
  const matched = matching(numberEqualRows(left), numberEqualRows(right), operator)
  const exprs = outputOf(left).map((column) => ({ column, expr: columnExpr(column) }))
  return { kind: 'Project', input: matched, exprs }
}

function numberEqualRows(input: LogicalPlan): LogicalPlan {
  const columns = outputOf(input)
  const partitionBy = columns.map(columnExpr)
  const orderBy = partitionBy.slice(0, 1).map((expr) => ({ expr, descending: false, nullsFirst: true }))
  const call = {
    name: 'row_number',
    args: [],
    distinct: false,
    filter: null,
    order: [],
    type: types.int32,
    isAggregate: false,
    frame: { unit: 'rows', start: { kind: 'unboundedPreceding' }, end: { kind: 'currentRow' } },
    ignoreNulls: false,
  } as const
  const column = newColumn('row_number', types.int32, false)
  return { kind: 'Window', input, partitionBy, orderBy, calls: [{ column, call }] }
}
