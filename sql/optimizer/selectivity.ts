import type { CallExpr, Expr } from '../../engine/expr/index.ts'
import { type ColumnEstimate, type Estimate, numberOf } from './estimate.ts'
import { conjunctsOf, disjunctsOf } from './predicate.ts'

const UNKNOWN = 0.25
const UNKNOWN_EQUALITY = 0.05
const UNKNOWN_RANGE = 0.33

/** The part of the rows for which a predicate is TRUE, 0 to 1. */
export function selectivity(predicate: Expr, input: Estimate): number {
  const parts = conjunctsOf(predicate)
  if (parts.length !== 1) return ofConjunction(parts, input)
  const part = parts[0]!
  if (part.kind === 'literal') return part.value === true ? 1 : 0
  if (part.kind === 'or') {
    const kept = disjunctsOf(part).reduce((rest, each) => rest * (1 - selectivity(each, input)), 1)
    return Math.min(1, 1 - kept)
  }
  return part.kind === 'call' ? ofCall(part, input) : UNKNOWN
}

/** Independent parts multiply, but the two ends of a range on one column cut from both sides. */
function ofConjunction(parts: readonly Expr[], input: Estimate): number {
  const ends = new Map<number, { low: number; high: number }>()
  let product = 1
  for (const part of parts) {
    const end = rangeEnd(part, input)
    if (end === undefined) {
      product *= selectivity(part, input)
      continue
    }
    const range = ends.get(end.id) ?? { low: 0, high: 1 }
    if (end.isUpper) range.high = Math.min(range.high, end.at)
    else range.low = Math.max(range.low, end.at)
    ends.set(end.id, range)
  }
  for (const { low, high } of ends.values()) product *= Math.max(0.0001, high - low)
  return product
}

/** Where on the column's range, 0 to 1, a comparison with a constant cuts. */
function rangeEnd(part: Expr, input: Estimate): { id: number; at: number; isUpper: boolean } | undefined {
  const comparison = comparisonOf(part)
  if (comparison === undefined || comparison.op === '=') return undefined
  const column = input.columns.get(comparison.id)
  if (column?.min === undefined || column.max === undefined || column.max <= column.min) return undefined
  const at = Math.min(1, Math.max(0, (comparison.value - column.min) / (column.max - column.min)))
  return { id: comparison.id, at, isUpper: comparison.op === '<' || comparison.op === '<=' }
}

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=' }

function comparisonOf(part: Expr): { id: number; op: string; value: number } | undefined {
  if (part.kind !== 'call' || MIRRORED[part.name] === undefined) return undefined
  const [first, second] = [part.args[0]!, part.args[1]!]
  const isSwapped = first.kind === 'literal'
  const [column, constant] = isSwapped ? [second, first] : [first, second]
  if (column.kind !== 'column' || constant.kind !== 'literal') return undefined
  const value = numberOf(constant.value)
  const op = isSwapped ? MIRRORED[part.name]! : part.name
  return value === undefined ? undefined : { id: column.index, op, value }
}

function ofCall(call: CallExpr, input: Estimate): number {
  const column = call.args
    .map((arg) => (arg.kind === 'column' ? input.columns.get(arg.index) : undefined))
    .find(Boolean)
  switch (call.name) {
    case 'not':
      return Math.max(0, 1 - selectivity(call.args[0]!, input))
    case 'isnull':
      return column?.nullFraction ?? 0.05
    case 'isnotnull':
      return 1 - (column?.nullFraction ?? 0.05)
    case '=':
    case '<=>':
      return ofEquality(call, column, input)
    case 'in':
      return Math.min(1, (call.args.length - 1) * (column?.distinct ? 1 / column.distinct : UNKNOWN_EQUALITY))
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const end = rangeEnd(call, input)
      if (end === undefined) return UNKNOWN_RANGE
      return Math.max(0.0001, end.isUpper ? end.at : 1 - end.at)
    }
    case 'like':
    case 'rlike':
    case 'startswith':
    case 'endswith':
    case 'contains':
      return 0.1
    default:
      return UNKNOWN
  }
}

function ofEquality(call: CallExpr, column: ColumnEstimate | undefined, input: Estimate): number {
  const distinct = call.args.map((arg) =>
    arg.kind === 'column' ? input.columns.get(arg.index)?.distinct : undefined,
  )
  const largest = Math.max(...distinct.map((count) => count ?? 0))
  if (largest > 0) return 1 / largest
  return column === undefined && call.args.every(({ kind }) => kind === 'literal') ? 1 : UNKNOWN_EQUALITY
}
