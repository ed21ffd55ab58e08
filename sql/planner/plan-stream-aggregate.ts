import { EngineError } from '../../engine/errors.ts'
import type { AggregateCall, Expr } from '../../engine/expr/index.ts'
import type { PhysicalPlan } from '../../engine/plan/index.ts'
import { type Field, type Schema, types } from '../../engine/types/index.ts'
import { type Aggregate, columnExpr, schemaOf } from '../plan/index.ts'
import { needsAllRows, outputColumns, partialSchema } from './aggregate-columns.ts'
import { binderFor } from './bind.ts'
import { type EventTimeKind, eventTimeKind, eventTimesOf, isOpen } from './event-times.ts'
import { toHash, toSingle } from './insert-exchanges.ts'
import { planStreamDedup } from './plan-stream-dedup.ts'
import type { Planned, Planner, StreamingContext } from './planned.ts'
import { columnAt, conjunction, isChanged, type StateParts, stateAfter, stateBefore } from './stream-state.ts'

/** The state of a group has one number more: whether rows of this batch changed it. */
const CHANGED: AggregateCall = {
  name: 'max',
  args: [{ kind: 'literal', value: 1, type: types.int32 }],
  distinct: false,
  filter: null,
  order: [],
  type: types.int32,
}

/**
 * Groups over all batches of a stream. Partial states of this batch meet those of before in a fixed number of
 * partitions; the merged states are kept, under a name with the number of the batch, for the next one, and
 * what changed goes to a file of the checkpoint:
 *
 *     rows ─▶ not late ─▶ partial ──hash──▶ together ─▶ merge ─▶ state file ──kept──▶ asked for ─▶ final
 *                     state of batch N-1 ─▶ open ──┘                    (batch N + 1 reads it here)
 *
 * If the kept rows of batch N-1 are not there, as after a restart, the same name is made of the files.
 */
export async function planStreamAggregate(
  aggregate: Aggregate,
  streaming: StreamingContext,
  planner: Planner,
): Promise<Planned> {
  if (aggregate.deduplicates !== undefined) return await planStreamDedup(aggregate, streaming, planner)
  checkCalls(aggregate)
  const operator = streaming.nextOperator()
  // In output mode `complete` every group is asked for every time, so none is ever let go.
  const times =
    streaming.outputMode === 'complete' ? new Map<number, EventTimeKind>() : eventTimesOf(aggregate.input)
  const eventKey = aggregate.keys.findIndex(({ expr }) => eventTimeKind(expr, times) !== null)
  const kind = eventKey < 0 ? null : eventTimeKind(aggregate.keys[eventKey]!.expr, times)
  if (streaming.outputMode === 'append' && kind === null) throw appendNeedsWatermark()
  const parts: Parts = { aggregate, streaming, planner, operator, eventKey, kind }
  const partial = await partialStates(parts)
  const merged = mergedStates(parts, partial)
  return results(parts, merged)
}

interface Parts {
  readonly aggregate: Aggregate
  readonly streaming: StreamingContext
  readonly planner: Planner
  readonly operator: number
  /** Which key is of event time; -1: none. */
  readonly eventKey: number
  readonly kind: EventTimeKind | null
}

function checkCalls(aggregate: Aggregate): void {
  const odd = aggregate.calls.find(({ call }) => needsAllRows(call))
  if (odd !== undefined)
    throw new EngineError('UNSUPPORTED_FEATURE', `DISTINCT or ORDER BY in "${odd.call.name}" over a stream`, {
      hint: 'Use approx_count_distinct, or drop duplicates before you group.',
    })
}

function appendNeedsWatermark(): EngineError {
  return new EngineError(
    'UNSUPPORTED_FEATURE',
    'groups of a stream in output mode "append", when nothing tells that a group is complete',
    {
      hint: 'Group by a window of a column with a watermark, or choose mode "update" or "complete".',
    },
  )
}

