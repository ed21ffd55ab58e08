import { commonTypeOf, type DataType, listType, structType, types, type Value } from '../../types/index.ts'
import type { ScalarFunction, Signature } from '../scalar-function.ts'
import { checkCount, mismatch } from '../signature.ts'
import { valueKey, valueOrder } from './compare-values.ts'
import { elementType, listOf } from './nested-types.ts'

type List = readonly Value[]

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: false } as const

/**
 * What is in arrays, and arrays as sets. Sets keep the order in which elements first come; NULL equals NULL.
 */
export const arraySearchFunctions: readonly ScalarFunction[] = [
  {
    ...plain,
    name: 'array_contains',
    usage:
      'array_contains(array, value) - whether the value is an element; NULL if it is not but there is a NULL',
    resolve: (args) => search('array_contains', args, types.boolean),
    bind: ({ argTypes }) => {
      const order = valueOrder(argTypes[1]!)
      return (list: List, value: Value) =>
        list.some((element) => element !== null && order(element, value) === 0) ||
        (list.includes(null) ? null : false)
    },
  },
  {
    ...plain,
    name: 'array_position',
    usage: 'array_position(array, value) - place of the first equal element, from 1; 0 if none',
    resolve: (args) => search('array_position', args, types.int64, true),
    bind: ({ argTypes }) => {
      const order = valueOrder(argTypes[1]!)
      return (list: List, value: Value) =>
        BigInt(list.findIndex((element) => element !== null && order(element, value) === 0) + 1)
    },
  },
  extreme('array_max', 1, 'the greatest'),
  extreme('array_min', -1, 'the least'),
  {
    ...plain,
    name: 'array_size',
    usage: 'array_size(array) - how many elements there are',
    resolve: (args) => {
      checkCount('array_size', args.length, 1)
      return { args: [listOf('array_size', args)], returns: types.int32 }
    },
    bind: () => (list: List) => list.length,
  },
  {
    ...plain,
    name: 'array_distinct',
    usage: 'array_distinct(array) - every element once',
    resolve: (args) => {
      checkCount('array_distinct', args.length, 1)
      return { args: [listOf('array_distinct', args)], returns: listOf('array_distinct', args) }
    },
    bind: () => (list: List) => distinct(list, new Set()),
  },
  setFunction('array_union', 'the elements of either array, each once', (a, b) =>
    distinct([...a, ...b], new Set()),
  ),
  setFunction(
    'array_except',
    'the elements of the first array that are not in the second, each once',
    (a, b) => distinct(a, new Set(b.map(keyOf))),
  ),
  setFunction('array_intersect', 'the elements that are in both arrays, each once', (a, b) => {
    const both = new Set(b.map(keyOf))
    return distinct(
      a.filter((element) => both.has(keyOf(element))),
      new Set(),
    )
  }),
  {
    ...plain,
    name: 'arrays_overlap',
    usage: 'arrays_overlap(a, b) - whether they share an element; NULL if not but one has a NULL',
    resolve: (args) => ({ ...twoLists('arrays_overlap', args), returns: types.boolean }),
    bind: () => (a: List, b: List) => {
      const left = new Set(a.map(keyOf))
      if (b.some((element) => element !== null && left.has(keyOf(element)))) return true
      return a.length > 0 && b.length > 0 && (a.includes(null) || b.includes(null)) ? null : false
    },
  },
  {
    ...plain,
    name: 'arrays_zip',
    usage: 'arrays_zip(a, b, ...) - an array of structs of the elements at each place',
    resolve: (args) => {
      const lists = args.map((_, index) => listOf('arrays_zip', args, index))
      const fields = lists.map(({ element }, index) => ({
        name: String(index),
        type: element,
        nullable: true,
      }))
      return { args: lists, returns: listType(structType(fields)) }
    },
    bind:
      () =>
      (...lists: readonly List[]) =>
        Array.from({ length: Math.max(0, ...lists.map((list) => list.length)) }, (_, at) =>
          lists.map((list) => list[at] ?? null),
        ),
  },
]

const NULL_KEY = Symbol('NULL')

function keyOf(value: Value): unknown {
  return value === null ? NULL_KEY : valueKey(value)
}

function distinct(list: List, seen: Set<unknown>): List {
  return list.filter((element) => {
    const key = keyOf(element)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

function search(name: string, args: readonly DataType[], returns: DataType, allowNull = false): Signature {
  checkCount(name, args.length, 2)
  if (args[0]!.kind !== 'list' || (!allowNull && args[1]!.kind === 'null'))
    throw mismatch(name, args, 'an array and a value')
  const element = elementType(name, listOf(name, args), args[1]!)
  return { args: [listType(element), element], returns }
}

function extreme(name: string, sign: number, which: string): ScalarFunction {
  return {
    ...plain,
    name,
    usage: `${name}(array) - ${which} element, leaving out NULL`,
    resolve: (args) => {
      checkCount(name, args.length, 1)
      return { args: [listOf(name, args)], returns: listOf(name, args).element }
    },
    bind: ({ returns }) => {
      const order = valueOrder(returns)
      return (list: List) => {
        let best: Value = null
        for (const element of list)
          if (element !== null && (best === null || sign * order(element, best) > 0)) best = element
        return best
      }
    },
  }
}

function twoLists(name: string, args: readonly DataType[]): Signature {
  checkCount(name, args.length, 2)
  for (const index of args.keys()) listOf(name, args, index)
  const common = commonTypeOf(args)
  if (common === undefined) throw mismatch(name, args, 'two arrays of one type')
  return { args: [common, common], returns: common }
}

function setFunction(name: string, text: string, combine: (a: List, b: List) => List): ScalarFunction {
  return {
    ...plain,
    name,
    usage: `${name}(a, b) - ${text}`,
    resolve: (args) => twoLists(name, args),
    bind: () => combine,
  }
}
