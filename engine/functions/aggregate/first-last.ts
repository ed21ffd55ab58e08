import type { Value } from '../../types/index.ts'
import { types } from '../../types/index.ts'
import type { AggregateFunction } from '../aggregate-function.ts'
import { any, boolean, signature } from '../signature.ts'
import { valueAccumulator } from './value-accumulator.ts'

/** The value met, and whether there was one: NULL may be the value. */
interface Met {
  value: Value
  isMet: boolean
}

/** The first value in the order of rows; with a second argument TRUE, the first that is not NULL. */
export const first: AggregateFunction = edge('first', ['first_value'], 'first', 'first')

/** The last value in the order of rows; with a second argument TRUE, the last that is not NULL. */
export const last: AggregateFunction = edge('last', ['last_value'], 'last', 'last')

/** Some value of the group; with a second argument TRUE, one that is not NULL. */
export const anyValue: AggregateFunction = edge('any_value', [], 'some', 'first')

function edge(
  name: string,
  aliases: readonly string[],
  word: string,
  side: 'first' | 'last',
): AggregateFunction {
  const resolve = signature(name, [any, boolean], ([type]) => type!, { min: 1 })
  const keep = (met: Met, value: Value): Met => {
    if (side === 'last' || !met.isMet) met.value = value
    met.isMet = true
    return met
  }
  return {
    name,
    aliases,
    usage: `${name}(expr[, ignoreNulls]) - the ${word} value of expr in the group`,
    resolve(args, literals) {
      const { args: cast, returns } = resolve(args, literals)
      return { args: cast, returns, state: [returns, types.boolean] }
    },
    accumulator: (context) =>
      valueAccumulator<Met>(context, {
        create: () => ({ value: null, isMet: false }),
        add: (met, [value, ignoreNulls]) =>
          value === null && ignoreNulls === true ? met : keep(met, value!),
        save: ({ value, isMet }) => [value, isMet],
        merge: (met, [value, isMet]) => (isMet === true ? keep(met, value!) : met),
        result: ({ value }) => value,
      }),
  }
}
