import {
  constantVector,
  type ListVector,
  readValue,
  type StructVector,
  take,
  type Vector,
  valueReader,
} from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { type DataType, isInteger, types, type Value } from '../../types/index.ts'
import type { CallContext, ScalarFunction, Signature } from '../scalar-function.ts'
import { checkCount, int32, mismatch } from '../signature.ts'
import { valueOrder } from './compare-values.ts'
import { keyType, listOf } from './nested-types.ts'
import { anyNull, operandOf } from './operand.ts'

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: true } as const

/** Members of structs, items of lists, values of maps, and how many there are. */
export const nestedAccessFunctions: readonly ScalarFunction[] = [
  {
    ...plain,
    name: 'getfield',
    usage: 'struct.field - the member of a struct, by its place from 0',
    mayFail: false,
    resolve: (args, literals) => {
      const [struct] = args
      const field = struct?.kind === 'struct' ? struct.fields[Number(literals[1])] : undefined
      if (field === undefined) throw mismatch('getfield', args, 'a struct and the place of a field')
      return { args, returns: field.type }
    },
    evaluate: member,
  },
  {
    ...plain,
    name: 'getitem',
    usage: 'array[index], map[key] - the element at an index from 0, the value of a key',
    resolve: (args) => itemSignature('getitem', args),
    evaluate: (args, call) => item(args, call, 0, true),
  },
  {
    ...plain,
    name: 'element_at',
    usage: 'element_at(array, index), element_at(map, key) - the element at an index from 1, or the value',
    resolve: (args) => itemSignature('element_at', args),
    evaluate: (args, call) => item(args, call, 1, true),
  },
  {
    ...plain,
    name: 'try_element_at',
    usage: 'try_element_at(array, index), try_element_at(map, key) - element_at, NULL where there is none',
    resolve: (args) => itemSignature('try_element_at', args),
    evaluate: (args, call) => item(args, call, 1, false),
  },
  {
    ...plain,
    name: 'get',
    usage: 'get(array, index) - the element at an index from 0, NULL where there is none',
    mayFail: false,
    resolve: (args) => {
      checkCount('get', args.length, 2)
      const list = listOf('get', args)
      return { args: [list, int32.accept(args[1]!) ?? types.int32], returns: list.element }
    },
    evaluate: (args, call) => item(args, call, 0, false),
  },
  {
    ...plain,
    name: 'size',
    aliases: ['cardinality'],
    usage: 'size(array or map) - how many elements there are; NULL of NULL',
    mayFail: false,
    resolve: (args) => {
      checkCount('size', args.length, 1)
      const [type] = args
      if (!['list', 'map', 'null'].includes(type!.kind)) throw mismatch('size', args, 'an array or a map')
      return { args, returns: types.int32 }
    },
    bind: () => (values: readonly Value[]) => values.length,
  },
]

function itemSignature(name: string, args: readonly DataType[]): Signature {
  checkCount(name, args.length, 2)
  const [from, index] = args
  if (from!.kind === 'list' && (isInteger(index!) || index!.kind === 'null' || name === 'getitem'))
    return { args: [from!, types.int32], returns: from!.element }
  if (from!.kind === 'map') {
    const key = keyType(name, from!, index!)
    return { args: [{ ...from!, key }, key], returns: from!.value }
  }
  throw mismatch(name, args, 'an array and an index, or a map and a key')
}

function member([struct, place]: readonly Vector[], { rowCount, region, returns }: CallContext): Vector {
  const ordinal = readValue(place!, 0) as number
  if (struct!.encoding !== 'constant') return (struct as StructVector).children[ordinal]!
  const members = readValue(struct!, 0) as readonly Value[] | null
  return constantVector(returns, members?.[ordinal] ?? null, rowCount, region)
}

/**
 * `base` is the first index; from 1 on negative ones count from the end. `strict` refuses places that are
 * none.
 */
function item(args: readonly Vector[], call: CallContext, base: 0 | 1, strict: boolean): Vector {
  const [from] = args
  return from!.type.kind === 'map' ? valueOf(args, call) : elementOf(args, call, base, strict)
}

function elementOf(
  args: readonly Vector[],
  { rowCount, region }: CallContext,
  base: 0 | 1,
  strict: boolean,
): Vector {
  const [from, at] = args
  const constant = from!.encoding === 'constant'
  // A constant keeps its one row in a vector of its own; lists have one encoding.
  const list = (from!.encoding === 'constant' ? from!.value : from) as ListVector
  const places = operandOf<Int32Array>(at!)
  const indices = region.int32(rowCount)
  for (let row = 0; row < rowCount; row++) {
    indices[row] = -1
    if (anyNull(args, row)) continue
    const source = constant ? 0 : row
    const start = list.offsets[source]!
    const length = list.offsets[source + 1]! - start
    const place = places.values[row * places.step]!
    if (base === 1 && place === 0) throw zeroIndex()
    const index = base === 0 ? place : place > 0 ? place - 1 : length + place
    if (index >= 0 && index < length) indices[row] = start + index
    else if (strict) throw outside(place, length, base)
  }
  return take(list.child, indices, rowCount, region)
}

function valueOf(args: readonly Vector[], { rowCount, region }: CallContext): Vector {
  const [from, key] = args
  const constant = from!.encoding === 'constant'
  const map = (from!.encoding === 'constant' ? from!.value : from) as ListVector
  const entries = map.child as StructVector
  const compare = valueOrder(key!.type)
  const readKey = valueReader(entries.children[0]!)
  const readWanted = valueReader(key!)
  const indices = region.int32(rowCount)
  for (let row = 0; row < rowCount; row++) {
    indices[row] = -1
    if (anyNull(args, row)) continue
    const wanted = readWanted(row)
    const source = constant ? 0 : row
    for (let at = map.offsets[source]!; at < map.offsets[source + 1]!; at++) {
      if (compare(readKey(at), wanted) !== 0) continue
      indices[row] = at
      break
    }
  }
  return take(entries.children[1]!, indices, rowCount, region)
}

/** The error for index 0 where indices count from 1. */
export function zeroIndex(): EngineError {
  return new EngineError(
    'INVALID_INDEX_OF_ZERO',
    'the index 0 is invalid: an index is less than 0 or at least 1',
  )
}

function outside(place: number, length: number, base: 0 | 1): EngineError {
  return new EngineError(
    base === 0 ? 'INVALID_ARRAY_INDEX' : 'INVALID_ARRAY_INDEX_IN_ELEMENT_AT',
    `the index ${place} is outside of an array with ${length} elements`,
    {
      hint: `Use ${base === 0 ? '"get"' : '"try_element_at"'} to get NULL instead.`,
    },
  )
}
