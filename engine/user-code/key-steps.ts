import { callerOf, guarded } from './call-function.ts'
import { CHUNK_VALUES, type Chunk, unpackValue } from './chunk-codec.ts'
import { inChunks, type PartitionStep } from './chunks.ts'
import { keyOfPair } from './program-writer.ts'
import type { LoadedFunction } from './shipped-function.ts'
import type { CogroupResult, CombineStart } from './user-program.ts'
import { identityOf } from './value-key.ts'

type Pair = [unknown, unknown]

/** Keys that one table holds before it is given on; the reader combines again. */
const MAX_KEYS = 1 << 20

/** One pair a key: the values of equal keys combined. */
export function combine(
  start: CombineStart,
  first: LoadedFunction | null,
  merge: LoadedFunction | 'add' | 'first',
): PartitionStep {
  const begin = starter(start, first)
  const join = merge === 'add' ? add : merge === 'first' ? keep : callerOf(merge)
  const named = typeof merge === 'string' ? first : merge
  return async function* run(chunks) {
    const byKey = new Map<unknown, Pair>()
    const loop = (values: readonly unknown[]): void => {
      for (let i = 0; i < values.length; i++) {
        const key = keyOfPair(values[i])
        const value = (values[i] as Pair)[1]
        const identity = identityOf(key)
        const pair = byKey.get(identity)
        if (pair === undefined) byKey.set(identity, [key, begin(value)])
        else pair[1] = join(pair[1], value)
      }
    }
    const step = named === null ? loop : guarded(named, loop)
    for await (const { values } of chunks) {
      step(values)
      // Only the writer's side of a shuffle may give a key twice; there memory is bounded so.
      if (start.kind !== 'value' && byKey.size > MAX_KEYS) {
        yield* inChunks([...byKey.values()])
        byKey.clear()
      }
    }
    yield* inChunks([...byKey.values()])
  }
}

function starter(start: CombineStart, first: LoadedFunction | null): (value: unknown) => unknown {
  if (start.kind === 'value' || first === null) return (value) => value
  const call = callerOf(first)
  if (start.kind === 'function') return (value) => call(value)
  const { zero } = start
  if (typeof zero !== 'object' || zero === null) return (value) => call(zero, value)
  return (value) => call(unpackValue(zero), value)
}

function add(a: unknown, b: unknown): unknown {
  return (a as number) + (b as number)
}

function keep(a: unknown): unknown {
  return a
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
