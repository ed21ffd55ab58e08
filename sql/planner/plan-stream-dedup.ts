import type { Expr } from '../../engine/expr/index.ts'
import type { PhysicalPlan } from '../../engine/plan/index.ts'
import { type Field, type Schema, types } from '../../engine/types/index.ts'
import { type Aggregate, columnExpr, schemaOf } from '../plan/index.ts'
import { outputColumns } from './aggregate-columns.ts'
import { binderFor } from './bind.ts'
import { eventTimesOf } from './event-times.ts'
import { toHash } from './insert-exchanges.ts'
import type { Planned, Planner, StreamingContext } from './planned.ts'
import { columnAt, conjunction, type StateParts, stateAfter, stateBefore } from './stream-state.ts'

/** What is remembered of a key besides itself: its event time, and whether it is new in this batch. */
const TIME: Field = { name: '_time', type: types.timestamp, nullable: true }
const IS_NEW: Field = { name: '_new', type: types.int32, nullable: false }

/**
 * Rows whose key no batch has had before: unique in the batch, and without a match among the keys that are
 * remembered, which then have them too.
 *
 *     rows ──hash──▶ unique ─▶ anti join ──▶ fresh ─────────────────────────────▶ on
 *                   keys of batch N-1 ─┘ └▶ together with fresh keys ─▶ state file ──kept──▶ (none of it)
 *
 * The last arrow carries no rows: it is there so that the state is made before the batch is over.
 */
export async function planStreamDedup(
  aggregate: Aggregate,
  streaming: StreamingContext,
  planner: Planner,
): Promise<Planned> {
  const operator = streaming.nextOperator()
  const input = await planner.plan(aggregate.input)
  const partitionCount = streaming.statePartitions
  const clustered = toHash(
    input,
    aggregate.keys.map(({ expr }) => expr),
    partitionCount,
    planner,
  )
  const bind = binderFor(clustered.columns)
  const unique = {
    kind: 'HashAggregateExec',
    id: planner.nextId(),
    schema: schemaOf(aggregate),
    input: clustered.plan,
    mode: 'complete',
    keys: aggregate.keys.map(({ expr }) => bind.expr(expr)),
    calls: aggregate.calls.map(({ call }) => bind.call(call)),
  } as const
  const keyCount = aggregate.keys.length
  const schema = seenSchema(aggregate)
  const parts: StateParts = { streaming, planner, operator, partitionCount, schema, keyCount }
  // Keys that are remembered still.
  const before = stateBefore(parts, conjunction(isYoung(aggregate, schema, streaming.previousMicros)))
  const fresh = {
    kind: 'HashJoinExec',
    id: planner.nextId(),
    schema: unique.schema,
    left: unique,
    right: before,
    joinType: 'anti',
    build: 'right',
    leftKeys: unique.schema.fields.slice(0, keyCount).map(columnAt),
    rightKeys: before.schema.fields.slice(0, keyCount).map(columnAt),
    nullSafe: aggregate.keys.map(() => true),
    condition: null,
  } as const
  const kept = seenAfter(aggregate, parts, fresh, before)
  const none: Expr = { kind: 'literal', value: false, type: types.boolean }
  const nothing = {
    kind: 'FilterExec',
    id: planner.nextId(),
    schema: kept.schema,
    input: kept,
    predicate: none,
  } as const
  const plan = {
    kind: 'TogetherExec',
    id: planner.nextId(),
    schema: unique.schema,
    inputs: [shared(fresh, partitionCount, planner), nothing],
  } as const
  const keys = aggregate.keys.map(({ column }) => columnExpr(column))
  const partitioning =
    partitionCount === 1 ? ({ kind: 'single' } as const) : ({ kind: 'unknown', partitionCount } as const)
  return {
    plan,
    columns: outputColumns(aggregate),
    partitioning: keys.length === 0 ? { kind: 'single' } : partitioning,
  }
}

/** Two readers of it share one stage. */
function shared(input: PhysicalPlan, partitionCount: number, planner: Planner): PhysicalPlan {
  const distribution = { kind: 'forward', partitionCount } as const
  return { kind: 'ExchangeExec', id: planner.nextId(), schema: input.schema, input, distribution }
}

function seenSchema(aggregate: Aggregate): Schema {
  const keys = aggregate.keys.map(({ column: { name, type, nullable } }): Field => ({ name, type, nullable }))
  return { fields: [...keys, TIME, IS_NEW] }
}

/** Those and the fresh ones, kept for the next batch. */
function seenAfter(
  aggregate: Aggregate,
  parts: StateParts,
  fresh: PhysicalPlan,
  before: PhysicalPlan,
): PhysicalPlan {
  const { planner, partitionCount, schema } = parts
  const time = timeColumn(aggregate)
  const exprs: Expr[] = [
    ...fresh.schema.fields.slice(0, aggregate.keys.length).map(columnAt),
    time < 0 ? { kind: 'literal', value: null, type: TIME.type } : columnAt(fresh.schema.fields[time]!, time),
    { kind: 'literal', value: 1, type: types.int32 },
  ]
  const added = {
    kind: 'ProjectExec',
    id: planner.nextId(),
    schema,
    input: shared(fresh, partitionCount, planner),
    exprs,
  } as const
  const inputs = [before, added]
  return stateAfter({ kind: 'TogetherExec', id: planner.nextId(), schema, inputs }, parts, [])
}

/** Which column of the unique rows has the event time; -1: none. */
function timeColumn(aggregate: Aggregate): number {
  const times = eventTimesOf(aggregate)
  return outputColumns(aggregate).findIndex(({ id }) => times.get(id) === 'time')
}

/** The condition that a key is not forgotten; none if keys are remembered for ever. */
function isYoung(aggregate: Aggregate, schema: Schema, watermarkMicros: bigint | null): readonly Expr[] {
  const { horizonMicros } = aggregate.deduplicates!
  if (watermarkMicros === null || horizonMicros === null || timeColumn(aggregate) < 0) return []
  const index = schema.fields.length - 2
  const time = columnAt(schema.fields[index]!, index)
  // At the end of time everything is old, and nothing comes any more.
  const oldest: Expr = { kind: 'literal', value: watermarkMicros - horizonMicros, type: TIME.type }
  return [{ kind: 'call', name: '>', args: [time, oldest], type: types.boolean }]
}
