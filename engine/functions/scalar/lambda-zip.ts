import {
  flatten,
  isNull,
  type ListVector,
  listVector,
  type StructVector,
  setBit,
  structVector,
  take,
  type Vector,
  valueReader,
} from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { type DataType, mapEntryType } from '../../types/index.ts'
import type { CallContext, LambdaBody } from '../scalar-function.ts'
import { valueKey } from './compare-values.ts'
import { type Elements, elementsOf } from './lambda-elements.ts'

type MapType = Extract<DataType, { kind: 'map' }>

/** zip_with: element by element, the shorter list filled with NULL. */
export function zipWith(
  [a, b]: readonly Vector[],
  [body]: readonly LambdaBody[],
  { region, rowCount, returns }: CallContext,
): Vector {
  const left = elementsOf(a!, region)
  const right = elementsOf(b!, region)
  const size = ({ offsets }: Elements, row: number) => offsets[row + 1]! - offsets[row]!
  const offsets = region.int32(rowCount + 1)
  const validity = region.bitmap(rowCount)
  let count = 0
  for (let row = 0; row < rowCount; row++) {
    offsets[row] = count
    if (isNull(a!, row) || isNull(b!, row)) continue
    setBit(validity, row)
    count += Math.max(size(left, row), size(right, row))
  }
  offsets[rowCount] = count
  const rows = region.int32(count)
  const fromLeft = region.int32(count)
  const fromRight = region.int32(count)
  for (let row = 0; row < rowCount; row++)
    for (let at = offsets[row]!, i = 0; at < offsets[row + 1]!; at++, i++) {
      rows[at] = row
      fromLeft[at] = i < size(left, row) ? left.offsets[row]! + i : -1
      fromRight[at] = i < size(right, row) ? right.offsets[row]! + i : -1
    }
  const inputs = [
    take(flatten(left.values, region), fromLeft, count, region),
    take(flatten(right.values, region), fromRight, count, region),
  ]
  return listVector(returns, rowCount, offsets, body!.apply(inputs, count, rows), validity)
}

/** The map whose entries `make` gives for keys, values and what the lambda made of them. */
export function mapEntries(
  map: Vector,
  body: LambdaBody,
  { region, returns }: CallContext,
  make: (key: Vector, value: Vector, result: Vector) => readonly Vector[],
): ListVector {
  const elements = elementsOf(map, region)
  const entries = flatten(elements.values, region) as StructVector
  const [key, value] = entries.children
  const result = body.apply([key!, value!], elements.count, elements.rows)
  const child = structVector(mapEntryType(returns as MapType), elements.count, make(key!, value!, result))
  return listVector(returns, map.length, elements.offsets, child, map.validity)
}

/** The map itself, after checking that no key is NULL or there twice. */
export function checkKeys(map: ListVector): Vector {
  const keys = (map.child as StructVector).children[0]!
  const read = valueReader(keys)
  for (let row = 0; row < map.length; row++) {
    if (isNull(map, row)) continue
    const seen = new Set<unknown>()
    for (let at = map.offsets[row]!; at < map.offsets[row + 1]!; at++) {
      const key = read(at)
      if (key === null) throw new EngineError('INVALID_ARGUMENT', 'a key of a map cannot be NULL')
      const text = valueKey(key)
      if (seen.has(text))
        throw new EngineError('DUPLICATED_MAP_KEY', `the key ${String(text)} is twice in a map`)
      seen.add(text)
    }
  }
  return map
}
