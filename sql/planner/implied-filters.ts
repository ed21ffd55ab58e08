import { type Expr, formatExpr, someExpr, transformExpr } from '../../engine/expr/index.ts'
import { inputsOf, type PhysicalPlan } from '../../engine/plan/index.ts'
import { isVolatile } from '../optimizer/index.ts'

export type JoinBuild = Extract<PhysicalPlan, { readonly kind: 'JoinBuildExec' }>

/** The keys of a table: a JoinBuildExec and which of its keys. */
export interface TableKey {
  readonly build: JoinBuild
  readonly key: number
}

/** An expression over one column: its place, and what is done with it, as text. */
interface Derived {
  readonly column: number
  readonly shape: string
}

/**
 * The table keys that have all values of one: a row that passes a filter of it passes theirs too. Itself
 * first, then those of tables that its rows came through.
 */
export function impliedKeys({ build, key }: TableKey): readonly TableKey[] {
  return [{ build, key }, ...tableKeysOf(build.input, build.keys[key]!)]
}

/** Table keys that have all values of an expression over the rows of a plan, apart from NULL. */
export function tableKeysOf(plan: PhysicalPlan, expr: Expr): readonly TableKey[] {
  const derived = derivedOf(expr)
  return derived === undefined ? [] : keysWithValuesOf(plan, derived)
}

function keysWithValuesOf(plan: PhysicalPlan, derived: Derived): readonly TableKey[] {
  const below = (expr: Expr | undefined): readonly TableKey[] =>
    expr?.kind === 'column'
      ? keysWithValuesOf(inputsOf(plan)[0]!, { column: expr.index, shape: derived.shape })
      : []
  switch (plan.kind) {
    case 'FilterExec':
    case 'SortExec':
    case 'ExchangeExec':
      return keysWithValuesOf(plan.input, derived)
    case 'ProjectExec':
      return below(plan.exprs[derived.column])
    case 'HashAggregateExec':
      return below(plan.keys[derived.column])
    case 'HashJoinExec':
      return keysOfJoin(plan, derived)
    default:
      return []
  }
}

function keysOfJoin(
  plan: Extract<PhysicalPlan, { readonly kind: 'HashJoinExec' }>,
  { column, shape }: Derived,
): readonly TableKey[] {
  const width = plan.left.schema.fields.length
  const isLeft = column < width
  if (!isLeft && plan.joinType === 'existence') return []
  const own: Derived = { column: isLeft ? column : column - width, shape }
  const [side, ownKeys] = isLeft ? [plan.left, plan.leftKeys] : [plan.right, plan.rightKeys]
  const [other, otherKeys] = isLeft ? [plan.right, plan.rightKeys] : [plan.left, plan.leftKeys]
  const found = [...keysOfSide(side, own)]
  if (plan.joinType !== 'inner' && plan.joinType !== 'semi') return found
  // A value that found a match is one of the other side's too.
  for (const [index, key] of ownKeys.entries()) {
    const matched = derivedOf(otherKeys[index]!)
    if (isSame(derivedOf(key), own) && matched !== undefined && plan.nullSafe[index] === false)
      found.push(...keysOfSide(other, matched))
  }
  return found
}

function keysOfSide(side: PhysicalPlan, derived: Derived): readonly TableKey[] {
  if (side.kind !== 'JoinBuildExec') return keysWithValuesOf(side, derived)
  const own = side.keys.flatMap((expr, key) =>
    isSame(derivedOf(expr), derived) ? [{ build: side, key }] : [],
  )
  return [...own, ...keysWithValuesOf(side.input, derived)]
}

function isSame(a: Derived | undefined, b: Derived): boolean {
  return a !== undefined && a.column === b.column && a.shape === b.shape
}

function derivedOf(expr: Expr): Derived | undefined {
  const columns = new Set<number>()
  someExpr(expr, (part) => {
    if (part.kind === 'column') columns.add(part.index)
    return false
  })
  const [column] = columns
  if (column === undefined || columns.size > 1 || isVolatile(expr)) return undefined
  if (expr.kind === 'column') return { column, shape: '' }
  const unnamed = transformExpr(expr, (part) =>
    part.kind === 'column' ? { ...part, index: 0, name: '' } : part,
  )
  return { column, shape: formatExpr(unnamed) }
}
