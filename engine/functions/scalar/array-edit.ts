import { EngineError } from '../../errors.ts'
import { type DataType, listType, types, type Value } from '../../types/index.ts'
import type { ScalarFunction, Signature } from '../scalar-function.ts'
import { checkCount, int32, mismatch, signature, string } from '../signature.ts'
import { valueOrder } from './compare-values.ts'
import { zeroIndex } from './nested-access.ts'
import { elementType, listOf } from './nested-types.ts'

type List = readonly Value[]

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: false } as const

/** Arrays with elements added, taken out, cut or put together. */
export const arrayEditFunctions: readonly ScalarFunction[] = [
  {
    ...plain,
    name: 'array_append',
    usage: 'array_append(array, value) - the array with the value at its end',
    nulls: 'custom',
    resolve: (args) => withElement('array_append', args),
    bind: () => (list: List | null, value: Value) => list && [...list, value],
  },
  {
    ...plain,
    name: 'array_prepend',
    usage: 'array_prepend(array, value) - the array with the value at its start',
    nulls: 'custom',
    resolve: (args) => withElement('array_prepend', args),
    bind: () => (list: List | null, value: Value) => list && [value, ...list],
  },
  {
    ...plain,
    name: 'array_insert',
    usage:
      'array_insert(array, position, value) - with the value at a position from 1, negative from the end',
    nulls: 'custom',
    mayFail: true,
    resolve: (args) => {
      checkCount('array_insert', args.length, 3)
      const list = listType(elementType('array_insert', listOf('array_insert', args), args[2]!))
      const position = int32.accept(args[1]!)
      if (position === undefined) throw mismatch('array_insert', args, 'an array, a position and a value')
      return { args: [list, position, elementOf(list)], returns: list }
    },
    bind: () => (list: List | null, position: number | null, value: Value) =>
      list === null || position === null ? null : insert(list, position, value),
  },
  {
    ...plain,
    name: 'array_remove',
    usage: 'array_remove(array, value) - the array without elements equal to the value',
    resolve: (args) => withElement('array_remove', args),
    bind: ({ argTypes }) => {
      const order = valueOrder(argTypes[1]!)
      return (list: List, value: Value) =>
        list.filter((element) => element === null || order(element, value) !== 0)
    },
  },
  {
    ...plain,
    name: 'array_compact',
    usage: 'array_compact(array) - the array without NULL',
    resolve: oneList('array_compact'),
    bind: () => (list: List) => list.filter((element) => element !== null),
  },
  {
    ...plain,
    name: 'array_repeat',
    usage: 'array_repeat(value, count) - an array of the value so many times',
    nulls: 'custom',
    resolve: (args) => {
      checkCount('array_repeat', args.length, 2)
      const count = int32.accept(args[1]!)
      if (count === undefined) throw mismatch('array_repeat', args, 'a value and a count')
      return { args: [args[0]!, count], returns: listType(args[0]!) }
    },
    bind: () => (value: Value, count: number | null) =>
      count === null ? null : new Array<Value>(Math.max(0, count)).fill(value),
  },
  {
    ...plain,
    name: 'slice',
    usage: 'slice(array, start, length) - so many elements from a start from 1; negative counts from the end',
    mayFail: true,
    resolve: (args) => {
      checkCount('slice', args.length, 3)
      const list = listOf('slice', args)
      const numbers = args.slice(1).map((type) => int32.accept(type))
      if (numbers.includes(undefined)) throw mismatch('slice', args, 'an array, a start and a length')
      return { args: [list, types.int32, types.int32], returns: list }
    },
    bind: () => slice,
  },
  {
    ...plain,
    name: 'flatten',
    usage: 'flatten(array of arrays) - the elements of the arrays one after the other; NULL if one is NULL',
    resolve: (args) => {
      checkCount('flatten', args.length, 1)
      const { element } = listOf('flatten', args)
      if (element.kind !== 'list') throw mismatch('flatten', args, 'an array of arrays')
      return { args, returns: element }
    },
    bind: () => (list: readonly (List | null)[]) =>
      list.includes(null) ? null : list.flatMap((inner) => inner!),
  },
  {
    ...plain,
    name: 'shuffle',
    usage: 'shuffle(array) - the elements in random order',
    volatility: 'volatile',
    resolve: oneList('shuffle'),
    bind: () => shuffled,
  },
  {
    ...plain,
    name: 'array_join',
    usage: 'array_join(array, delimiter[, null text]) - the elements as one text',
    resolve: (args) => {
      listOf('array_join', args)
      const [, ...texts] = signature('array_join', [string, string, string], types.string, { min: 2 })(
        [types.string, ...args.slice(1)],
        [],
      ).args
      return { args: [listType(types.string), ...texts], returns: types.string }
    },
    bind: () => (list: List, delimiter: string, nullText?: string) =>
      list
        .filter((element) => nullText !== undefined || element !== null)
        .map((element) => element ?? nullText)
        .join(delimiter),
  },
]

function elementOf(list: DataType): DataType {
  return list.kind === 'list' ? list.element : list
}

function oneList(name: string): ScalarFunction['resolve'] {
  return (args) => {
    checkCount(name, args.length, 1)
    const list = listOf(name, args)
    return { args: [list], returns: list }
  }
}

/** An array and a value, both of the common type. */
function withElement(name: string, args: readonly DataType[]): Signature {
  checkCount(name, args.length, 2)
  if (args[0]!.kind === 'null') throw mismatch(name, args, 'an array')
  const element = elementType(name, listOf(name, args), args[1]!)
  return { args: [listType(element), element], returns: listType(element) }
}

/** Places beyond the ends are reached by NULLs. */
function insert(list: List, position: number, value: Value): List {
  if (position === 0) throw zeroIndex()
  const nulls = (count: number) => new Array<Value>(Math.max(0, count)).fill(null)
  if (position > 0) {
    const at = position - 1
    return [...list.slice(0, at), ...nulls(at - list.length), value, ...list.slice(at)]
  }
  const at = list.length + position + 1
  if (at < 0) return [value, ...nulls(-at), ...list]
  return [...list.slice(0, at), value, ...list.slice(at)]
}

function slice(list: List, start: number, length: number): List {
  if (start === 0)
    throw new EngineError('INVALID_PARAMETER_VALUE', 'the start of a slice cannot be 0: places count from 1')
  if (length < 0)
    throw new EngineError('INVALID_PARAMETER_VALUE', `the length of a slice cannot be ${length}`)
  const from = start > 0 ? start - 1 : list.length + start
  return from < 0 ? [] : list.slice(from, from + length)
}

function shuffled(list: List): List {
  const out = [...list]
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    const kept = out[i]!
    out[i] = out[j]!
    out[j] = kept
  }
  return out
}
