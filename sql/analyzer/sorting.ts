import { childrenOf, type Expr, type SortKey, withChildren } from '../../engine/expr/index.ts'
import { typeName } from '../../engine/types/index.ts'
import type { Expression, Position, Query, SortItem } from '../parser/index.ts'
import { type Column, columnExpr, type LogicalPlan } from '../plan/index.ts'
import { userError } from './check.ts'
import type { Analysis } from './context.ts'
import type { Environment } from './environment.ts'
import { exprKey } from './expr-key.ts'
import { ordinalOf } from './group-by.ts'
import type { NamedOutput } from './project.ts'
import { aliasLookup, type ResolvedItem } from './select-items.ts'

/** The clauses of a query that order or distribute its rows. */
export type SortRequest = Pick<Query, 'orderBy' | 'orderByAll' | 'sortBy' | 'distributeBy' | 'clusterBy'>

/** A query without such clauses. */
export const noSorting: SortRequest = { orderBy: [], sortBy: [], distributeBy: [], clusterBy: [] }

/** One step: rows are spread by the keys, or sorted by them. */
export interface SortStep {
  readonly kind: 'sort' | 'sortPartitions' | 'distribute'
  readonly keys: readonly SortKey[]
}

/**
 * The steps, over the same columns as the items. A name means an output column first, then one of the input;
 * a plain integer means an item.
 */
export function resolveSorting(
  request: SortRequest,
  items: readonly ResolvedItem[],
  environment: Environment,
): readonly SortStep[] {
  const inner: Environment = { ...environment, aliases: aliasLookup(items, true, false) }
  const keyOf = ({ expression, descending, nullsFirst }: SortItem): SortKey => ({
    expr: sortExpr(expression, items, inner),
    descending,
    nullsFirst,
  })
  const plainKey = (expression: Expression): SortKey => ({
    expr: inner.resolve(expression, inner),
    descending: false,
    nullsFirst: true,
  })
  const { orderBy, orderByAll, sortBy, distributeBy, clusterBy } = request
  const steps: SortStep[] = []
  if (distributeBy.length > 0) steps.push({ kind: 'distribute', keys: distributeBy.map(plainKey) })
  if (clusterBy.length > 0) {
    const keys = clusterBy.map(plainKey)
    steps.push({ kind: 'distribute', keys }, { kind: 'sortPartitions', keys })
  }
  if (sortBy.length > 0) steps.push({ kind: 'sortPartitions', keys: sortBy.map(keyOf) })
  if (orderByAll !== undefined)
    steps.push({ kind: 'sort', keys: items.map(({ expr }) => ({ expr, ...orderByAll })) })
  if (orderBy.length > 0) steps.push({ kind: 'sort', keys: orderBy.map(keyOf) })
  return steps
}

function sortExpr(expression: Expression, items: readonly ResolvedItem[], environment: Environment): Expr {
  const { position } = expression
  const ordinal = ordinalOf(expression)
  if (ordinal !== undefined && items[ordinal - 1] === undefined)
    throw userError(
      'ORDER_BY_POS_OUT_OF_RANGE',
      `ORDER BY position ${ordinal} is not between 1 and ${items.length}`,
      position,
    )
  const expr = ordinal === undefined ? environment.resolve(expression, environment) : items[ordinal - 1]!.expr
  if (expr.type.kind === 'map')
    throw userError('DATATYPE_MISMATCH', `cannot order by a value of type "${typeName(expr.type)}"`, position)
  return expr
}

/** What is computed beside the outputs, and the nodes over the Project that has outputs, then extras. */
export interface PlacedSorting {
  readonly extras: readonly NamedOutput[]
  readonly place: (plan: LogicalPlan, columns: readonly Column[]) => LogicalPlan
}

/** Finds each key among the outputs, or adds it to the extras; with DISTINCT it must be made of outputs. */
export function placeSorting(
  outputs: readonly NamedOutput[],
  steps: readonly SortStep[],
  isDistinct: boolean,
  { positions }: Analysis,
): PlacedSorting {
  const indexes = new Map<string, number>()
  outputs.forEach(({ expr }, index) => {
    const key = exprKey(expr)
    if (!indexes.has(key)) indexes.set(key, index)
  })
  const extras: NamedOutput[] = []
  if (!isDistinct)
    for (const { expr } of steps.flatMap(({ keys }) => keys)) {
      const key = exprKey(expr)
      if (expr.kind === 'literal' || indexes.has(key)) continue
      indexes.set(key, outputs.length + extras.length)
      extras.push({ name: `_sort_${extras.length}`, expr })
    }
  const place = (plan: LogicalPlan, columns: readonly Column[]): LogicalPlan => {
    const read = (expr: Expr): Expr => {
      const index = expr.kind === 'literal' ? undefined : indexes.get(exprKey(expr))
      if (index !== undefined) return columnExpr(columns[index]!)
      if (expr.kind === 'column') throw notSelected(expr.name, positions.get(expr))
      const children = childrenOf(expr)
      return children.length === 0 ? expr : withChildren(expr, children.map(read))
    }
    return steps.reduce((input, step) => placeStep(input, step, read), plan)
  }
  return { extras, place }
}

function placeStep(input: LogicalPlan, { kind, keys }: SortStep, read: (expr: Expr) => Expr): LogicalPlan {
  const over = keys.map((key) => ({ ...key, expr: read(key.expr) }))
  if (kind === 'distribute')
    return { kind: 'Repartition', input, keys: over.map(({ expr }) => expr), partitionCount: 0 }
  return { kind: 'Sort', input, keys: over, global: kind === 'sort' }
}

function notSelected(name: string, position: Position | undefined): Error {
  return userError(
    'UNRESOLVED_COLUMN',
    `column "${name}" of ORDER BY is not in the SELECT list, as DISTINCT asks for`,
    position,
    'Select it too, or order by a selected column.',
  )
}
