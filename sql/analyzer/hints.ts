import type { Expression, Hint } from '../parser/index.ts'
import { columnExpr } from '../plan/index.ts'
import { findColumn } from './resolve-columns.ts'
import type { Resolved } from './scope.ts'

const BROADCAST: ReadonlySet<string> = new Set(['broadcast', 'broadcastjoin', 'mapjoin'])

/** Lower-case names of the tables that BROADCAST hints name. */
export function broadcastHints(hints: readonly Hint[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { name, args } of hints)
    if (BROADCAST.has(name.toLowerCase())) for (const arg of args) names.add(lastName(arg).toLowerCase())
  return names
}

function lastName(expression: Expression): string {
  return expression.kind === 'column' ? expression.parts.at(-1)! : ''
}

/** REPARTITION(n, columns), REBALANCE and COALESCE(n) hints; unknown hints are ignored, as in Spark. */
export function repartitionHint(input: Resolved, hints: readonly Hint[]): Resolved {
  const hint = hints.find(({ name }) => /^(repartition|coalesce|rebalance)$/i.test(name))
  if (hint === undefined) return input
  const count = hint.args.find((arg) => arg.kind === 'literal')
  const columns = hint.args.flatMap((arg) => (arg.kind === 'column' ? [arg] : []))
  const keys = columns.flatMap(({ parts, position }) => {
    const match = findColumn(parts, input.scope, position)
    return match === undefined ? [] : [columnExpr(match.entry.column)]
  })
  const partitionCount = count?.kind === 'literal' ? Number(count.value) : 0
  return { plan: { kind: 'Repartition', input: input.plan, keys, partitionCount }, scope: input.scope }
}
