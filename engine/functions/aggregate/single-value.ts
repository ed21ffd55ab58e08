import { types, type Value } from '../../types/index.ts'
import type { AggregateFunction } from '../aggregate-function.ts'
import { tooManyRows } from '../scalar/single-row.ts'
import { any, signature } from '../signature.ts'
import { valueAccumulator } from './value-accumulator.ts'

interface Single {
  readonly isSeen: boolean
  readonly value: Value
}

const resolve = signature('single_value', [any], ([type]) => type!)

/**
 * The value of the only row, NULLs included; NULL without a row. SCALAR_SUBQUERY_TOO_MANY_ROWS on a second
 * row.
 * Not for users: the optimizer puts it over subqueries that stand for a value.
 */
export const singleValue: AggregateFunction = {
  name: 'single_value',
  usage: 'single_value(expr) - the value of the only row',
  resolve(args, literals) {
    const { args: cast, returns } = resolve(args, literals)
    return { args: cast, returns, state: [returns, types.boolean] }
  },
  accumulator: (context) =>
    valueAccumulator<Single>(context, {
      create: () => ({ isSeen: false, value: null }),
      add: (state, [value]) => next(state, { isSeen: true, value: value ?? null }),
      save: ({ isSeen, value }) => [value, isSeen],
      merge: (state, [value, isSeen]) =>
        isSeen === true ? next(state, { isSeen, value: value ?? null }) : state,
      result: ({ value }) => value,
    }),
}

function next(state: Single, more: Single): Single {
  if (!state.isSeen) return more
  throw tooManyRows()
}
