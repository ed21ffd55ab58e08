import { flatten, structVector } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { commonTypeOf, listType, mapType, structType, type Value } from '../../types/index.ts'
import type { ScalarFunction } from '../scalar-function.ts'
import { checkCount, mismatch } from '../signature.ts'
import { checkedMap } from './map-entries.ts'

const plain = { volatility: 'immutable', nulls: 'custom', mayFail: false } as const

/** Arrays, maps and structs of values. */
export const nestedMakeFunctions: readonly ScalarFunction[] = [
  {
    ...plain,
    name: 'array',
    usage: 'array(a, b, ...) - an array of the values',
    resolve: (args) => {
      const common = commonTypeOf(args)
      if (common === undefined) throw mismatch('array', args, 'values of one type')
      return { args: args.map(() => common), returns: listType(common) }
    },
    bind:
      () =>
      (...values: readonly Value[]) =>
        values,
  },
  {
    ...plain,
    name: 'map',
    usage: 'map(key, value, key, value, ...) - a map of keys and values in turn',
    mayFail: true,
    resolve: (args) => {
      if (args.length % 2 !== 0)
        throw new EngineError(
          'WRONG_NUM_ARGS',
          `function "map" takes an even number of arguments, not ${args.length}`,
        )
      const key = commonTypeOf(args.filter((_, index) => index % 2 === 0))
      const value = commonTypeOf(args.filter((_, index) => index % 2 === 1))
      if (key === undefined || value === undefined)
        throw mismatch('map', args, 'keys of one type and values of one type')
      return { args: args.map((_, index) => (index % 2 === 0 ? key : value)), returns: mapType(key, value) }
    },
    bind:
      () =>
      (...items: readonly Value[]) =>
        checkedMap(
          items.flatMap((key, index) => (index % 2 === 0 ? [[key, items[index + 1]!] as const] : [])),
        ),
  },
  {
    ...plain,
    name: 'named_struct',
    usage: 'named_struct(name, value, name, value, ...) - a struct of constant names and values in turn',
    resolve: (args, literals) => {
      if (args.length % 2 !== 0 || args.length === 0)
        throw new EngineError(
          'WRONG_NUM_ARGS',
          `function "named_struct" takes names and values in turn, not ${args.length} arguments`,
        )
      const fields = args.flatMap((type, index) => {
        if (index % 2 === 0) return []
        const name = literals[index - 1]
        if (typeof name !== 'string') throw mismatch('named_struct', args, 'constant names')
        return [{ name, type, nullable: true }]
      })
      return { args, returns: structType(fields) }
    },
    evaluate: (args, { rowCount, region, returns }) =>
      structVector(
        returns,
        rowCount,
        args.filter((_, index) => index % 2 === 1).map((arg) => flatten(arg, region)),
      ),
  },
  {
    ...plain,
    name: 'struct',
    usage: 'struct(a, b, ...) - a struct of the values; columns keep their names',
    resolve: (args) => {
      checkCount('struct', args.length, 1, Number.POSITIVE_INFINITY)
      const fields = args.map((type, index) => ({ name: `col${index + 1}`, type, nullable: true }))
      return { args, returns: structType(fields) }
    },
    evaluate: (args, { rowCount, region, returns }) =>
      structVector(
        returns,
        rowCount,
        args.map((arg) => flatten(arg, region)),
      ),
  },
]
