import { EngineError } from '../errors.ts'
import { callerOf, guarded, isTrue, iterableOf } from './call-function.ts'
import { CHUNK_VALUES } from './chunk-codec.ts'
import { collect, type PartitionStep } from './chunks.ts'
import { cartesian, cogroup, combine, group } from './key-steps.ts'
import { ordered, sampleKeys, sortPairs } from './order-steps.ts'
import { aggregate, countValues, reduce, stats, takeFirst } from './partition-steps.ts'
import { keyOfPair } from './program-writer.ts'
import { randomNumbers } from './random.ts'
import type { LoadFunction, UserTask } from './run-program.ts'
import { saveText } from './save-text.ts'
import type { LoadedFunction } from './shipped-function.ts'
import type { Step } from './user-program.ts'

/** What steps are compiled with. */
export interface StepContext {
  readonly partition: number
  readonly task: UserTask
  readonly load: LoadFunction
}

/** A step that looks at one chunk at a time. */
type ChunkStep = (values: readonly unknown[]) => unknown[]

/** The steps as one: runs of chunk steps are fused, each a loop over an array. */
export async function compileSteps(steps: readonly Step[], context: StepContext): Promise<PartitionStep> {
  const compiled: PartitionStep[] = []
  let fused: ChunkStep[] = []
  const flush = (): void => {
    if (fused.length > 0) compiled.push(fuse(fused))
    fused = []
  }
  for (const step of steps) {
    const one = await compileStep(step, context)
    if (one.kind === 'chunk') fused.push(one.run)
    else {
      flush()
      compiled.push(one.run)
    }
  }
  flush()
  return (chunks) => compiled.reduce((input, run) => run(input), chunks)
}

function fuse(steps: readonly ChunkStep[]): PartitionStep {
  return async function* run(chunks) {
    for await (const chunk of chunks) {
      let values: unknown[] = chunk.values
      for (const step of steps) {
        if (values.length === 0) break
        values = step(values)
      }
      if (values.length > 0) yield { side: 0, values }
    }
  }
}

type Compiled =
  | { readonly kind: 'chunk'; readonly run: ChunkStep }
  | { readonly kind: 'partition'; readonly run: PartitionStep }

async function compileStep(step: Step, context: StepContext): Promise<Compiled> {
  const run = chunkStep(step, context)
  if (run !== null) return { kind: 'chunk', run }
  if (!('fn' in step)) return { kind: 'partition', run: await partitionStep(step, context) }
  const fn = await context.load(step.fn)
  const loop = userStep(step.kind, fn, context)
  if (loop !== null) return { kind: 'chunk', run: guarded(fn, loop) }
  return { kind: 'partition', run: await partitionStep(step, context) }
}

/** Steps without functions of the user. */
function chunkStep(step: Step, { partition }: StepContext): ChunkStep | null {
  switch (step.kind) {
    case 'keys':
      return (values) => values.map(keyOfPair)
    case 'values':
      return (values) => values.map(valueOfPair)
    case 'pairWith':
      if (step.what === 'itself') return (values) => values.map((value) => [value, value])
      return (values) => values.map((value) => [value, step.what === 'one' ? 1 : null])
    case 'zipWithIndex': {
      let next = step.starts[partition] ?? 0
      return (values) => values.map((value) => [value, next++])
    }
    case 'sample':
      return sampler(step.fraction, step.seed + partition, step.replacement)
    default:
      return null
  }
}

function valueOfPair(pair: unknown): unknown {
  keyOfPair(pair)
  return (pair as readonly unknown[])[1]
}

