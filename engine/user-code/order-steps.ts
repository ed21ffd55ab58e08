import { CHUNK_VALUES, type Chunk } from './chunk-codec.ts'
import { inChunks, type PartitionStep } from './chunks.ts'
import { HeapMeter } from './heap-meter.ts'
import { keyOfPair } from './program-writer.ts'
import { randomNumbers } from './random.ts'
import type { UserTask } from './run-program.ts'
import { compareKeys } from './value-key.ts'
import { type SpilledChunks, ValueSpill } from './value-spill.ts'

type Pair = readonly [unknown, unknown]

/** Pairs by key; equal keys stay in order. Runs of sorted pairs go to disk if memory does not hold all. */
export function sortPairs(descending: boolean, task: UserTask): PartitionStep {
  const order = pairOrder(descending)
  return async function* run(chunks) {
    const meter = new HeapMeter(task.createRegion())
    const runs: SpilledChunks[] = []
    let spill: ValueSpill | null = null
    let pairs: Pair[] = []
    try {
      for await (const { values } of chunks) {
        if (values.length > 0) keyOfPair(values[0])
        for (const value of values) pairs.push(value as Pair)
        meter.add(values)
        if (!meter.isLarge) continue
        spill ??= new ValueSpill(task)
        runs.push([])
        spill.write(pairs.sort(order), 0, runs.at(-1)!)
        pairs = []
        meter.clear()
      }
      pairs.sort(order)
      if (spill === null) yield* inChunks(pairs)
      else yield* mergeRuns([...runs.map((each) => spill!.read(each)), inChunks(pairs)], order)
    } finally {
      meter.free()
      spill?.free()
    }
  }
}

/** Sorted runs as one; of equal pairs those of earlier runs come first. */
function* mergeRuns(runs: readonly Iterable<Chunk>[], order: (a: Pair, b: Pair) => number): Iterable<Chunk> {
  const heads = runs.map((run) => new RunHead(run)).filter((head) => head.next())
  let out: unknown[] = []
  try {
    while (heads.length > 0) {
      let least = 0
      for (let i = 1; i < heads.length; i++) if (order(heads[i]!.pair, heads[least]!.pair) < 0) least = i
      out.push(heads[least]!.pair)
      if (!heads[least]!.next()) heads.splice(least, 1)
      if (out.length < CHUNK_VALUES) continue
      yield { side: 0, values: out }
      out = []
    }
    if (out.length > 0) yield { side: 0, values: out }
  } finally {
    for (const head of heads) head.close()
  }
}

/** The next pair of a run. */
class RunHead {
  readonly #chunks: Iterator<Chunk>
  #values: readonly unknown[] = []
  #position = -1

  constructor(run: Iterable<Chunk>) {
    this.#chunks = run[Symbol.iterator]()
  }

  get pair(): Pair {
    return this.#values[this.#position] as Pair
  }

  /** Goes on to the next one; false: there is none. */
  next(): boolean {
    while (++this.#position >= this.#values.length) {
      const { done, value } = this.#chunks.next()
      if (done === true) return false
      this.#values = value.values
      this.#position = -1
    }
    return true
  }

  close(): void {
    this.#chunks.return?.()
  }
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
