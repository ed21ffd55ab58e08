import {
  fixedVector,
  isNull,
  type ListVector,
  listVector,
  take,
  type Vector,
  valueReader,
} from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { type DataType, types } from '../../types/index.ts'

/** The elements of all lists that are not NULL, one after the other. */
export interface Elements {
  readonly values: Vector
  readonly count: number
  /** Row of the batch that each element belongs to. */
  readonly rows: Int32Array
  /** Where the elements of each row begin; one more for the end. */
  readonly offsets: Int32Array
}

/** The elements of a list or map vector. */
export function elementsOf(vector: Vector, region: Region): Elements {
  // The interpreter flattens arguments of higher-order functions.
  const list = vector as ListVector
  const offsets = region.int32(list.length + 1)
  let count = 0
  for (let row = 0; row < list.length; row++) {
    offsets[row] = count
    if (!isNull(list, row)) count += list.offsets[row + 1]! - list.offsets[row]!
  }
  offsets[list.length] = count
  const rows = region.int32(count)
  const children = region.int32(count)
  for (let row = 0; row < list.length; row++)
    for (let at = offsets[row]!, child = list.offsets[row]!; at < offsets[row + 1]!; at++, child++) {
      rows[at] = row
      children[at] = child
    }
  return { values: take(list.child, children, count, region), count, rows, offsets }
}

/** Index of each element in its list. */
export function positions({ count, rows, offsets }: Elements, region: Region): Vector {
  const out = region.int32(count)
  for (let at = 0; at < count; at++) out[at] = at - offsets[rows[at]!]!
  return fixedVector(types.int32, count, out)
}

/** Lists of the shape of another, over other elements. */
export function asList(type: DataType, list: Vector, { offsets }: Elements, child: Vector): Vector {
  return listVector(type, list.length, offsets, child, list.validity)
}

/** The elements whose row of `matches` is TRUE. */
export function keep(
  type: DataType,
  list: Vector,
  elements: Elements,
  values: Vector,
  matches: Vector,
  region: Region,
): Vector {
  const isTrue = valueReader(matches)
  const offsets = region.int32(list.length + 1)
  const kept = region.int32(elements.count)
  let count = 0
  for (let row = 0; row < list.length; row++) {
    offsets[row] = count
    for (let at = elements.offsets[row]!; at < elements.offsets[row + 1]!; at++)
      if (isTrue(at) === true) kept[count++] = at
  }
  offsets[list.length] = count
  return listVector(type, list.length, offsets, take(values, kept, count, region), list.validity)
}
