import { callerOf } from './call-function.ts'
import { CHUNK_VALUES, type Chunk, unpackValue } from './chunk-codec.ts'
import { inChunks, type PartitionStep } from './chunks.ts'
import type { FusedLoop } from './fused-loop.ts'
import { KeyTable } from './key-table.ts'
import { keyOfPair } from './program-writer.ts'
import type { LoadedFunction } from './shipped-function.ts'
import type { CogroupResult, CombineStart } from './user-program.ts'
import { identityOf } from './value-key.ts'

type Pair = [unknown, unknown]

/** Keys that a table of a shuffle's writing side holds before it is given on; the reader combines again. */
const MAX_KEYS = 1 << 20

/** One pair a key: a loop that ends with `combine` puts them into a table. */
export function combineChunks(loop: FusedLoop, isPartial: boolean): PartitionStep {
  return async function* run(chunks) {
    const output = { values: [], table: new KeyTable() }
    for await (const { values } of chunks) {
      loop(values, output)
      if (isPartial && output.table.keys.length > MAX_KEYS) yield* drained(output.table)
    }
    yield* drained(output.table)
  }
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

/** All values of each key, in order of arrival; keys in order of their first. */
export async function* group(chunks: AsyncIterable<Chunk>): AsyncIterable<Chunk> {
  const byKey = new Map<unknown, [unknown, unknown[]]>()
  for await (const { values } of chunks) {
    for (const pair of values) {
      const key = keyOfPair(pair)
      const identity = identityOf(key)
      const known = byKey.get(identity)
      if (known === undefined) byKey.set(identity, [key, [(pair as Pair)[1]]])
      else known[1].push((pair as Pair)[1])
    }
  }
  yield* inChunks([...byKey.values()])
}

/** Values of several inputs brought together by key. */
export async function* cogroup(
  chunks: AsyncIterable<Chunk>,
  sides: number,
  result: CogroupResult,
): AsyncIterable<Chunk> {
  const byKey = new Map<unknown, { readonly key: unknown; readonly groups: unknown[][] }>()
  for await (const { side, values } of chunks) {
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
  }
  let out: unknown[] = []
  for (const { key, groups } of byKey.values()) {
    for (const row of rowsOf(key, groups, result)) {
      if (out.push(row) < CHUNK_VALUES) continue
      yield { side: 0, values: out }
      out = []
    }
  }
  if (out.length > 0) yield { side: 0, values: out }
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
export async function* cartesian(chunks: AsyncIterable<Chunk>): AsyncIterable<Chunk> {
  const sides: [unknown[], unknown[]] = [[], []]
  for await (const { side, values } of chunks)
    for (const value of values) sides[side === 0 ? 0 : 1].push(value)
  for (const left of sides[0]) yield* inChunks(sides[1].map((right) => [left, right]))
}
