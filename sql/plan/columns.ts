import type { Expr } from '../../engine/expr/index.ts'
import type { DataType, Field, Schema } from '../../engine/types/index.ts'
import type { Column, Join, LogicalPlan } from './logical-plan.ts'

let lastColumnId = 0

/** A new column with an id of its own. */
export function newColumn(name: string, type: DataType, nullable = true): Column {
  return { id: ++lastColumnId, name, type, nullable }
}

/** The expression that reads a column. */
export function columnExpr(column: Column): Expr {
  return { kind: 'column', index: column.id, name: column.name, type: column.type }
}

/** The columns a plan gives, in order. */
export function outputOf(plan: LogicalPlan): readonly Column[] {
  switch (plan.kind) {
    case 'Scan':
    case 'Values':
    case 'Union':
    case 'Expand':
    case 'Write':
    case 'UserCode':
      return plan.columns
    case 'Range':
      return [plan.column]
    case 'Project':
      return plan.exprs.map(({ column }) => column)
    case 'Aggregate':
      return [...plan.keys.map(({ column }) => column), ...plan.calls.map(({ column }) => column)]
    case 'Window':
      return [...outputOf(plan.input), ...plan.calls.map(({ column }) => column)]
    case 'Generate':
      return [...outputOf(plan.input), ...plan.columns]
    case 'Join':
      return outputOfJoin(plan)
    case 'Apply':
      if (plan.output !== null) return [...outputOf(plan.left), plan.output]
      return [...outputOf(plan.left), ...nullableIf(plan.applyType === 'left', outputOf(plan.right))]
    default:
      return outputOf(plan.input)
  }
}

function outputOfJoin(join: Join): readonly Column[] {
  const left = outputOf(join.left)
  switch (join.joinType) {
    case 'semi':
    case 'anti':
    case 'nullAwareAnti':
      return left
    case 'existence':
      return [...left, join.mark!]
    default: {
      const { joinType } = join
      return [
        ...nullableIf(joinType === 'right' || joinType === 'full', left),
        ...nullableIf(joinType === 'left' || joinType === 'full', outputOf(join.right)),
      ]
    }
  }
}

function nullableIf(condition: boolean, columns: readonly Column[]): readonly Column[] {
  return condition
    ? columns.map((column) => (column.nullable ? column : { ...column, nullable: true }))
    : columns
}

/** The output of a plan as an engine schema. */
export function schemaOf(plan: LogicalPlan): Schema {
  return { fields: outputOf(plan).map(({ name, type, nullable }): Field => ({ name, type, nullable })) }
}
