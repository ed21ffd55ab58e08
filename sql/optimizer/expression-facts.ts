import { type Expr, foldExpr, someExpr } from '../../engine/expr/index.ts'
import { typeName, type Value } from '../../engine/types/index.ts'
import { columnIdsOf } from '../plan/index.ts'
import { scalarFacts } from './function-facts.ts'

/** A text that is equal for expressions that are written alike (column ids, types and constants included). */
export function exprKey(expr: Expr): string {
  return foldExpr<string>(expr, (node, children) => {
    switch (node.kind) {
      case 'column':
        return `#${node.index}`
      case 'variable':
        return `$${node.id}`
      case 'literal':
        return `${valueKey(node.value)}:${typeName(node.type)}`
      case 'call':
        return `${node.name}(${children.join(',')}):${typeName(node.type)}`
      case 'user':
        return `user ${node.functionId}(${children.join(',')}):${typeName(node.type)}`
      case 'cast':
        return `${node.safe ? 'try_cast' : 'cast'}(${children[0]} as ${typeName(node.type)})`
      case 'case':
        return `case(${node.otherwise === null ? 'open' : 'else'};${children.join(',')})`
      case 'lambda':
        return `(${node.params.map(({ id }) => id).join(',')})->${children[0]}`
      default:
        return `${node.kind}(${children.join(',')})`
    }
  })
}

/** A text that tells values of one type apart. */
export function valueKey(value: Value): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Uint8Array) return `x${Buffer.from(value).toString('hex')}`
  if (Array.isArray(value)) return `[${value.map(valueKey).join(',')}]`
  return Object.is(value, -0) ? '-0' : String(value)
}

/** Whether two expressions are written alike. */
export function exprsEqual(a: Expr, b: Expr): boolean {
  return a === b || (a.kind === b.kind && exprKey(a) === exprKey(b))
}

/**
 * Whether the expression may give another value each time it is evaluated: it must not be moved, doubled or
 * dropped.
 */
export function isVolatile(expr: Expr): boolean {
  return someExpr(expr, (part) => part.kind === 'call' && scalarFacts(part.name).isVolatile)
}

/** Whether it costs so much that it should not be computed twice: user functions and lambdas. */
export function isExpensive(expr: Expr): boolean {
  return someExpr(expr, (part) => part.kind === 'user' || part.kind === 'lambda')
}

/** Whether the expression reads columns of this set only (a constant does). */
export function readsOnly(expr: Expr, ids: ReadonlySet<number>): boolean {
  for (const id of columnIdsOf(expr)) if (!ids.has(id)) return false
  return true
}

/** Whether the expression reads any column of this set. */
export function readsAny(expr: Expr, ids: ReadonlySet<number>): boolean {
  return someExpr(expr, (part) => part.kind === 'column' && ids.has(part.index))
}

/** Whether a predicate is never TRUE for a row in which all these columns are NULL. */
export function rejectsNulls(predicate: Expr, ids: ReadonlySet<number>): boolean {
  return foldExpr<{ notTrue: boolean; isNull: boolean; isFalse: boolean }>(predicate, (node, children) => {
    const nullHere = isNullFrom(node, ids, children)
    const isFalse = isFalseFrom(node, children)
    const notTrue = notTrueFrom(node, children) || nullHere || isFalse
    return { notTrue, isNull: nullHere, isFalse }
  }).notTrue
}

interface NullFacts {
  readonly notTrue: boolean
  readonly isNull: boolean
  readonly isFalse: boolean
}

function isNullFrom(node: Expr, ids: ReadonlySet<number>, children: readonly NullFacts[]): boolean {
  switch (node.kind) {
    case 'column':
      return ids.has(node.index)
    case 'literal':
      return node.value === null
    case 'call':
      return scalarFacts(node.name).propagatesNull && children.some((child) => child.isNull)
    case 'cast':
      return children[0]!.isNull
    case 'and':
    case 'or':
      return children.every((child) => child.isNull)
    default:
      return false
  }
}

function isFalseFrom(node: Expr, children: readonly NullFacts[]): boolean {
  if (node.kind === 'literal') return node.value === false
  if (node.kind === 'and') return children.some((child) => child.isFalse)
  if (node.kind === 'or') return children.every((child) => child.isFalse)
  return node.kind === 'call' && node.name === 'isnotnull' && children[0]!.isNull
}

function notTrueFrom(node: Expr, children: readonly NullFacts[]): boolean {
  if (node.kind === 'and') return children.some((child) => child.notTrue)
  return node.kind === 'or' && children.every((child) => child.notTrue)
}

/** Whether a value can be NULL, given which columns never are. */
export function isNullable(expr: Expr, notNull: ReadonlySet<number>): boolean {
  return foldExpr<boolean>(expr, (node, children) => {
    switch (node.kind) {
      case 'column':
        return !notNull.has(node.index)
      case 'literal':
        return node.value === null
      case 'call':
        if (node.name === 'isnull' || node.name === 'isnotnull' || node.name === '<=>') return false
        if (node.name === 'coalesce') return children.every(Boolean)
        return !ALWAYS_VALUE.has(node.name) || children.some(Boolean)
      case 'cast':
        return node.safe || children[0]!
      case 'and':
      case 'or':
        return children.some(Boolean)
      default:
        return true
    }
  })
}

/** Functions that give a value whenever all arguments are values. */
const ALWAYS_VALUE = new Set([
  ...[
    '=',
    '<',
    '<=',
    '>',
    '>=',
    '+',
    '-',
    '*',
    'negative',
    'not',
    'in',
    'like',
    'rlike',
    'concat',
    'upper',
    'lower',
  ],
  ...['year', 'month', 'day', 'abs', 'length', 'trim'],
])
