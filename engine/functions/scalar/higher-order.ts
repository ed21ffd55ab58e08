import {
  concat,
  fixedVector,
  flatten,
  getBit,
  isNull,
  type StructVector,
  setBit,
  take,
  type Vector,
  valueReader,
} from '../../batch/index.ts'
import { type DataType, listType, mapType, types } from '../../types/index.ts'
import type { CallContext, LambdaBody, ScalarFunction } from '../scalar-function.ts'
import { checkCount, mismatch } from '../signature.ts'
import { asList, elementsOf, keep, positions } from './lambda-elements.ts'
import { checkKeys, mapEntries, zipWith } from './lambda-zip.ts'

type ListType = Extract<DataType, { kind: 'list' }>
type MapType = Extract<DataType, { kind: 'map' }>

// A lambda may fail on what its guard would have kept away, so these count as failing.
const plain = { volatility: 'immutable', nulls: 'custom', mayFail: true } as const

/** Functions that take a lambda. Bodies are evaluated over the elements of all rows at once. */
export const higherOrderFunctions: readonly ScalarFunction[] = [
  {
    ...plain,
    name: 'transform',
    usage: 'transform(array, x -> value) - the array of the values; (x, i) -> also takes the index from 0',
    lambdaParameters: (_index, args) => [elementOf('transform', args), types.int32],
    resolve: (args) => ({ args, returns: listType(checked('transform', args, 2)[1]!) }),
    evaluateLambda: ([list], [body], { region, returns }) => {
      const elements = elementsOf(list!, region)
      const inputs = [elements.values, ...(body!.parameterCount > 1 ? [positions(elements, region)] : [])]
      return asList(returns, list!, elements, body!.apply(inputs, elements.count, elements.rows))
    },
  },
  {
    ...plain,
    name: 'filter',
    usage: 'filter(array, x -> condition) - the elements for which the condition is TRUE',
    lambdaParameters: (_index, args) => [elementOf('filter', args), types.int32],
    resolve: (args) => {
      const [list] = checked('filter', args, 2)
      return { args: [list!, types.boolean], returns: list! }
    },
    evaluateLambda: ([list], [body], { region, returns }) => {
      const elements = elementsOf(list!, region)
      const inputs = [elements.values, ...(body!.parameterCount > 1 ? [positions(elements, region)] : [])]
      return keep(
        returns,
        list!,
        elements,
        elements.values,
        body!.apply(inputs, elements.count, elements.rows),
        region,
      )
    },
  },
  quantifier('exists', true, 'exists(array, x -> condition) - whether the condition is TRUE for an element', [
    'any_match',
  ]),
  quantifier(
    'forall',
    false,
    'forall(array, x -> condition) - whether the condition is TRUE for all elements',
    ['all_match'],
  ),
  {
    ...plain,
    name: 'aggregate',
    aliases: ['reduce'],
    usage:
      'aggregate(array, start, (state, x) -> state[, state -> result]) - the elements folded into one value',
    lambdaParameters: (index, args) => (index === 2 ? [args[1]!, elementOf('aggregate', args)] : [args[1]!]),
    resolve: (args) => {
      const [list, start, , finish] = checked('aggregate', args, 3, 4)
      return {
        args: [list!, start!, start!, ...(finish === undefined ? [] : [finish])],
        returns: finish ?? start!,
      }
    },
    evaluateLambda: fold,
  },
  {
    ...plain,
    name: 'zip_with',
    usage: 'zip_with(a, b, (x, y) -> value) - the array of the values; the shorter array is filled with NULL',
    lambdaParameters: (_index, args) => [elementOf('zip_with', args), elementOf('zip_with', args.slice(1))],
    resolve: (args) => {
      checked('zip_with', args, 3)
      elementOf('zip_with', args.slice(1))
      return { args, returns: listType(args[2]!) }
    },
    evaluateLambda: zipWith,
  },
  {
    ...plain,
    name: 'transform_values',
    usage: 'transform_values(map, (k, v) -> value) - the map with other values',
    lambdaParameters: (_index, args) => entryOf('transform_values', args),
    resolve: (args) => {
      checkCount('transform_values', args.length, 2)
      return { args, returns: mapType(entryOf('transform_values', args)[0], args[1]!) }
    },
    evaluateLambda: ([map], [body], call) =>
      mapEntries(map!, body!, call, (key, _value, result) => [key, result]),
  },
  {
    ...plain,
    name: 'transform_keys',
    usage: 'transform_keys(map, (k, v) -> key) - the map with other keys',
    lambdaParameters: (_index, args) => entryOf('transform_keys', args),
    resolve: (args) => {
      checkCount('transform_keys', args.length, 2)
      return { args, returns: mapType(args[1]!, entryOf('transform_keys', args)[1]) }
    },
    evaluateLambda: ([map], [body], call) =>
      checkKeys(mapEntries(map!, body!, call, (_key, value, result) => [result, value])),
  },
  {
    ...plain,
    name: 'map_filter',
    usage: 'map_filter(map, (k, v) -> condition) - the entries for which the condition is TRUE',
    lambdaParameters: (_index, args) => entryOf('map_filter', args),
    resolve: (args) => {
      checkCount('map_filter', args.length, 2)
      entryOf('map_filter', args)
      return { args: [args[0]!, types.boolean], returns: args[0]! }
    },
    evaluateLambda: ([map], [body], { region, returns }) => {
      const elements = elementsOf(map!, region)
      const entries = flatten(elements.values, region) as StructVector
      const matches = body!.apply(entries.children, elements.count, elements.rows)
      return keep(returns, map!, elements, entries, matches, region)
    },
  },
]

