import type { ColumnPredicate } from '../../../engine/connect/index.ts'
import type { Expr } from '../../../engine/expr/index.ts'
import { typesEqual, type Value } from '../../../engine/types/index.ts'
import type { Column, Scan } from '../../plan/index.ts'
import { valueKey } from '../expression-facts.ts'
import { conjunctsOf } from '../predicate.ts'
import type { OptimizerRule } from '../rule.ts'

/**
 * Tells the scan below a filter which simple conditions its rows must meet, so that it may skip files, row
 * groups and pages. The filter stays.
 */
export const pushPredicatesToScan: OptimizerRule = {
  name: 'push-predicates-to-scan',
  order: 'bottom-up',
  rewrite(plan) {
    if (plan.kind !== 'Filter' || plan.input.kind !== 'Scan') return plan
    const scan = plan.input
    const columns = new Map(scan.columns.map((column) => [column.id, column]))
    const known = new Set(scan.predicates.map(predicateKey))
    const found = conjunctsOf(plan.predicate).flatMap((part) => predicateOf(part, columns) ?? [])
    const fresh = found.filter((predicate) => {
      const key = predicateKey(predicate)
      return !known.has(key) && known.add(key)
    })
    if (fresh.length === 0) return plan
    const hinted: Scan = { ...scan, predicates: [...scan.predicates, ...fresh] }
    return { ...plan, input: hinted }
  },
}

function predicateKey({ column, op, values }: ColumnPredicate): string {
  return `${column} ${op} ${values.map(valueKey).join()}`
}

type Comparison = '=' | '<' | '<=' | '>' | '>='

const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

function isComparison(name: string): name is Comparison {
  return name in MIRRORED
}

function predicateOf(part: Expr, columns: ReadonlyMap<number, Column>): ColumnPredicate | undefined {
  if (part.kind !== 'call') return undefined
  const [first, ...rest] = part.args
  if (first === undefined) return undefined
  if (first.kind === 'literal' && rest.length === 1 && isComparison(part.name))
    return comparison(rest[0]!, MIRRORED[part.name], [first], columns)
  if (part.name === 'in' || (isComparison(part.name) && rest.length === 1))
    return comparison(first, part.name, rest, columns)
  if ((part.name === 'isnull' || part.name === 'isnotnull') && first.kind === 'column') {
    const column = columns.get(first.index)
    return column === undefined ? undefined : { column: column.name, op: part.name, values: [] }
  }
  return undefined
}

/**
 * A comparison with constants of the column's own type. NULLs in a list never match; alone they say nothing.
 */
function comparison(
  expr: Expr,
  op: Comparison | 'in',
  constants: readonly Expr[],
  columns: ReadonlyMap<number, Column>,
): ColumnPredicate | undefined {
  const column = expr.kind === 'column' ? columns.get(expr.index) : undefined
  if (column === undefined) return undefined
  const values: Value[] = []
  for (const constant of constants) {
    if (constant.kind !== 'literal') return undefined
    if (constant.value === null) continue
    if (!typesEqual(constant.type, column.type) || Number.isNaN(constant.value)) return undefined
    values.push(constant.value)
  }
  return values.length === 0 ? undefined : { column: column.name, op, values }
}
