import { EngineError } from '../errors.ts'
import { callerOf, guarded } from './call-function.ts'
import { type Chunk, unpackValue } from './chunk-codec.ts'
import type { PartitionStep } from './chunks.ts'
import type { LoadedFunction } from './shipped-function.ts'

/** The first `count` values; the input is not read further. */
export async function* takeFirst(chunks: AsyncIterable<Chunk>, count: number): AsyncIterable<Chunk> {
  let left = count
  if (left <= 0) return
  for await (const { values } of chunks) {
    yield { side: 0, values: values.slice(0, left) }
    left -= values.length
    if (left <= 0) return
  }
}

/** How many values. */
export async function* countValues(chunks: AsyncIterable<Chunk>): AsyncIterable<Chunk> {
  let count = 0
  for await (const { values } of chunks) count += values.length
  yield { side: 0, values: [count] }
}

/** All values made one; nothing if there are none. */
export function reduce(fn: LoadedFunction): PartitionStep {
  const call = callerOf(fn)
  return async function* run(chunks) {
    let result: unknown
    let any = false
    const step = guarded(fn, (values: readonly unknown[]) => {
      let i = 0
      if (!any) result = values[i++]
      for (; i < values.length; i++) result = call(result, values[i])
      any = true
    })
    for await (const { values } of chunks) if (values.length > 0) step(values)
    if (any) yield { side: 0, values: [result] }
  }
}

/** All values taken into one accumulator. */
export function aggregate(zero: unknown, fn: LoadedFunction): PartitionStep {
  const call = callerOf(fn)
  return async function* run(chunks) {
    let result = unpackValue(zero)
    const step = guarded(fn, (values: readonly unknown[]) => {
      for (let i = 0; i < values.length; i++) result = call(result, values[i])
    })
    for await (const { values } of chunks) step(values)
    yield { side: 0, values: [result] }
  }
}

/** One [count, mean, sum of squared differences, min, max, sum] (Welford's method). */
export async function* stats(chunks: AsyncIterable<Chunk>): AsyncIterable<Chunk> {
  let [count, mean, squares, min, max, sum] = [0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  for await (const { values } of chunks) {
    for (const value of values as readonly number[]) {
      if (typeof value !== 'number')
        throw new EngineError('DATATYPE_MISMATCH', `statistics need numbers, but there is a ${typeof value}`)
      count++
      const delta = value - mean
      mean += delta / count
      squares += delta * (value - mean)
      if (value < min) min = value
      if (value > max) max = value
      sum += value
    }
  }
  yield { side: 0, values: [[count, mean, squares, min, max, sum]] }
}
