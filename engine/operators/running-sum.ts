import { type FixedVector, fixedVector, flatten, getBit, halvesOf, type Vector } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import { types } from '../types/index.ts'

/**
 * sum or avg as doubles over frames that begin with the partition, added in the order of rows as a reader
 * would: a tree of sums would differ in the last digits.
 */
export function runningDouble(
  name: 'sum' | 'avg',
  arg: Vector,
  partitionStarts: Int32Array,
  frameEnds: Int32Array,
  region: Region,
): Vector {
  const flat = flatten(arg, region) as FixedVector
  const { validity } = flat
  const rowCount = arg.length
  const values = asDoubles(flat, region)
  const out = region.float64(rowCount)
  const present = region.bitmap(rowCount)
  let [sum, count, next] = [0, 0, 0]
  for (let i = 0; i < rowCount; i++) {
    if (partitionStarts[i] === i) [sum, count, next] = [0, 0, i]
    for (; next < frameEnds[i]!; next++) {
      if (validity !== null && !getBit(validity, next)) continue
      sum += values[next]!
      count++
    }
    out[i] = name === 'sum' ? sum : sum / count
    if (count > 0) present[i >> 3]! |= 1 << (i & 7)
  }
  return fixedVector(types.float64, rowCount, out, present)
}

function asDoubles(flat: FixedVector, region: Region): Float64Array {
  const { values, length } = flat
  if (values instanceof Float64Array) return values
  const out = region.float64(length)
  if (values instanceof BigInt64Array) {
    const halves = halvesOf(values)
    for (let i = 0; i < length; i++) out[i] = halves[2 * i + 1]! * 0x1_0000_0000 + (halves[2 * i]! >>> 0)
  } else for (let i = 0; i < length; i++) out[i] = (values as Int32Array)[i]!
  return out
}
