import { EngineError } from '../errors.ts'
import { callerOf, guarded, iterableOf } from './call-function.ts'
import { CHUNK_VALUES, type Chunk } from './chunk-codec.ts'
import { collect, type PartitionStep } from './chunks.ts'
import { type FusedLoop, fusedLoop, type LoopOutput, type LoopStep } from './fused-loop.ts'
import { HeapMeter } from './heap-meter.ts'
import { cartesian, cogroup, combineAll, combineParts, group, starter } from './key-steps.ts'
import { KeyTable } from './key-table.ts'
import { ordered, sampleKeys, sortPairs } from './order-steps.ts'
import { aggregate, countValues, reduce, stats, takeFirst } from './partition-steps.ts'
import { randomNumbers } from './random.ts'
import type { LoadFunction, UserTask } from './run-program.ts'
import { saveChunks } from './save-chunks.ts'
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

/**
 * The steps as one. Runs of steps that look at one value at a time become one loop, the combining of pairs
 * that follows them too.
 */
export async function compileSteps(steps: readonly Step[], context: StepContext): Promise<PartitionStep> {
  const compiled: PartitionStep[] = []
  let run: LoopStep[] = []
  const flush = (): void => {
    if (run.length > 0) compiled.push(overChunks(fusedLoop(run)))
    run = []
  }
  for (const step of steps) {
    if (step.kind === 'combine') {
      const loop = fusedLoop([...run, await combineStep(step, context)])
      const takesOwn = run.length === 0 && step.start.kind === 'value'
      compiled.push(
        step.isPartial === true ? combineParts(loop, context.task) : combineAll(loop, takesOwn, context.task),
      )
      run = []
      continue
    }
    const one = await loopStep(step, context)
    if (one !== null) run.push(one)
    else {
      flush()
      const chunk = chunkStep(step, context)
      compiled.push(chunk === null ? await partitionStep(step, context) : chunkwise(chunk))
    }
  }
  flush()
  return (chunks) => compiled.reduce((input, each) => each(input), chunks)
}

/** One value at a time; null if the step is no such one. */
async function loopStep(step: Step, { load }: StepContext): Promise<LoopStep | null> {
  switch (step.kind) {
    case 'map':
    case 'filter':
    case 'flatMap':
    case 'mapValues':
    case 'flatMapValues':
    case 'keyBy':
    case 'foreach':
      return { kind: step.kind, fn: await load(step.fn) }
    case 'keys':
    case 'values':
      return { kind: step.kind }
    case 'pairWith':
      if (step.what === 'itself') return { kind: 'pairWithItself' }
      return { kind: step.what === 'one' ? 'pairWithOne' : 'pairWithNull' }
    default:
      return null
  }
}

async function combineStep(
  { start, merge }: Step & { readonly kind: 'combine' },
  { load }: StepContext,
): Promise<LoopStep> {
  const first = start.kind === 'value' ? null : await load(start.fn)
  const into = typeof merge === 'string' ? merge : await load(merge)
  return { kind: 'combine', first, begin: starter(start, first), merge: into }
}

/** One chunk out of each chunk in. */
function overChunks(loop: FusedLoop): PartitionStep {
  const table = new KeyTable() // Nothing goes there.
  return async function* run(chunks) {
    for await (const { values } of chunks) {
      const output: LoopOutput = { values: [], table }
      loop(values, output)
      if (output.values.length > 0) yield { side: 0, values: output.values }
    }
  }
}

function chunkwise(step: ChunkStep): PartitionStep {
  return async function* run(chunks) {
    for await (const { values } of chunks) {
      const out = step(values)
      if (out.length > 0) yield { side: 0, values: out }
    }
  }
}

/** Steps without functions of the user. */
function chunkStep(step: Step, { partition }: StepContext): ChunkStep | null {
  switch (step.kind) {
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

async function partitionStep(step: Step, { partition, task, load }: StepContext): Promise<PartitionStep> {
  switch (step.kind) {
    case 'mapPartitions':
      return mapPartitions(await load(step.fn), partition, task)
    case 'glom':
      return (chunks) => glom(chunks, task)
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
    case 'group':
      return group(task)
    case 'cogroup':
      return cogroup(step.sides, step.result, task)
    case 'cartesian':
      return cartesian(task)
    case 'sort':
      return sortPairs(step.descending, task)
    case 'takeOrdered':
      return (chunks) => ordered(chunks, step.count, step.descending)
    case 'sampleKeys':
      return (chunks) => sampleKeys(chunks, step.size, step.seed + partition)
    case 'saveText':
      return (chunks) => saveText(chunks, step.folder, partition, task)
    case 'saveChunks':
      return (chunks) => saveChunks(chunks, step.folder, partition, task)
    default:
      throw new EngineError('INTERNAL_ERROR', `step ${step.kind} has no code`)
  }
}

/** All values as one. */
async function* glom(chunks: AsyncIterable<Chunk>, task: UserTask): AsyncIterable<Chunk> {
  const meter = new HeapMeter(task.createRegion())
  try {
    yield { side: 0, values: [await collect(chunks, meter)] }
  } finally {
    meter.free()
  }
}

function mapPartitions(fn: LoadedFunction, partition: number, task: UserTask): PartitionStep {
  return async function* run(chunks) {
    const meter = new HeapMeter(task.createRegion())
    try {
      const values = await collect(chunks, meter)
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
    } finally {
      meter.free()
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
