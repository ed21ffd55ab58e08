import type { Expr } from '../../engine/expr/index.ts'
import { typeName, types } from '../../engine/types/index.ts'
import type { Expression, JoinType, Position } from '../parser/index.ts'
import {
  columnExpr,
  columnIdsOf,
  expressionsOf,
  inputsOf,
  type Join,
  type LogicalJoinType,
  type LogicalPlan,
  newColumn,
  outputOf,
} from '../plan/index.ts'
import { ambiguousReference, unsupported, userError } from './check.ts'
import type { Analysis } from './context.ts'
import { type PendingApply, placeApplies } from './environment.ts'
import { plainEnvironment } from './plain-environment.ts'
import { resolveExpression } from './resolve-expression.ts'
import { callScalar } from './scalar-calls.ts'
import { concatScopes, type Resolved, refreshScope, type Scope, type ScopeColumn } from './scope.ts'

/** How two inputs are joined. */
export interface JoinRequest {
  readonly joinType: JoinType
  readonly natural: boolean
  readonly using: readonly string[]
  readonly on?: Expression | undefined
  readonly position?: Position | undefined
  /** Sides that a BROADCAST hint names. */
  readonly hints?: { readonly left: boolean; readonly right: boolean } | undefined
}

const LOGICAL_TYPES: Readonly<Record<JoinType, LogicalJoinType>> = {
  inner: 'inner',
  cross: 'inner',
  left: 'left',
  right: 'right',
  full: 'full',
  leftSemi: 'semi',
  leftAnti: 'anti',
}

/** The join of two inputs that share no column. */
export function joinResolved(
  left: Resolved,
  right: Resolved,
  request: JoinRequest,
  analysis: Analysis,
): Resolved {
  const { natural, joinType } = request
  const using = natural ? commonNames(left.scope, right.scope) : request.using
  if (using.length > 0) return joinUsing(left, right, using, request, analysis)
  if (request.on !== undefined) return joinOn(left, right, request.on, request, analysis)
  return combine(left, right, null, joinType, request)
}

function joinOn(
  left: Resolved,
  right: Resolved,
  on: Expression,
  request: JoinRequest,
  analysis: Analysis,
): Resolved {
  const { outer } = left.scope
  const applies: PendingApply[] = []
  const environment = plainEnvironment(
    analysis,
    concatScopes(left.scope, right.scope, outer),
    'JOIN ON',
    applies,
  )
  const resolved = resolveExpression(on, environment)
  if (resolved.type.kind !== 'boolean')
    throw userError(
      'JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE',
      `the condition of the join has type "${typeName(resolved.type)}", not "boolean"`,
      on.position,
      'Compare it with a value, or cast it.',
    )
  const condition = resolved
  if (applies.length === 0) return combine(left, right, condition, request.joinType, request)
  if (request.joinType === 'inner' || request.joinType === 'cross') {
    const pairs = combine(left, right, null, 'inner', request)
    const plan: LogicalPlan = {
      kind: 'Filter',
      input: placeApplies(pairs.plan, applies),
      predicate: condition,
    }
    return { plan, scope: pairs.scope }
  }
  const sides = applies.map((apply) => sideOf(apply, left, right, request.position))
  const placed = (resolved: Resolved, side: 'left' | 'right'): Resolved => ({
    plan: placeApplies(
      resolved.plan,
      applies.filter((_, index) => sides[index] === side),
    ),
    scope: resolved.scope,
  })
  return combine(placed(left, 'left'), placed(right, 'right'), condition, request.joinType, request)
}

/** The side whose columns a subquery of ON uses. */
function sideOf(
  apply: PendingApply,
  left: Resolved,
  right: Resolved,
  position: Position | undefined,
): 'left' | 'right' {
  const ids = new Set<number>()
  for (const needle of apply.needles) columnIdsOf(needle, ids)
  collectIds(apply.right, ids)
  const uses = ({ plan }: Resolved): boolean => outputOf(plan).some(({ id }) => ids.has(id))
  if (uses(left) && uses(right))
    throw unsupported('a subquery in the ON of an outer join that uses columns of both sides', position)
  return uses(left) ? 'left' : 'right'
}

function collectIds(plan: LogicalPlan, into: Set<number>): void {
  for (const expr of expressionsOf(plan)) columnIdsOf(expr, into)
  for (const input of inputsOf(plan)) collectIds(input, into)
}

