import { flatten, listVector, take, type Vector, valueReader } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { types, type Value } from '../../types/index.ts'
import type { CallContext, LambdaBody, ScalarFunction } from '../scalar-function.ts'
import { boolean, checkCount, mismatch } from '../signature.ts'
import { valueOrder } from './compare-values.ts'
import { elementsOf } from './lambda-elements.ts'
import { listOf } from './nested-types.ts'

/** Arrays in order. */
export const arraySortFunctions: readonly ScalarFunction[] = [
  {
    name: 'array_sort',
    usage: 'array_sort(array[, (a, b) -> order]) - the elements in ascending order, or in that of the lambda',
    volatility: 'immutable',
    nulls: 'custom',
    mayFail: true,
    lambdaParameters: (_index, args) => {
      const { element } = listOf('array_sort', args)
      return [element, element]
    },
    resolve: (args) => {
      checkCount('array_sort', args.length, 1, 2)
      const list = listOf('array_sort', args)
      if (args.length === 1) return { args: [list], returns: list }
      if (args[1]!.kind !== 'int32')
        throw mismatch('array_sort', args, 'an array and a lambda that gives an int')
      return { args: [list, types.int32], returns: list }
    },
    bind: ({ returns }) => sorter(returns.kind === 'list' ? returns.element : returns, 1, false),
    evaluateLambda: sortByLambda,
  },
  {
    name: 'sort_array',
    usage:
      'sort_array(array[, ascending]) - the elements in order; NULL comes first when ascending, else last',
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: false,
    resolve: (args) => {
      checkCount('sort_array', args.length, 1, 2)
      const list = listOf('sort_array', args)
      if (args[1] !== undefined && boolean.accept(args[1]) === undefined)
        throw mismatch('sort_array', args, 'an array and a boolean')
      return { args: [list, ...args.slice(1).map(() => types.boolean)], returns: list }
    },
    bind: ({ returns }) => {
      const element = returns.kind === 'list' ? returns.element : returns
      const up = sorter(element, 1, true)
      const down = sorter(element, -1, false)
      return (list: readonly Value[], ascending = true) => (ascending ? up(list) : down(list))
    },
  },
]

function sorter(element: Parameters<typeof valueOrder>[0], sign: number, nullsFirst: boolean) {
  const order = valueOrder(element)
  return (list: readonly Value[] | null): readonly Value[] | null => {
    if (list === null) return null
    const values = list.filter((value) => value !== null).sort((a, b) => sign * order(a, b))
    const nulls = new Array<Value>(list.length - values.length).fill(null)
    return nullsFirst ? [...nulls, ...values] : [...values, ...nulls]
  }
}

/** Two sorted runs that become one: [at, middle) and [from, end). */
interface Merge {
  at: number
  readonly middle: number
  from: number
  readonly end: number
  out: number
}

/** Merges runs of all lists side by side, so that the lambda is evaluated over many pairs at once. */
function sortByLambda(
  [list]: readonly Vector[],
  [body]: readonly LambdaBody[],
  { region, rowCount, returns }: CallContext,
): Vector {
  const elements = elementsOf(list!, region)
  const { offsets, count } = elements
  const values = flatten(elements.values, region)
  let order = Int32Array.from({ length: count }, (_, index) => index)
  let longest = 0
  for (let row = 0; row < rowCount; row++) longest = Math.max(longest, offsets[row + 1]! - offsets[row]!)
  for (let width = 1; width < longest; width *= 2) {
    const merged = order.slice()
    let active: Merge[] = []
    for (let row = 0; row < rowCount; row++)
      for (let start = offsets[row]!; start + width < offsets[row + 1]!; start += 2 * width) {
        const middle = start + width
        active.push({
          at: start,
          middle,
          from: middle,
          end: Math.min(offsets[row + 1]!, middle + width),
          out: start,
        })
      }
    while (active.length > 0) {
      const left = region.int32(active.length)
      const right = region.int32(active.length)
      const rows = region.int32(active.length)
      active.forEach(({ at, from }, index) => {
        left[index] = order[at]!
        right[index] = order[from]!
        rows[index] = elements.rows[order[at]!]!
      })
      const pair = [take(values, left, active.length, region), take(values, right, active.length, region)]
      const read = valueReader(body!.apply(pair, active.length, rows))
      active = active.filter((merge, index) => advance(merge, read(index), order, merged))
    }
    order = merged
  }
  const indices = region.int32(count)
  indices.set(order)
  const child = take(values, indices, count, region)
  return listVector(returns, rowCount, offsets, child, list!.validity)
}

/** Takes one element; whether both runs still have some. */
function advance(merge: Merge, compared: Value, order: Int32Array, merged: Int32Array): boolean {
  if (compared === null)
    throw new EngineError(
      'COMPARATOR_RETURNS_NULL',
      'the lambda of "array_sort" gave NULL for two elements',
      {
        hint: 'Let it give a negative number, 0 or a positive number in all cases.',
      },
    )
  merged[merge.out++] = order[(compared as number) <= 0 ? merge.at++ : merge.from++]!
  if (merge.at < merge.middle && merge.from < merge.end) return true
  while (merge.at < merge.middle) merged[merge.out++] = order[merge.at++]!
  while (merge.from < merge.end) merged[merge.out++] = order[merge.from++]!
  return false
}
