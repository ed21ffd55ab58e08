import { type AggregateCall, childrenOf, type Expr, type SortKey } from '../../engine/expr/index.ts'
import { typeName, type Value } from '../../engine/types/index.ts'

/**
 * A text that is the same for expressions that compute the same from the same columns. Names play no part.
 */
export function exprKey(expr: Expr): string {
  return keyOf(expr, new Map())
}

/** The same for an aggregate call. */
export function callKey(call: AggregateCall): string {
  const args = call.args.map(exprKey).join(',')
  const filter = call.filter === null ? '' : exprKey(call.filter)
  return `${call.name}(${call.distinct ? 'distinct ' : ''}${args})[${filter}](${sortKeysKey(call.order)})`
}

/** The same for an ordering. */
export function sortKeysKey(keys: readonly SortKey[]): string {
  return keys
    .map(({ expr, descending, nullsFirst }) => `${exprKey(expr)}${descending}${nullsFirst}`)
    .join(',')
}

/** Lambda parameters are numbered in the order met, so that equal lambdas written twice are equal. */
function keyOf(expr: Expr, variables: Map<number, number>): string {
  switch (expr.kind) {
    case 'column':
      return `#${expr.index}`
    case 'literal':
      return `${typeName(expr.type)}:${valueText(expr.value)}`
    case 'variable':
      return `$${variables.get(expr.id) ?? `free${expr.id}`}`
    case 'lambda':
      for (const { id } of expr.params) variables.set(id, variables.size)
  }
  const children = childrenOf(expr)
    .map((child) => keyOf(child, variables))
    .join(',')
  return `${headOf(expr)}(${children})`
}

function headOf(expr: Expr): string {
  switch (expr.kind) {
    case 'call':
      return `${expr.name}:${typeName(expr.type)}`
    case 'user':
      return `user ${expr.functionId}`
    case 'cast':
      return `${expr.safe ? 'try_cast' : 'cast'} ${typeName(expr.type)}`
    case 'case':
      return expr.otherwise === null ? 'case' : 'case else'
    default:
      return expr.kind
  }
}

function valueText(value: Value): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`
    if (typeof part === 'number' && !Number.isFinite(part)) return String(part)
    return Object.is(part, -0) ? '-0' : part
  })
}
