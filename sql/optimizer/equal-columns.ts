import type { ColumnExpr, Expr } from '../../engine/expr/index.ts'
import { typeName } from '../../engine/types/index.ts'
import { equal } from './predicate.ts'

/** More columns that are all equal are no set: they are joined as they were written. */
const MOST_COLUMNS = 8

/** Sets of columns that conditions make equal: `a = b` and `b = c` are one set of three. */
export interface EqualColumns {
  /** Equalities of two columns of a set that no condition states. */
  readonly derived: readonly Expr[]
  /** The number of the set that an equality of two columns belongs to; undefined for other conditions. */
  classOf(part: Expr): number | undefined
}

/** The sets that come of the equalities among the conditions of inner joins. */
export function equalColumns(parts: readonly Expr[]): EqualColumns {
  const sets = new Map<number, Set<ColumnExpr>>()
  const stated = new Set<string>()
  for (const part of parts) {
    const pair = pairOf(part)
    if (pair === undefined) continue
    const [a, b] = pair
    stated.add(nameOf(a, b))
    const merged = new Set([...(sets.get(a.index) ?? [a]), ...(sets.get(b.index) ?? [b])])
    for (const { index } of merged) sets.set(index, merged)
  }
  const small = [...new Set(sets.values())].filter(({ size }) => size <= MOST_COLUMNS)
  const numbers = new Map(small.map((set, number) => [set, number]))
  const derived = small.flatMap((set) => missingPairs([...set], stated))
  return {
    derived,
    classOf(part) {
      const pair = pairOf(part)
      const set = pair === undefined ? undefined : sets.get(pair[0].index)
      return set === undefined ? undefined : numbers.get(set)
    },
  }
}

function missingPairs(columns: readonly ColumnExpr[], stated: ReadonlySet<string>): Expr[] {
  return columns.flatMap((a, index) =>
    columns.slice(index + 1).flatMap((b) => (stated.has(nameOf(a, b)) ? [] : [equal(a, b)])),
  )
}

function nameOf(a: ColumnExpr, b: ColumnExpr): string {
  return `${Math.min(a.index, b.index)}=${Math.max(a.index, b.index)}`
}

function pairOf(part: Expr): readonly [ColumnExpr, ColumnExpr] | undefined {
  if (part.kind !== 'call' || part.name !== '=') return undefined
  const [a, b] = [part.args[0]!, part.args[1]!]
  if (a.kind !== 'column' || b.kind !== 'column' || a.index === b.index) return undefined
  return typeName(a.type) === typeName(b.type) ? [a, b] : undefined
}
