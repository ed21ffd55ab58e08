import type { Analysis } from './context.ts'
import type { Environment, PendingApply } from './environment.ts'
import { resolveExpression } from './resolve-expression.ts'
import type { Scope } from './scope.ts'

/** An environment where only columns, scalar functions and, given a list for them, subqueries may stand. */
export function plainEnvironment(
  analysis: Analysis,
  scope: Scope,
  clause: string,
  applies: PendingApply[] | null = null,
): Environment {
  return {
    analysis,
    scope,
    clause,
    aliases: null,
    variables: new Map(),
    applies,
    aggregates: null,
    windows: null,
    inside: null,
    resolve: resolveExpression,
  }
}