/** Loops that call a function of the user for each value; null if the kind is no such loop. */
function userStep(kind: Step['kind'], fn: LoadedFunction, context: StepContext): ChunkStep | null {
  const call = callerOf(fn)
  switch (kind) {
    case 'map':
      return (values) => {
        const out = new Array<unknown>(values.length)
        for (let i = 0; i < values.length; i++) out[i] = call(values[i])
        return out
      }
    case 'filter':
      return (values) => {
        const out: unknown[] = []
        for (let i = 0; i < values.length; i++) if (isTrue(call(values[i]))) out.push(values[i])
        return out
      }
    case 'flatMap':
      return (values) => {
        const out: unknown[] = []
        for (let i = 0; i < values.length; i++) for (const one of iterableOf(call(values[i]))) out.push(one)
        return out
      }
    case 'mapValues':
      return (values) => values.map((pair) => [keyOfPair(pair), call(valueOfPair(pair))])
    case 'flatMapValues':
      return (values) => {
        const out: unknown[] = []
        for (const pair of values)
          for (const one of iterableOf(call(valueOfPair(pair)))) out.push([keyOfPair(pair), one])
        return out
      }
    case 'keyBy':
      return (values) => values.map((value) => [call(value), value])
    case 'foreach':
      return (values) => {
        for (let i = 0; i < values.length; i++) call(values[i])
        context.task.checkCancelled()
        return []
      }
    default:
      return null
  }
}

async function partitionStep(step: Step, { partition, task, load }: StepContext): Promise<PartitionStep> {
  switch (step.kind) {
    case 'mapPartitions':
      return mapPartitions(await load(step.fn), partition, task)
    case 'glom':
      return async function* glom(chunks) {
        yield { side: 0, values: [await collect(chunks)] }
      }
    case 'take':
      return (chunks) => takeFirst(chunks, step.count)
    case 'count':
      return countValues
    case 'reduce':
      return reduce(await load(step.fn))
    case 'aggregate':
      return aggregate(step.zero, await load(step.fn))
    case 'stats':
      return stats
    case 'combine': {
      const first = step.start.kind === 'value' ? null : await load(step.start.fn)
      const merge = typeof step.merge === 'string' ? step.merge : await load(step.merge)
      return combine(step.start, first, merge)
    }
    case 'group':
      return group
    case 'cogroup':
      return (chunks) => cogroup(chunks, step.sides, step.result)
    case 'cartesian':
      return cartesian
    case 'sort':
      return (chunks) => sortPairs(chunks, step.descending)
    case 'takeOrdered':
      return (chunks) => ordered(chunks, step.count, step.descending)
    case 'sampleKeys':
      return (chunks) => sampleKeys(chunks, step.size, step.seed + partition)
    case 'saveText':
      return (chunks) => saveText(chunks, step.folder, partition, task)
    default:
      throw new EngineError('INTERNAL_ERROR', `step ${step.kind} has no code`)
  }
}

function mapPartitions(fn: LoadedFunction, partition: number, task: UserTask): PartitionStep {
  return async function* run(chunks) {
    const values = await collect(chunks)
    const call = callerOf(fn)
    const start = guarded(fn, () => piecesOf(iterableOf(call(values[Symbol.iterator](), partition))))
    const next = guarded(fn, (pieces: Iterator<unknown[], undefined>) => pieces.next())
    const pieces = start(undefined)
    for (;;) {
      const piece = next(pieces)
      if (piece.done === true) return
      task.checkCancelled()
      yield { side: 0, values: piece.value }
    }
  }
}

function* piecesOf(values: Iterable<unknown>): Generator<unknown[], undefined> {
  let piece: unknown[] = []
  for (const value of values) {
    if (piece.push(value) < CHUNK_VALUES) continue
    yield piece
    piece = []
  }
  if (piece.length > 0) yield piece
  return undefined
}

/**
 * Keeps values by chance, the same for the same seed. With replacement a value comes a Poisson number of
 * times.
 */
function sampler(fraction: number, seed: number, replacement: boolean): ChunkStep {
  const random = randomNumbers(seed)
  if (!replacement) return (values) => values.filter(() => random() < fraction)
  const none = Math.exp(-fraction)
  return (values) => {
    const out: unknown[] = []
    for (const value of values) for (let p = random(); p > none; p *= random()) out.push(value)
    return out
  }
}
