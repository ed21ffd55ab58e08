import type { Expr } from '../../engine/expr/index.ts'
import type { ExchangeExec, PhysicalPlan } from '../../engine/plan/index.ts'
import type { Field } from '../../engine/types/index.ts'
import type { Planner, StreamingContext } from './planned.ts'

/** Under what name the state of an operator is kept: after this batch (0), or after the one before (-1). */
export function stateKey({ queryId, batchId }: StreamingContext, operator: number, step: 0 | -1): string {
  return `stream/${queryId}/${operator}/${batchId + step}`
}

/** Rows that stay where they are, beyond the job, under a name. */
export function keptRows(
  input: PhysicalPlan,
  keep: string,
  partitionCount: number,
  planner: Planner,
): ExchangeExec {
  const distribution = { kind: 'forward', partitionCount } as const
  return { kind: 'ExchangeExec', id: planner.nextId(), schema: input.schema, input, distribution, keep }
}

export function columnAt({ name, type }: Field, index: number): Expr {
  return { kind: 'column', index, name, type }
}

/** All of the conditions; null if there are none. */
export function conjunction(conditions: readonly Expr[]): Expr | null {
  if (conditions.length < 2) return conditions[0] ?? null
  return { kind: 'and', operands: conditions, type: { kind: 'boolean' } }
}