function checked(name: string, args: readonly DataType[], min: number, max = min): readonly DataType[] {
  checkCount(name, args.length, min, max)
  elementOf(name, args)
  return args
}

function elementOf(name: string, args: readonly DataType[]): DataType {
  const [list] = args
  if (list?.kind !== 'list') throw mismatch(name, args.slice(0, 1), 'an array')
  return (list as ListType).element
}

function entryOf(name: string, args: readonly DataType[]): readonly [DataType, DataType] {
  const [map] = args
  if (map?.kind !== 'map') throw mismatch(name, args.slice(0, 1), 'a map')
  return [(map as MapType).key, (map as MapType).value]
}

/** exists and forall: the deciding answer wins, else NULL if one was NULL. */
function quantifier(
  name: string,
  decides: boolean,
  usage: string,
  aliases: readonly string[],
): ScalarFunction {
  return {
    ...plain,
    name,
    aliases,
    usage,
    lambdaParameters: (_index, args) => [elementOf(name, args)],
    resolve: (args) => ({ args: [checked(name, args, 2)[0]!, types.boolean], returns: types.boolean }),
    evaluateLambda: ([list], [body], { region, rowCount }) => {
      const elements = elementsOf(list!, region)
      const read = valueReader(body!.apply([elements.values], elements.count, elements.rows))
      const bits = region.bitmap(rowCount)
      const validity = region.bitmap(rowCount)
      for (let row = 0; row < rowCount; row++) {
        let answer: boolean | null = !decides
        for (let at = elements.offsets[row]!; at < elements.offsets[row + 1]! && answer !== decides; at++) {
          const value = read(at)
          if (value === decides) answer = decides
          else if (value === null) answer = null
        }
        if (answer === true) setBit(bits, row)
        if (answer !== null && !isNull(list!, row)) setBit(validity, row)
      }
      return fixedVector(types.boolean, rowCount, bits, validity)
    },
  }
}

/** Step k folds element k of every list that has one. */
function fold(
  [list, start]: readonly Vector[],
  lambdas: readonly LambdaBody[],
  { region, rowCount }: CallContext,
): Vector {
  const [merge, finish] = lambdas
  const elements = elementsOf(list!, region)
  let state: Vector = start!
  const rows = region.int32(rowCount)
  const at = region.int32(rowCount)
  for (let step = 0; ; step++) {
    let count = 0
    for (let row = 0; row < rowCount; row++) {
      const element = elements.offsets[row]! + step
      if (element >= elements.offsets[row + 1]!) continue
      rows[count] = row
      at[count++] = element
    }
    if (count === 0) break
    const current = rows.slice(0, count)
    const inputs = [take(state, current, count, region), take(elements.values, at, count, region)]
    const merged = merge!.apply(inputs, count, current)
    const source = region.int32(rowCount)
    for (let row = 0; row < rowCount; row++) source[row] = row
    for (let i = 0; i < count; i++) source[current[i]!] = rowCount + i
    state = take(concat([state, merged], region), source, rowCount, region)
  }
  const all = region.int32(rowCount)
  for (let row = 0; row < rowCount; row++) all[row] = row
  const result = finish === undefined ? state : finish.apply([state], rowCount, all)
  if (list!.validity === null) return result
  for (let row = 0; row < rowCount; row++) if (!getBit(list!.validity, row)) all[row] = -1
  return take(flatten(result, region), all, rowCount, region)
}
