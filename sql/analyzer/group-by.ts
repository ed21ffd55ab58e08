import { type Expr, someExpr } from '../../engine/expr/index.ts'
import {
  type Expression,
  formatExpression,
  type GroupBy,
  type GroupingItem,
  type Position,
} from '../parser/index.ts'
import { userError } from './check.ts'
import type { Environment } from './environment.ts'
import { exprKey } from './expr-key.ts'
import type { Grouping, GroupKey } from './grouping.ts'
import type { ResolvedItem } from './select-items.ts'

/**
 * The grouping that GROUP BY asks for. Ordinals and aliases mean items of SELECT; a column of the input
 * wins over an alias. GROUP BY ALL takes every item without aggregate.
 */
export function resolveGroupBy(
  groupBy: GroupBy,
  items: readonly ResolvedItem[],
  environment: Environment,
  isAggregated: (expr: Expr) => boolean,
): Grouping {
  if (groupBy.all) {
    const keys = items.filter(({ expr }) => !isAggregated(expr)).map(({ name, expr }) => ({ name, expr }))
    return { keys: distinctKeys(keys), sets: null, isWritten: true }
  }
  const keys: GroupKey[] = []
  const indexByKey = new Map<string, number>()
  const keyIndex = (expression: Expression): number => {
    const key = resolveKey(expression, items, environment, isAggregated)
    const text = exprKey(key.expr)
    const known = indexByKey.get(text)
    if (known !== undefined) return known
    indexByKey.set(text, keys.length)
    return keys.push(key) - 1
  }
  const parts = groupBy.items.map((item) => setsOf(item, keyIndex))
  const isPlain = groupBy.items.every(({ kind }) => kind === 'groupingSet')
  if (isPlain) return { keys, sets: null, isWritten: true }
  const sets = parts.reduce(
    (left, right) => left.flatMap((a) => right.map((b) => [...new Set([...a, ...b])])),
    [[]],
  )
  if (sets.length > MAX_SETS)
    throw userError(
      'GROUPING_SYNTAX',
      `${sets.length} grouping sets are more than ${MAX_SETS}`,
      groupBy.position,
    )
  return { keys, sets, isWritten: true }
}

const MAX_SETS = 4096

function distinctKeys(keys: readonly GroupKey[]): GroupKey[] {
  return [...new Map(keys.map((key) => [exprKey(key.expr), key])).values()]
}

/** The sets that one item stands for, as indexes of keys. */
function setsOf(item: GroupingItem, keyIndex: (expression: Expression) => number): number[][] {
  switch (item.kind) {
    case 'groupingSet':
      return [item.expressions.map(keyIndex)]
    case 'rollup': {
      const parts = item.sets.map((set) => set.map(keyIndex))
      return [...parts, []].map((_, dropped) => parts.slice(0, parts.length - dropped).flat())
    }
    case 'cube': {
      const parts = item.sets.map((set) => set.map(keyIndex))
      if (parts.length > 12)
        throw userError('GROUPING_SYNTAX', 'a CUBE may have at most 12 parts', item.position)
      // All keys first, none last; the first part is the highest bit.
      const masks = Array.from({ length: 2 ** parts.length }, (_, mask) => 2 ** parts.length - 1 - mask)
      return masks.map((mask) => parts.filter((_, part) => (mask >> (parts.length - 1 - part)) & 1).flat())
    }
    case 'groupingSets':
      return item.items.flatMap((inner) => setsOf(inner, keyIndex))
  }
}

function resolveKey(
  expression: Expression,
  items: readonly ResolvedItem[],
  environment: Environment,
  isAggregated: (expr: Expr) => boolean,
): GroupKey {
  const { position } = expression
  const ordinal = ordinalOf(expression)
  if (ordinal === undefined) {
    const expr = environment.resolve(expression, environment)
    if (isAggregated(expr)) throw aggregateInKey(formatExpression(expression), position)
    return { expr, name: formatExpression(expression) }
  }
  const item = items[ordinal - 1]
  if (item === undefined)
    throw userError(
      'GROUP_BY_POS_OUT_OF_RANGE',
      `GROUP BY position ${ordinal} is not between 1 and ${items.length}`,
      position,
    )
  if (isAggregated(item.expr))
    throw userError('GROUP_BY_POS_AGGREGATE', `GROUP BY "${ordinal}" refers to an aggregate`, position)
  return { expr: item.expr, name: item.name }
}

function aggregateInKey(name: string, position?: Position): Error {
  return userError('GROUP_BY_AGGREGATE', `GROUP BY "${name}" refers to an aggregate`, position)
}

/** The number of an item, if the expression is a plain integer. */
export function ordinalOf(expression: Expression): number | undefined {
  if (expression.kind !== 'literal' || expression.type.name !== 'int') return undefined
  return Number(expression.value)
}

/** Whether an expression reads any of the columns. */
export function readsAny(expr: Expr, ids: ReadonlySet<number>): boolean {
  return ids.size > 0 && someExpr(expr, (part) => part.kind === 'column' && ids.has(part.index))
}
