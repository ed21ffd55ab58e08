import type { Expr } from '../../engine/expr/index.ts'
import { inputsOf, type PhysicalPlan } from '../../engine/plan/index.ts'

export type JoinBuild = Extract<PhysicalPlan, { readonly kind: 'JoinBuildExec' }>

/** The keys of a table: a JoinBuildExec and which of its keys. */
export interface TableKey {
  readonly build: JoinBuild
  readonly key: number
}

/**
 * The table keys that have all values of one: a row that passes a filter of it passes theirs too. Itself
 * first, then those of tables that its rows came through.
 */
export function impliedKeys({ build, key }: TableKey): readonly TableKey[] {
  const column = columnOf(build.keys[key])
  return [{ build, key }, ...(column === undefined ? [] : keysWithValuesOf(build.input, column))]
}

/** Table keys that have all values of a column, apart from NULL. */
function keysWithValuesOf(plan: PhysicalPlan, column: number): readonly TableKey[] {
  const below = (at: number | undefined): readonly TableKey[] =>
    at === undefined ? [] : keysWithValuesOf(inputsOf(plan)[0]!, at)
  switch (plan.kind) {
    case 'FilterExec':
    case 'SortExec':
    case 'ExchangeExec':
      return below(column)
    case 'ProjectExec':
      return below(columnOf(plan.exprs[column]))
    case 'HashAggregateExec':
      return below(columnOf(plan.keys[column]))
    case 'HashJoinExec':
      return keysOfJoin(plan, column)
    default:
      return []
  }
}

function keysOfJoin(
  plan: Extract<PhysicalPlan, { readonly kind: 'HashJoinExec' }>,
  column: number,
): readonly TableKey[] {
  const width = plan.left.schema.fields.length
  const isLeft = column < width
  if (!isLeft && plan.joinType === 'existence') return []
  const own = isLeft ? column : column - width
  const [side, ownKeys] = isLeft ? [plan.left, plan.leftKeys] : [plan.right, plan.rightKeys]
  const [other, otherKeys] = isLeft ? [plan.right, plan.rightKeys] : [plan.left, plan.leftKeys]
  const found = [...keysOfSide(side, own)]
  if (plan.joinType !== 'inner' && plan.joinType !== 'semi') return found
  // A value that found a match is one of the other side's too.
  for (const [index, key] of ownKeys.entries()) {
    const matched = columnOf(otherKeys[index])
    if (columnOf(key) === own && matched !== undefined && plan.nullSafe[index] === false)
      found.push(...keysOfSide(other, matched))
  }
  return found
}

function keysOfSide(side: PhysicalPlan, column: number): readonly TableKey[] {
  if (side.kind !== 'JoinBuildExec') return keysWithValuesOf(side, column)
  const own = side.keys.flatMap((expr, key) => (columnOf(expr) === column ? [{ build: side, key }] : []))
  return [...own, ...keysWithValuesOf(side.input, column)]
}

function columnOf(expr: Expr | undefined): number | undefined {
  return expr?.kind === 'column' ? expr.index : undefined
}
