import { CHUNK_VALUES, type Chunk } from './chunk-codec.ts'
import { collect, inChunks } from './chunks.ts'
import { keyOfPair } from './program-writer.ts'
import { randomNumbers } from './random.ts'
import { compareKeys } from './value-key.ts'

type Pair = readonly [unknown, unknown]

/** Pairs by key; equal keys stay in order. */
export async function* sortPairs(chunks: AsyncIterable<Chunk>, descending: boolean): AsyncIterable<Chunk> {
  const pairs = (await collect(chunks)) as Pair[]
  if (pairs.length > 0) keyOfPair(pairs[0])
  yield* inChunks(pairs.sort(pairOrder(descending)))
}

/** The first `count` pairs by key; memory for a few times as many. */
export async function* ordered(
  chunks: AsyncIterable<Chunk>,
  count: number,
  descending: boolean,
): AsyncIterable<Chunk> {
  const order = pairOrder(descending)
  let best: Pair[] = []
  for await (const { values } of chunks) {
    for (const value of values) best.push(value as Pair)
    if (best.length > 2 * count + CHUNK_VALUES) best = best.sort(order).slice(0, count)
  }
  yield* inChunks(best.sort(order).slice(0, count))
}

/** Compares pairs by key. */
export function pairOrder(descending: boolean): (a: Pair, b: Pair) => number {
  return descending ? (a, b) => compareKeys(b[0], a[0]) : (a, b) => compareKeys(a[0], b[0])
}

/** A reservoir of keys, and how many there were: one [keys, count]. */
export async function* sampleKeys(
  chunks: AsyncIterable<Chunk>,
  size: number,
  seed: number,
): AsyncIterable<Chunk> {
  const random = randomNumbers(seed)
  const keys: unknown[] = []
  let count = 0
  for await (const { values } of chunks) {
    for (const pair of values) {
      const at = count < size ? count : Math.floor(random() * (count + 1))
      if (at < size) keys[at] = keyOfPair(pair)
      count++
    }
  }
  yield { side: 0, values: [[keys, count]] }
}
