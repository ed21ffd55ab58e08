import type { Value } from '../../types/index.ts'
import { types } from '../../types/index.ts'
import type { AggregateFunction } from '../aggregate-function.ts'
import { boolean, integer, signature } from '../signature.ts'
import { valueAccumulator } from './value-accumulator.ts'

/** Whether all values are TRUE; NULLs do not count, no value gives NULL. */
export const boolAnd: AggregateFunction = logical('bool_and', ['every'], 'all values are', (a, b) => a && b)

/** Whether some value is TRUE; NULLs do not count, no value gives NULL. */
export const boolOr: AggregateFunction = logical(
  'bool_or',
  ['some', 'any'],
  'some value is',
  (a, b) => a || b,
)

function logical(
  name: string,
  aliases: readonly string[],
  words: string,
  join: (a: boolean, b: boolean) => boolean,
): AggregateFunction {
  const resolve = signature(name, [boolean], types.boolean)
  return {
    name,
    aliases,
    usage: `${name}(expr) - whether ${words} TRUE`,
    ignoresDistinct: true,
    resolve: (args, literals) => ({ ...resolve(args, literals), state: [types.boolean] }),
    accumulator: (context) =>
      valueAccumulator(
        context,
        reduce((a, b) => join(a as boolean, b as boolean)),
      ),
  }
}

/** The bits that all values have. */
export const bitAnd: AggregateFunction = bitwise(
  'bit_and',
  'AND',
  (a, b) => a & b,
  (a, b) => a & b,
)

/** The bits that some value has. */
export const bitOr: AggregateFunction = bitwise(
  'bit_or',
  'OR',
  (a, b) => a | b,
  (a, b) => a | b,
)

/** The bits that an odd number of values have. */
export const bitXor: AggregateFunction = bitwise(
  'bit_xor',
  'XOR',
  (a, b) => a ^ b,
  (a, b) => a ^ b,
)

function bitwise(
  name: string,
  word: string,
  narrow: (a: number, b: number) => number,
  wide: (a: bigint, b: bigint) => bigint,
): AggregateFunction {
  const resolve = signature(name, [integer], ([type]) => type!)
  return {
    name,
    usage: `${name}(expr) - the bitwise ${word} of the values`,
    ignoresDistinct: name !== 'bit_xor',
    resolve(args, literals) {
      const { args: cast, returns } = resolve(args, literals)
      return { args: cast, returns, state: [returns] }
    },
    accumulator: (context) =>
      valueAccumulator(
        context,
        reduce((a, b) => (typeof a === 'bigint' ? wide(a, b as bigint) : narrow(a as number, b as number))),
      ),
  }
}

/** Joins the values that are not NULL two by two; NULL if there are none. */
function reduce(join: (a: Value, b: Value) => Value) {
  const add = (result: Value, [value]: readonly Value[]): Value => {
    if (value === null || value === undefined) return result
    return result === null ? value : join(result, value)
  }
  return {
    create: (): Value => null,
    add,
    merge: add,
    save: (result: Value) => [result],
    result: (result: Value) => result,
  }
}
