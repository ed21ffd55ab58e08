import { EngineError } from '../../errors.ts'
import { commonTypeOf, listType, mapEntryType, mapType, types, type Value } from '../../types/index.ts'
import type { ScalarFunction } from '../scalar-function.ts'
import { checkCount, mismatch, signature, string } from '../signature.ts'
import { valueOrder } from './compare-values.ts'
import { javaPattern } from './java-pattern.ts'
import { checkedMap, type Entry } from './map-entries.ts'
import { mapZipWith } from './map-zip.ts'
import { keyType, listOf, mapOf } from './nested-types.ts'
import { splitText } from './regexp.ts'

type Entries = readonly Entry[]

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: false } as const

/** Maps made of other things, and things made of maps. */
export const mapFunctions: readonly ScalarFunction[] = [
  mapZipWith,
  {
    ...plain,
    name: 'map_keys',
    usage: 'map_keys(map) - the keys as an array',
    resolve: (args) => ({ args, returns: listType(mapOf('map_keys', checked('map_keys', args, 1)).key) }),
    bind: () => (map: Entries) => map.map(([key]) => key),
  },
  {
    ...plain,
    name: 'map_values',
    usage: 'map_values(map) - the values as an array',
    resolve: (args) => ({
      args,
      returns: listType(mapOf('map_values', checked('map_values', args, 1)).value),
    }),
    bind: () => (map: Entries) => map.map(([, value]) => value),
  },
  {
    ...plain,
    name: 'map_entries',
    usage: 'map_entries(map) - the entries as an array of structs with key and value',
    resolve: (args) => ({
      args,
      returns: listType(mapEntryType(mapOf('map_entries', checked('map_entries', args, 1)))),
    }),
    bind: () => (map: Entries) => map,
  },
  {
    ...plain,
    name: 'map_contains_key',
    usage: 'map_contains_key(map, key) - whether the map has the key',
    resolve: (args) => {
      const map = mapOf('map_contains_key', checked('map_contains_key', args, 2))
      if (args[1]!.kind === 'null') throw mismatch('map_contains_key', args, 'a map and a key')
      const key = keyType('map_contains_key', map, args[1]!)
      return { args: [mapType(key, map.value), key], returns: types.boolean }
    },
    bind: ({ argTypes }) => {
      const order = valueOrder(argTypes[1]!)
      return (map: Entries, wanted: Value) => map.some(([key]) => order(key, wanted) === 0)
    },
  },
  {
    ...plain,
    name: 'map_concat',
    usage: 'map_concat(a, b, ...) - a map of all entries',
    mayFail: true,
    resolve: (args) => {
      const common = args.length === 0 ? mapType(types.string, types.string) : commonTypeOf(args)
      if (common?.kind !== 'map' || args.some(({ kind }) => kind === 'null'))
        throw mismatch('map_concat', args, 'maps of one type')
      return { args: args.map(() => common), returns: common }
    },
    bind:
      () =>
      (...maps: readonly Entries[]) =>
        checkedMap(maps.flat()),
  },
  {
    ...plain,
    name: 'map_from_arrays',
    usage: 'map_from_arrays(keys, values) - a map of the keys and the values at the same places',
    mayFail: true,
    resolve: (args) => {
      checkCount('map_from_arrays', args.length, 2)
      const [keys, values] = [listOf('map_from_arrays', args), listOf('map_from_arrays', args, 1)]
      return { args: [keys, values], returns: mapType(keys.element, values.element) }
    },
    bind: () => (keys: readonly Value[], values: readonly Value[]) => {
      if (keys.length !== values.length)
        throw new EngineError(
          'INVALID_ARGUMENT',
          `${keys.length} keys and ${values.length} values make no map`,
        )
      return checkedMap(keys.map((key, index) => [key, values[index]!]))
    },
  },
  {
    ...plain,
    name: 'map_from_entries',
    usage: 'map_from_entries(array of pairs) - a map of the pairs; NULL if one is NULL',
    mayFail: true,
    resolve: (args) => {
      checkCount('map_from_entries', args.length, 1)
      const { element } = listOf('map_from_entries', args)
      if (element.kind !== 'struct' || element.fields.length !== 2)
        throw mismatch('map_from_entries', args, 'an array of structs with two fields')
      return { args, returns: mapType(element.fields[0]!.type, element.fields[1]!.type) }
    },
    bind: () => (entries: readonly (Entry | null)[]) =>
      entries.includes(null) ? null : checkedMap(entries as readonly Entry[]), // None of them is NULL.
  },
  {
    ...plain,
    name: 'str_to_map',
    usage: "str_to_map(text[, pair delimiter[, key delimiter]]) - a map of a text such as 'a:1,b:2'",
    mayFail: true,
    resolve: signature('str_to_map', [string, string, string], mapType(types.string, types.string), {
      min: 1,
    }),
    bind:
      () =>
      (text: string, pairs = ',', keys = ':') => {
        javaPattern(keys)
        return checkedMap(
          splitText(text, pairs, -1).map((pair) => {
            const [key, value] = splitText(pair, keys, 2)
            return [key!, value ?? null]
          }),
        )
      },
  },
]

function checked<T>(name: string, args: readonly T[], count: number): readonly T[] {
  checkCount(name, args.length, count)
  return args
}
