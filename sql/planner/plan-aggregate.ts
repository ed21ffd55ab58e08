import type { Expr } from '../../engine/expr/index.ts'
import { type Aggregate, columnExpr, schemaOf } from '../plan/index.ts'
import { needsAllRows, outputColumns, partialSchema } from './aggregate-columns.ts'
import { type Binder, binderFor } from './bind.ts'
import { readsStream } from './event-times.ts'
import { clusterBy, toHash, toSingle } from './insert-exchanges.ts'
import { isClusteredBy, projectPartitioning, SINGLE } from './partitioning.ts'
import { planStreamAggregate } from './plan-stream-aggregate.ts'
import type { Planned, Planner } from './planned.ts'

/**
 * Rows in, groups out. In two steps with an exchange of partial states between them, unless equal keys are
 * together already or a call must see all rows of its group at once (DISTINCT, ORDER BY).
 */
export async function planAggregate(aggregate: Aggregate, planner: Planner): Promise<Planned> {
  const { streaming } = planner.context
  if (streaming !== undefined && readsStream(aggregate.input))
    return await planStreamAggregate(aggregate, streaming, planner)
  const input = await planner.plan(aggregate.input)
  const keys = aggregate.keys.map(({ expr }) => expr)
  const isTogether =
    input.partitioning.kind === 'single' || (keys.length > 0 && isClusteredBy(input.partitioning, keys))
  if (isTogether) return complete(aggregate, input, planner)
  if (aggregate.calls.some(({ call }) => needsAllRows(call)))
    return complete(aggregate, clusterBy(input, keys, planner), planner)
  return inTwoSteps(aggregate, input, planner)
}

function complete(aggregate: Aggregate, input: Planned, planner: Planner): Planned {
  const bind = binderFor(input.columns)
  const partitioning =
    aggregate.keys.length === 0 ? SINGLE : projectPartitioning(input.partitioning, aggregate.keys)
  return {
    plan: {
      kind: 'HashAggregateExec',
      id: planner.nextId(),
      schema: schemaOf(aggregate),
      input: input.plan,
      mode: 'complete',
      keys: aggregate.keys.map(({ expr }) => bind.expr(expr)),
      calls: aggregate.calls.map(({ call }) => bind.call(call)),
    },
    columns: outputColumns(aggregate),
    partitioning,
  }
}

function inTwoSteps(aggregate: Aggregate, input: Planned, planner: Planner): Planned {
  const bind = binderFor(input.columns)
  const calls = aggregate.calls.map(({ call }) => bind.call(call))
  const keyColumns = aggregate.keys.map(({ column }) => column)
  const partial: Planned = {
    plan: {
      kind: 'HashAggregateExec',
      id: planner.nextId(),
      schema: partialSchema(aggregate),
      input: input.plan,
      mode: 'partial',
      keys: boundKeys(aggregate, bind),
      calls,
    },
    columns: keyColumns,
    partitioning: { kind: 'unknown', partitionCount: 2 },
  }
  const keys = keyColumns.map(columnExpr)
  const exchanged =
    keys.length === 0
      ? toSingle(partial, planner)
      : toHash(partial, keys, planner.context.shufflePartitions, planner)
  const final = {
    kind: 'HashAggregateExec',
    id: planner.nextId(),
    schema: schemaOf(aggregate),
    input: exchanged.plan,
    mode: 'final',
    keys: keys.map(binderFor(keyColumns).expr),
    calls: calls.map((call) => ({ ...call, filter: null })),
  } as const
  return { plan: final, columns: outputColumns(aggregate), partitioning: exchanged.partitioning }
}

function boundKeys(aggregate: Aggregate, bind: Binder): readonly Expr[] {
  return aggregate.keys.map(({ expr }) => bind.expr(expr))
}
