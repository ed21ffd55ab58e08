import type { Expr } from '../../engine/expr/index.ts'
import { columnIdsOf, type LogicalPlan } from '../plan/index.ts'
import { outputIds } from './columns.ts'
import { readsOnly } from './expression-facts.ts'
import { allOf, anyOf, conjunctsOf, disjunctsOf } from './predicate.ts'

/**
 * What an OR over several relations demands of each by itself: `(a.x = 1 AND b.y = 2) OR (a.x = 3 AND b.y =
 * 4)` lets `a` keep only 1 and 3. The OR itself stays.
 */
export function deriveLocal(parts: readonly Expr[], relations: readonly LogicalPlan[]): Expr[] {
  const branches = parts.filter(({ kind }) => kind === 'or').map((part) => disjunctsOf(part).map(conjunctsOf))
  return relations.flatMap((relation) => {
    const ids = outputIds(relation)
    return branches.flatMap((alternatives) => {
      if (alternatives.every((all) => all.every((part) => readsOnly(part, ids)))) return []
      const own = alternatives.map((all) =>
        all.filter((part) => readsOnly(part, ids) && columnIdsOf(part).size > 0),
      )
      return own.some((all) => all.length === 0) ? [] : [anyOf(own.map(allOf))]
    })
  })
}
