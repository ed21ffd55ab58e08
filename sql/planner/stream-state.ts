import type { Expr } from '../../engine/expr/index.ts'
import type { ExchangeExec, PhysicalPlan } from '../../engine/plan/index.ts'
import { type Field, type Schema, types } from '../../engine/types/index.ts'
import type { Planner, StreamingContext } from './planned.ts'

/** Under what name the state of an operator is kept: after this batch (0), or after the one before (-1). */
function stateKey({ queryId, batchId }: StreamingContext, operator: number, step: 0 | -1): string {
  return `stream/${queryId}/${operator}/${batchId + step}`
}

/** Rows that stay where they are, beyond the job, under a name. */
function keptRows(input: PhysicalPlan, keep: string, partitionCount: number, planner: Planner): ExchangeExec {
  const distribution = { kind: 'forward', partitionCount } as const
  return { kind: 'ExchangeExec', id: planner.nextId(), schema: input.schema, input, distribution, keep }
}

/** What an operator remembers, and where in the plan of its batch that is. */
export interface StateParts {
  readonly streaming: StreamingContext
  readonly planner: Planner
  readonly operator: number
  readonly partitionCount: number
  /** Keys, values, and last a number that is 1 for rows that this batch changed. */
  readonly schema: Schema
  readonly keyCount: number
}

/**
 * The state after the batch before, as it was kept or else as its files have it, of rows that are `open`;
 * none of them counts as changed.
 */
export function stateBefore(parts: StateParts, open: Expr | null): PhysicalPlan {
  const { streaming, planner, operator, partitionCount, schema, keyCount } = parts
  const files = streaming.stateFiles(operator)
  const partitions = Array.from({ length: partitionCount }, (_, partition) => files[partition] ?? [])
  const id = planner.nextId()
  const read = { kind: 'StateReadExec', id, schema, operator, keyCount, partitions } as const
  let plan: PhysicalPlan = keptRows(read, stateKey(streaming, operator, -1), partitionCount, planner)
  if (open !== null) plan = { kind: 'FilterExec', id: planner.nextId(), schema, input: plan, predicate: open }
  const exprs = schema.fields.map(columnAt)
  exprs[exprs.length - 1] = { kind: 'literal', value: 0, type: types.int32 }
  return { kind: 'ProjectExec', id: planner.nextId(), schema, input: plan, exprs }
}

/**
 * The state after this batch, kept for the next one; of rows that are `open`, those that changed go to a
 * file, or all of them into a snapshot.
 */
export function stateAfter(input: PhysicalPlan, parts: StateParts, open: readonly Expr[]): PhysicalPlan {
  const { streaming, planner, operator, partitionCount, schema } = parts
  const write = {
    kind: 'StateWriteExec',
    id: planner.nextId(),
    schema,
    input,
    operator,
    predicate: conjunction([...(streaming.isSnapshot ? [] : [isChanged(schema)]), ...open]),
    path: `${streaming.statePath}/${operator}`,
    batchId: streaming.batchId,
    isSnapshot: streaming.isSnapshot,
  } as const
  return keptRows(write, stateKey(streaming, operator, 0), partitionCount, planner)
}

/** Whether this batch changed a row of a state. */
export function isChanged({ fields }: Schema): Expr {
  const column = columnAt(fields.at(-1)!, fields.length - 1)
  const one: Expr = { kind: 'literal', value: 1, type: types.int32 }
  return { kind: 'call', name: '=', args: [column, one], type: types.boolean }
}

export function columnAt({ name, type }: Field, index: number): Expr {
  return { kind: 'column', index, name, type }
}

/** All of the conditions; null if there are none. */
export function conjunction(conditions: readonly Expr[]): Expr | null {
  if (conditions.length < 2) return conditions[0] ?? null
  return { kind: 'and', operands: conditions, type: { kind: 'boolean' } }
}