/** The Join node and the columns after it. */
function combine(
  left: Resolved,
  right: Resolved,
  condition: Expr | null,
  joinType: JoinType,
  { hints }: Pick<JoinRequest, 'hints'>,
): Resolved {
  const broadcast = hints?.right === true ? 'right' : hints?.left === true ? 'left' : null
  const plan: Join = {
    kind: 'Join',
    left: left.plan,
    right: right.plan,
    joinType: LOGICAL_TYPES[joinType],
    condition,
    mark: null,
    broadcast,
  }
  const keepsLeft = joinType === 'leftSemi' || joinType === 'leftAnti'
  const scope = keepsLeft ? left.scope : concatScopes(left.scope, right.scope, left.scope.outer)
  return { plan, scope: refreshScope(scope, plan) }
}

/** Names that both sides have, in the order of the left. */
function commonNames(left: Scope, right: Scope): string[] {
  const names = new Set(
    right.columns.filter(({ hidden }) => !hidden).map(({ column }) => column.name.toLowerCase()),
  )
  return left.columns
    .filter(({ column, hidden }) => !hidden && names.has(column.name.toLowerCase()))
    .map(({ column }) => column.name)
}

/**
 * USING and NATURAL: the named columns once and first (of the side that is never NULL; of both by coalesce
 * in a full join), then what remains of left and right. The merged-away columns stay reachable by qualifier.
 */
function joinUsing(
  left: Resolved,
  right: Resolved,
  using: readonly string[],
  request: JoinRequest,
  analysis: Analysis,
): Resolved {
  const environment = plainEnvironment(analysis, left.scope, 'USING')
  const pairs = using.map((name) => ({
    name,
    left: usingColumn(name, left.scope, 'left', request.position),
    right: usingColumn(name, right.scope, 'right', request.position),
  }))
  const equalities = pairs.map((pair) =>
    callScalar(
      '=',
      [columnExpr(pair.left.column), columnExpr(pair.right.column)],
      environment,
      request.position,
    ),
  )
  const condition: Expr =
    equalities.length === 1 ? equalities[0]! : { kind: 'and', operands: equalities, type: types.boolean }
  const joined = combine(left, right, condition, request.joinType, request)
  const isRight = request.joinType === 'right'
  const leftIds = new Set(pairs.map((pair) => pair.left.column.id))
  const rightIds = new Set(pairs.map((pair) => pair.right.column.id))
  const rest = joined.scope.columns.filter(
    ({ column }) => !leftIds.has(column.id) && !rightIds.has(column.id),
  )
  const byId = new Map(joined.scope.columns.map((entry) => [entry.column.id, entry]))
  if (request.joinType === 'leftSemi' || request.joinType === 'leftAnti') {
    const kept = pairs.map((pair) => byId.get(pair.left.column.id)!)
    return { plan: joined.plan, scope: { columns: [...kept, ...rest], outer: left.scope.outer } }
  }
  const hide = (entry: ScopeColumn): ScopeColumn => ({ ...entry, hidden: true })
  if (request.joinType === 'full') {
    const merged = pairs.map((pair) => {
      const args = [pair.left.column, pair.right.column].map((column) => columnExpr(column))
      const expr = callScalar('coalesce', args, environment, request.position)
      return { column: newColumn(pair.left.column.name, expr.type), expr }
    })
    const passed = outputOf(joined.plan).map((column) => ({ column, expr: columnExpr(column) }))
    const plan: LogicalPlan = { kind: 'Project', input: joined.plan, exprs: [...merged, ...passed] }
    const hidden = pairs.flatMap((pair) =>
      [pair.left, pair.right].map((entry) => hide(byId.get(entry.column.id)!)),
    )
    const shown = merged.map(({ column }) => ({ column, qualifier: [], hidden: false }))
    return { plan, scope: { columns: [...shown, ...rest, ...hidden], outer: left.scope.outer } }
  }
  const shown = pairs.map((pair) => byId.get((isRight ? pair.right : pair.left).column.id)!)
  const hidden = pairs.map((pair) => hide(byId.get((isRight ? pair.left : pair.right).column.id)!))
  return { plan: joined.plan, scope: { columns: [...shown, ...rest, ...hidden], outer: left.scope.outer } }
}

function usingColumn(name: string, scope: Scope, side: string, position: Position | undefined): ScopeColumn {
  const lower = name.toLowerCase()
  const found = scope.columns.filter(({ column, hidden }) => !hidden && column.name.toLowerCase() === lower)
  const [entry] = found
  if (found.length > 1)
    throw ambiguousReference(
      [name],
      found.map(({ column, qualifier }) => [...qualifier, column.name]),
      position,
    )
  if (entry !== undefined) return entry
  const names = scope.columns.filter(({ hidden }) => !hidden).map(({ column }) => column.name)
  throw userError(
    'UNRESOLVED_USING_COLUMN_FOR_JOIN',
    `USING column "${name}" does not exist on the ${side} side of the join`,
    position,
    `That side has the columns ${names.slice(0, 12).join(', ')}.`,
  )
}
