import type { Expr } from '../../../engine/expr/index.ts'
import {
  type Aggregate,
  type Column,
  columnExpr,
  columnIdsOf,
  expressionsOf,
  type Join,
  type LogicalPlan,
  type NamedExpr,
  newColumn,
  outputOf,
  type Project,
} from '../../plan/index.ts'
import { outerReferences, outputIds } from '../columns.ts'
import { exprKey, readsAny, readsOnly } from '../expression-facts.ts'
import { booleanCall, conditionOf, conjunctsOf, filterBy } from '../predicate.ts'

/**
 * A subquery without outer references, and the conditions between its columns and outer ones that tell which
 * rows belong to an outer row.
 */
export interface PulledUp {
  readonly plan: LogicalPlan
  readonly predicates: readonly Expr[]
}

type Ids = ReadonlySet<number>

/**
 * Takes the conditions on outer columns out of a subquery. The plan gives all columns it gave, and those that
 * the conditions read.
 * Undefined where outer columns are used in another way.
 */
export function pullUp(plan: LogicalPlan, outer: Ids): PulledUp | undefined {
  if (outerReferences(plan, outer).size === 0) return { plan, predicates: [] }
  switch (plan.kind) {
    case 'Filter': {
      const input = pullUp(plan.input, outer)
      if (input === undefined) return undefined
      const parts = conjunctsOf(plan.predicate)
      const correlated = parts.filter((part) => readsAny(part, outer))
      const local = parts.filter((part) => !correlated.includes(part))
      return { plan: filterBy(input.plan, local), predicates: [...input.predicates, ...correlated] }
    }
    case 'Project':
      return throughProject(plan, outer)
    case 'Aggregate':
      return throughAggregate(plan, outer)
    case 'Join':
      return throughJoin(plan, outer)
    case 'Sort':
    case 'Repartition':
      return pullUp(plan.input, outer)
    default:
      return undefined
  }
}

function throughProject(plan: Project, outer: Ids): PulledUp | undefined {
  if (expressionsOf(plan).some((expr) => readsAny(expr, outer))) return undefined
  const input = pullUp(plan.input, outer)
  if (input === undefined) return undefined
  const given = outputIds(plan)
  const read = new Set(input.predicates.flatMap((part) => [...columnIdsOf(part)]))
  const more = outputOf(input.plan).filter(({ id }) => read.has(id) && !given.has(id))
  const exprs = [...plan.exprs, ...more.map((column) => ({ column, expr: columnExpr(column) }))]
  return { plan: { ...plan, input: input.plan, exprs }, predicates: input.predicates }
}

/** Equalities with outer values become keys: rows of one group then belong to the same outer rows. */
function throughAggregate(plan: Aggregate, outer: Ids): PulledUp | undefined {
  if (plan.keys.length === 0) return undefined
  if (expressionsOf(plan).some((expr) => readsAny(expr, outer))) return undefined
  const input = pullUp(plan.input, outer)
  if (input === undefined) return undefined
  const grouped = groupByCorrelation(input, plan.keys, outer)
  if (grouped === undefined) return undefined
  return {
    plan: { ...plan, input: input.plan, keys: grouped.keys },
    predicates: grouped.predicates,
  }
}

/**
 * The keys of a group with those that equalities with outer values ask for, and the equalities over these.
 */
export function groupByCorrelation(
  { plan, predicates }: PulledUp,
  keys: readonly NamedExpr[],
  outer: Ids,
): { readonly keys: readonly NamedExpr[]; readonly predicates: readonly Expr[] } | undefined {
  const all = [...keys]
  const over: Expr[] = []
  const columns = new Map(outputOf(plan).map((column) => [column.id, column]))
  for (const part of predicates) {
    const sides = correlatedEquality(part, outer)
    if (sides === undefined) return undefined
    const { name, inner, outside } = sides
    let key = all.find(({ expr }) => exprKey(expr) === exprKey(inner))
    if (key === undefined) {
      key = { column: columnFor(inner, columns), expr: inner }
      all.push(key)
    }
    over.push(booleanCall(name, columnExpr(key.column), outside))
  }
  return { keys: all, predicates: over }
}

function columnFor(expr: Expr, columns: ReadonlyMap<number, Column>): Column {
  const own = expr.kind === 'column' ? columns.get(expr.index) : undefined
  return own ?? newColumn('key', expr.type)
}

/** `inner = outside` with only inner columns on one side and only outer ones on the other. */
function correlatedEquality(
  part: Expr,
  outer: Ids,
): { readonly name: string; readonly inner: Expr; readonly outside: Expr } | undefined {
  if (part.kind !== 'call' || (part.name !== '=' && part.name !== '<=>')) return undefined
  const [first, second] = [part.args[0]!, part.args[1]!]
  const isOutside = (expr: Expr): boolean => columnIdsOf(expr).size > 0 && readsOnly(expr, outer)
  if (isOutside(first) && !readsAny(second, outer)) return { name: part.name, inner: second, outside: first }
  if (isOutside(second) && !readsAny(first, outer)) return { name: part.name, inner: first, outside: second }
  return undefined
}

function throughJoin(plan: Join, outer: Ids): PulledUp | undefined {
  const left = pullUp(plan.left, outer)
  const right = pullUp(plan.right, outer)
  if (left === undefined || right === undefined) return undefined
  const parts = conjunctsOf(plan.condition)
  const correlated = parts.filter((part) => readsAny(part, outer))
  if (plan.joinType === 'inner') {
    const condition = conditionOf(parts.filter((part) => !correlated.includes(part)))
    const predicates = [...left.predicates, ...right.predicates, ...correlated]
    return { plan: { ...plan, left: left.plan, right: right.plan, condition }, predicates }
  }
  const keepsLeft = plan.joinType !== 'right' && plan.joinType !== 'full'
  if (!keepsLeft || correlated.length > 0 || right.predicates.length > 0) return undefined
  return { plan: { ...plan, left: left.plan }, predicates: left.predicates }
}
