import {
  type DataType,
  formatDays,
  formatMicros,
  formatUnscaled,
  typeName,
  type Value,
} from '../types/index.ts'
import type { AggregateCall, Expr, SortKey } from './expr.ts'

const INFIX = new Set([
  '+',
  '-',
  '*',
  '/',
  '%',
  'div',
  '=',
  '<=>',
  '<',
  '<=',
  '>',
  '>=',
  'like',
  'rlike',
  '&',
  '|',
  '^',
])

/** An expression for EXPLAIN: `(l_quantity < 24.00)`. */
export function formatExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'column':
    case 'variable':
      return expr.name
    case 'literal':
      return formatLiteral(expr.value, expr.type)
    case 'call':
      if (expr.args.length === 2 && INFIX.has(expr.name))
        return `(${formatExpr(expr.args[0]!)} ${expr.name.toUpperCase()} ${formatExpr(expr.args[1]!)})`
      if (expr.name === 'not') return `NOT ${formatExpr(expr.args[0]!)}`
      return `${expr.name}(${expr.args.map(formatExpr).join(', ')})`
    case 'user':
      return `${expr.name}(${expr.args.map(formatExpr).join(', ')})`
    case 'cast':
      return `${expr.safe ? 'try_cast' : 'cast'}(${formatExpr(expr.input)} AS ${typeName(expr.type)})`
    case 'and':
    case 'or':
      return `(${expr.operands.map(formatExpr).join(` ${expr.kind.toUpperCase()} `)})`
    case 'case': {
      const branches = expr.branches.map(
        ({ when, then }) => `WHEN ${formatExpr(when)} THEN ${formatExpr(then)}`,
      )
      const otherwise = expr.otherwise === null ? '' : ` ELSE ${formatExpr(expr.otherwise)}`
      return `CASE ${branches.join(' ')}${otherwise} END`
    }
    case 'lambda':
      return `(${expr.params.map(({ name }) => name).join(', ')}) -> ${formatExpr(expr.body)}`
  }
}

/** `sum(DISTINCT x) FILTER (WHERE y)`. */
export function formatAggregate(call: AggregateCall): string {
  const args = call.args.length === 0 ? '*' : call.args.map(formatExpr).join(', ')
  const filter = call.filter === null ? '' : ` FILTER (WHERE ${formatExpr(call.filter)})`
  return `${call.name}(${call.distinct ? 'DISTINCT ' : ''}${args})${filter}`
}

/** `x DESC NULLS LAST`. */
export function formatSortKey(key: SortKey): string {
  const direction = key.descending ? 'DESC' : 'ASC'
  return `${formatExpr(key.expr)} ${direction} NULLS ${key.nullsFirst ? 'FIRST' : 'LAST'}`
}

function formatLiteral(value: Value, type: DataType): string {
  if (value === null) return 'NULL'
  switch (type.kind) {
    case 'string':
      return `'${String(value)}'`
    case 'decimal':
      return formatUnscaled(value as bigint, type.scale)
    case 'date':
      return `DATE '${formatDays(value as number)}'`
    case 'timestamp':
    case 'timestamp_ntz':
      return `TIMESTAMP '${formatMicros(value as bigint)}'`
    case 'binary':
      return `X'${Buffer.from(value as Uint8Array).toString('hex')}'`
    default:
      return Array.isArray(value) ? `[${value.length} values]` : String(value)
  }
}
