import { assert } from '../../engine/errors.ts'
import type { AggregateCall } from '../../engine/expr/index.ts'
import { lookupAggregate } from '../../engine/functions/index.ts'
import type { Field, Schema } from '../../engine/types/index.ts'
import type { Aggregate, Column } from '../plan/index.ts'

/** Whether a call must see all rows of its group at once. */
export function needsAllRows(call: AggregateCall): boolean {
  return (call.distinct && lookupAggregate(call.name)?.ignoresDistinct !== true) || call.order.length > 0
}

/** The columns that an aggregate gives. */
export function outputColumns(aggregate: Aggregate): readonly Column[] {
  return [...aggregate.keys.map(({ column }) => column), ...aggregate.calls.map(({ column }) => column)]
}

/** Keys, then the state columns of each call. */
export function partialSchema(aggregate: Aggregate): Schema {
  const keys = aggregate.keys.map(({ column: { name, type, nullable } }): Field => ({ name, type, nullable }))
  const states = aggregate.calls.flatMap(({ column, call }) =>
    stateTypes(call).map(
      (type, index): Field => ({ name: `${column.name}.state${index}`, type, nullable: true }),
    ),
  )
  return { fields: [...keys, ...states] }
}

function stateTypes(call: AggregateCall): readonly Field['type'][] {
  const literals = call.args.map((arg) => (arg.kind === 'literal' ? arg.value : undefined))
  const found = lookupAggregate(call.name)
  assert(found !== undefined, `aggregate "${call.name}" is not in the registry`)
  return found.resolve(
    call.args.map(({ type }) => type),
    literals,
  ).state
}