/** Keys and states of this batch's rows, of those that are not late, by the hash of the keys. */
async function partialStates(parts: Parts): Promise<Planned> {
  const { aggregate, streaming, planner, eventKey, kind } = parts
  let input = await planner.plan(aggregate.input)
  const bind = binderFor(input.columns)
  const keys = aggregate.keys.map(({ expr }) => bind.expr(expr))
  const { watermarkMicros } = streaming
  if (kind !== null && watermarkMicros !== null) {
    const predicate = isOpen(keys[eventKey]!, kind, watermarkMicros)
    const { schema } = input.plan
    const late = {
      kind: 'LateFilterExec',
      id: planner.nextId(),
      schema,
      input: input.plan,
      predicate,
      late: streaming.late === null ? null : { ...streaming.late, schema },
    } as const
    input = { ...input, plan: late }
  }
  const calls = [...aggregate.calls.map(({ call }) => bind.call(call)), CHANGED]
  const keyColumns = aggregate.keys.map(({ column }) => column)
  const partial: Planned = {
    plan: {
      kind: 'HashAggregateExec',
      id: planner.nextId(),
      schema: stateSchema(aggregate),
      input: input.plan,
      mode: 'partial',
      keys,
      calls,
    },
    columns: keyColumns,
    partitioning: { kind: 'unknown', partitionCount: 2 },
  }
  const { statePartitions } = streaming
  return keyColumns.length === 0
    ? toSingle(partial, planner)
    : toHash(partial, keyColumns.map(columnExpr), statePartitions, planner)
}

/** Keys, states of the calls, and whether the batch changed them. */
function stateSchema(aggregate: Aggregate): Schema {
  const changed: Field = { name: '_changed', type: types.int32, nullable: true }
  return { fields: [...partialSchema(aggregate).fields, changed] }
}

/** The states after this batch, kept for the next one. */
function mergedStates(parts: Parts, partial: Planned): PhysicalPlan {
  const { aggregate, streaming, planner, operator } = parts
  const schema = stateSchema(aggregate)
  const keyCount = aggregate.keys.length
  const partitionCount = keyCount === 0 ? 1 : streaming.statePartitions
  const state: StateParts = { streaming, planner, operator, partitionCount, schema, keyCount }
  const open = conjunction(openKeys(parts, schema, streaming.previousMicros))
  const together = {
    kind: 'TogetherExec',
    id: planner.nextId(),
    schema,
    inputs: [stateBefore(state, open), partial.plan],
  } as const
  const merge = {
    kind: 'HashAggregateExec',
    id: planner.nextId(),
    schema,
    input: together,
    mode: 'merge',
    keys: schema.fields.slice(0, keyCount).map(columnAt),
    calls: [...aggregate.calls.map(({ call }) => ({ ...call, filter: null })), CHANGED],
  } as const
  return stateAfter(merge, state, openKeys(parts, schema, streaming.watermarkMicros))
}

/** What the output mode asks for, as results. */
function results(parts: Parts, merged: PhysicalPlan): Planned {
  const { aggregate, streaming, planner } = parts
  const { schema } = merged
  const { outputMode, watermarkMicros } = streaming
  const conditions: Expr[] = []
  if (outputMode === 'update') conditions.push(isChanged(schema))
  if (outputMode === 'append') {
    const closed = openKeys(parts, schema, watermarkMicros)[0]
    const none: Expr = { kind: 'literal', value: false, type: types.boolean }
    conditions.push(
      closed === undefined ? none : { kind: 'call', name: 'not', args: [closed], type: types.boolean },
    )
  }
  const predicate = conjunction(conditions)
  const input: PhysicalPlan =
    predicate === null
      ? merged
      : { kind: 'FilterExec', id: planner.nextId(), schema, input: merged, predicate }
  const final = {
    kind: 'HashAggregateExec',
    id: planner.nextId(),
    schema: schemaOf(aggregate),
    input,
    mode: 'final',
    keys: schema.fields.slice(0, aggregate.keys.length).map(columnAt),
    calls: aggregate.calls.map(({ call }) => ({ ...call, filter: null })),
  } as const
  const partitionCount = aggregate.keys.length === 0 ? 1 : streaming.statePartitions
  return {
    plan: final,
    columns: outputColumns(aggregate),
    partitioning: partitionCount === 1 ? { kind: 'single' } : { kind: 'unknown', partitionCount },
  }
}

/** The condition that a state's window is open at a watermark; none without event time or watermark. */
function openKeys(
  { eventKey, kind }: Parts,
  schema: Schema,
  watermarkMicros: bigint | null,
): readonly Expr[] {
  if (kind === null || watermarkMicros === null) return []
  return [isOpen(columnAt(schema.fields[eventKey]!, eventKey), kind, watermarkMicros)]
}
