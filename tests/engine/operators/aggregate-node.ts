import type { AggregateCall } from '../../../engine/expr/index.ts'
import type { HashAggregateExec } from '../../../engine/plan/index.ts'
import type { DataType } from '../../../engine/types/index.ts'
import { column, leaf, schemaFor } from './run-operator.ts'

/** An aggregate by columns `keys` of its input. */
export function aggregateNode(
  mode: HashAggregateExec['mode'],
  inputTypes: readonly DataType[],
  keys: readonly number[],
  calls: readonly AggregateCall[],
): HashAggregateExec {
  return {
    kind: 'HashAggregateExec',
    id: 1,
    schema: schemaFor([]),
    input: leaf(inputTypes),
    mode,
    keys: keys.map((index) => column(index, inputTypes[index]!)),
    calls,
  }
}
