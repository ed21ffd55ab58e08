import { callerOf } from './call-function.ts'
import { CHUNK_VALUES, type Chunk, unpackValue } from './chunk-codec.ts'
import { inChunks, type PartitionStep } from './chunks.ts'
import type { FusedLoop } from './fused-loop.ts'
import { HeapMeter } from './heap-meter.ts'
import { heldByKey, type PairHolder } from './held-by-key.ts'
import { KeyTable } from './key-table.ts'
import { keyOfPair } from './program-writer.ts'
import type { UserTask } from './run-program.ts'
import type { LoadedFunction } from './shipped-function.ts'
import type { CogroupResult, CombineStart } from './user-program.ts'
import { identityOf } from './value-key.ts'
import { MAX_LEVELS } from './value-spill.ts'

type Pair = [unknown, unknown]

/** Keys that a table of a shuffle's writing side holds before it is given on; the reader combines again. */
const MAX_KEYS = 1 << 20

/**
 * One pair a key: a loop that ends with `combine` puts them into a table, which is given on when it is large.
 */
export function combineParts(loop: FusedLoop, task: UserTask): PartitionStep {
  return async function* run(chunks) {
    const meter = new HeapMeter(task.createRegion())
    const output = { values: [], table: new KeyTable() }
    try {
      for await (const { values } of chunks) {
        loop(values, output)
        meter.set(output.table.keys, output.table.values)
        if (output.table.keys.length <= MAX_KEYS && !meter.isLarge) continue
        yield* drained(output.table)
        meter.clear()
      }
      yield* drained(output.table)
    } finally {
      meter.free()
    }
  }
}

/**
 * The same over all pairs of a partition. `takesOwn`: the loop can take in the pairs that it gave, so that
 * they may go to disk.
 */
export function combineAll(loop: FusedLoop, takesOwn: boolean, task: UserTask): PartitionStep {
  const newHolder = (): PairHolder => {
    const output = { values: [], table: new KeyTable() }
    return {
      add: ({ values }) => loop(values, output),
      measure: (meter) => meter.set(output.table.keys, output.table.values),
      pairs: () => drained(output.table),
      results: () => drained(output.table),
    }
  }
  return (chunks) => heldByKey(chunks, newHolder, task, takesOwn ? 0 : MAX_LEVELS)
}

/** The pairs of a table, which is empty afterwards. */
function* drained(table: KeyTable): Iterable<Chunk> {
  const { keys, values } = table
  for (let from = 0; from < keys.length; from += CHUNK_VALUES) {
    const pairs: Pair[] = []
    const end = Math.min(keys.length, from + CHUNK_VALUES)
    for (let i = from; i < end; i++) pairs.push([keys[i], values[i]])
    yield { side: 0, values: pairs }
  }
  table.clear()
}

/** What a table begins with for a key's first value. */
export function starter(start: CombineStart, first: LoadedFunction | null): (value: unknown) => unknown {
  if (start.kind === 'value' || first === null) return (value) => value
  const call = callerOf(first)
  if (start.kind === 'function') return (value) => call(value)
  const { zero } = start
  if (typeof zero !== 'object' || zero === null) return (value) => call(zero, value)
  return (value) => call(unpackValue(zero), value)
}

/**
 * All values of each key, in order of arrival; keys in order of their first, as long as memory holds them.
 */
export function group(task: UserTask): PartitionStep {
  const newHolder = (): PairHolder => {
    const byKey = new Map<unknown, [unknown, unknown[]]>()
    return {
      add({ values }) {
        for (const pair of values) {
          const key = keyOfPair(pair)
          const identity = identityOf(key)
          const known = byKey.get(identity)
          if (known === undefined) byKey.set(identity, [key, [(pair as Pair)[1]]])
          else known[1].push((pair as Pair)[1])
        }
      },
      measure: (meter, { values }) => meter.add(values),
      *pairs() {
        for (const [key, values] of byKey.values()) yield* pairsOf(key, values, 0)
      },
      results: () => inChunks([...byKey.values()]),
    }
  }
  return (chunks) => heldByKey(chunks, newHolder, task)
}

function* pairsOf(key: unknown, values: readonly unknown[], side: number): Iterable<Chunk> {
  for (const { values: some } of inChunks(values)) yield { side, values: some.map((value) => [key, value]) }
}

/** Values of several inputs brought together by key. */
export function cogroup(sides: number, result: CogroupResult, task: UserTask): PartitionStep {
  const newHolder = (): PairHolder => {
    const byKey = new Map<unknown, { readonly key: unknown; readonly groups: unknown[][] }>()
    return {
      add({ side, values }) {
        for (const pair of values) {
          const key = keyOfPair(pair)
          const identity = identityOf(key)
          let entry = byKey.get(identity)
          if (entry === undefined) {
            entry = { key, groups: Array.from({ length: sides }, () => []) }
            byKey.set(identity, entry)
          }
          entry.groups[side]!.push((pair as Pair)[1])
        }
      },
      measure: (meter, { values }) => meter.add(values),
      *pairs() {
        for (const { key, groups } of byKey.values())
          for (const [side, values] of groups.entries()) yield* pairsOf(key, values, side)
      },
      *results() {
        let out: unknown[] = []
        for (const { key, groups } of byKey.values()) {
          for (const row of rowsOf(key, groups, result)) {
            if (out.push(row) < CHUNK_VALUES) continue
            yield { side: 0, values: out }
            out = []
          }
        }
        if (out.length > 0) yield { side: 0, values: out }
      },
    }
  }
  return (chunks) => heldByKey(chunks, newHolder, task)
}

const NOTHING: readonly unknown[] = [null]

function* rowsOf(key: unknown, groups: readonly unknown[][], result: CogroupResult): Iterable<unknown> {
  const [left = [], right = []] = groups
  switch (result) {
    case 'groups':
      yield [key, groups]
      return
    case 'intersection':
      if (left.length > 0 && right.length > 0) yield key
      return
    case 'subtract':
      if (right.length === 0) for (const value of left) yield [key, value]
      return
    default: {
      const keepLeft = result === 'left' || result === 'full'
      const keepRight = result === 'right' || result === 'full'
      const lefts = left.length === 0 && keepRight ? NOTHING : left
      const rights = right.length === 0 && keepLeft ? NOTHING : right
      for (const a of lefts) for (const b of rights) yield [key, [a, b]]
    }
  }
}

/** Every value of side 0 with every value of side 1. */
export function cartesian(task: UserTask): PartitionStep {
  return async function* run(chunks) {
    const meter = new HeapMeter(task.createRegion())
    try {
      const sides: [unknown[], unknown[]] = [[], []]
      for await (const { side, values } of chunks) {
        meter.add(values)
        for (const value of values) sides[side === 0 ? 0 : 1].push(value)
      }
      for (const left of sides[0]) yield* inChunks(sides[1].map((right) => [left, right]))
    } finally {
      meter.free()
    }
  }
}
