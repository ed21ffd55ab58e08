import { randomUUID } from 'node:crypto'
import type { FileSystem, StreamLag } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { inputsOf, type LogicalPlan } from '../../sql/plan/index.ts'
import { BatchRunner, type StreamTarget } from './batch-runner.ts'
import { boundSource, pause, sourceName, streamScans } from './bound-source.ts'
import { Checkpoint, type QueryMetadata } from './checkpoint.ts'
import type { BatchProgress, LoopClock } from './loop-parts.ts'
import { MicroBatchLoop } from './micro-batch.ts'
import type { StreamEngine } from './stream-engine.ts'
import type { Trigger } from './trigger.ts'

/** How a query is set up. */
export interface StreamOptions {
  readonly name: string
  readonly plan: LogicalPlan
  readonly outputMode: 'append' | 'update' | 'complete'
  readonly trigger: Trigger
  readonly target: StreamTarget
  readonly checkpointPath: string
  readonly fileSystem: FileSystem
  /** Partitions of the state; a query that was started before keeps what it had. */
  readonly statePartitions: number
  /** Where rows that come too late go; null: nowhere. */
  readonly late: { readonly sink: string; readonly options: Readonly<Record<string, string>> } | null
}

/** Progress that is kept, newest last. */
const KEPT_PROGRESS = 100

/** A streaming query that runs until it is stopped, ends by itself, or fails. */
export class StreamingQuery {
  readonly name: string
  readonly #loop: MicroBatchLoop
  readonly #runner: BatchRunner
  readonly #abort = new AbortController()
  readonly #progress: BatchProgress[] = []
  readonly #listeners = new Set<(progress: BatchProgress) => void>()
  readonly #ended: Promise<void>
  #id: string
  #error: unknown = null
  #isActive = true

  private constructor(name: string, id: string, loop: MicroBatchLoop, runner: BatchRunner, trigger: Trigger) {
    this.name = name
    this.#id = id
    this.#loop = loop
    this.#runner = runner
    this.#ended = this.#run(trigger)
    this.#ended.catch(() => {}) // Whoever waits hears of it.
  }

  /** Reads or makes the checkpoint and begins. */
  static async start(options: StreamOptions, engine: StreamEngine): Promise<StreamingQuery> {
    const { plan, name, outputMode, target, checkpointPath, fileSystem } = options
    const scans = streamScans(plan)
    if (scans.length === 0)
      throw new EngineError('UNSUPPORTED_FEATURE', 'a query without a stream cannot be written as one', {
        hint: 'Read a stream with session.readStream, or write with df.write.',
      })
    if (outputMode === 'complete' && countAggregates(plan) === 0)
      throw unsupported('output mode "complete" without groups', 'Choose "append".')
    checkPlan(plan, outputMode)
    const checkpoint = new Checkpoint(fileSystem, checkpointPath)
    const { queryId } = await openMetadata(checkpoint, options)
    const last = (await checkpoint.batchIds()).at(-1)
    const before = last === undefined ? null : await checkpoint.batch(last)
    const runner = new BatchRunner({
      engine,
      plan,
      queryId,
      outputMode,
      target,
      checkpointPath: checkpoint.path,
      late: options.late,
      label: name,
    })
    let query: StreamingQuery | null = null
    const delays = delaysOf(plan)
    const loop = new MicroBatchLoop({
      checkpoint,
      sources: scans.map((scan) => boundSource(scan, engine)),
      clock: realClock,
      runBatch: (batch, state, signal) => runner.run(batch, state, signal),
      nextWatermark: (times, old) => nextWatermark(times, old, delays),
      hasTimers: delays.length > 0,
      statePartitions: before?.statePartitions ?? options.statePartitions,
      onProgress: (progress) => query?.noteProgress(progress),
    })
    query = new StreamingQuery(name, queryId, loop, runner, options.trigger)
    return query
  }

  /** The same over all restarts from one checkpoint. */
  get id(): string {
    return this.#id
  }

  get isActive(): boolean {
    return this.#isActive
  }

  /** Why it ended, if it failed; else null. */
  get exception(): unknown {
    return this.#error
  }

  get lastProgress(): BatchProgress | null {
    return this.#progress.at(-1) ?? null
  }

  get recentProgress(): readonly BatchProgress[] {
    return this.#progress
  }

  /** Rows that its sources have and that it has not read. */
  async lag(): Promise<Readonly<Record<string, StreamLag>>> {
    return await this.#loop.lag()
  }

  /** Hears of every batch from now on; gives what takes that back. */
  onProgress(listener: (progress: BatchProgress) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when the query has ended; throws what it failed with. */
  async awaitTermination(): Promise<void> {
    await this.#ended
  }

  /** Resolves when all that is there now has been read and written. */
  async processAllAvailable(): Promise<void> {
    while (this.#isActive) {
      const lags = Object.values(await this.#loop.lag())
      const rows = lags.flatMap(({ partitions }) => Object.values(partitions))
      if (lags.length > 0 && rows.every((count) => count === 0)) return
      await pause(5, this.#abort.signal)
    }
    await this.#ended
  }

  /** Ends the query; a batch that runs is cancelled, and done again at the next start. */
  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#ended.catch(() => {})
  }

  /** For the loop. */
  noteProgress(progress: BatchProgress): void {
    this.#progress.push(progress)
    if (this.#progress.length > KEPT_PROGRESS) this.#progress.shift()
    for (const listener of this.#listeners) listener(progress)
  }

  async #run(trigger: Trigger): Promise<void> {
    try {
      await this.#loop.run(trigger, this.#abort.signal)
    } catch (error) {
      if (!this.#abort.signal.aborted) {
        this.#error = error
        throw error
      }
    } finally {
      this.#isActive = false
      this.#runner.close(this.lastProgress?.batchId ?? -1)
    }
  }
}

const realClock: LoopClock = {
  nowMs: () => performance.now(),
  wallMicros: () => BigInt(Date.now()) * 1000n,
  randomSeed: () => Math.floor(Math.random() * 2 ** 31),
  sleep: pause,
}

/** The metadata of the checkpoint, made if there is none; CONFIG_INVALID if it is that of another query. */
async function openMetadata(
  checkpoint: Checkpoint,
  { plan, outputMode }: StreamOptions,
): Promise<QueryMetadata> {
  const sources = streamScans(plan).map(sourceName)
  const known = await checkpoint.metadata()
  if (known === null) {
    const metadata: QueryMetadata = {
      formatVersion: 1,
      queryId: randomUUID(),
      sources,
      operators: operatorsOf(plan),
      outputMode,
    }
    await checkpoint.writeMetadata(metadata)
    return metadata
  }
  const differs = (what: string, before: string, now: string): EngineError =>
    new EngineError(
      'CONFIG_INVALID',
      `the query has other ${what} than that of checkpoint "${checkpoint.path}"`,
      {
        hint: `There: ${before}. Here: ${now}. Run the query as it was, or choose a new checkpoint.`,
      },
    )
  const [before, now] = [known.sources.join(', '), sources.join(', ')]
  if (before !== now) throw differs('sources', before, now)
  const [kept, wanted] = [known.operators.join('; '), operatorsOf(plan).join('; ')]
  if (kept !== wanted) throw differs('state', kept || 'none', wanted || 'none')
  return known
}

/** What the state of each stateful operator is made of. */
function operatorsOf(plan: LogicalPlan): string[] {
  const below = inputsOf(plan).flatMap(operatorsOf)
  if (plan.kind !== 'Aggregate' || streamScans(plan).length === 0) return below
  const keys = plan.keys.map(({ column }) => `${column.name} ${column.type.kind}`)
  const calls = plan.calls.map(
    ({ call }) => `${call.name}(${call.args.map(({ type }) => type.kind).join(', ')})`,
  )
  return [...below, `group by ${keys.join(', ')} of ${calls.join(', ')}`]
}

/** Delays of the plan's watermarks, in the order of planning: inputs first, left to right. */
function delaysOf(plan: LogicalPlan): bigint[] {
  const below = inputsOf(plan).flatMap(delaysOf)
  return plan.kind === 'Watermark' ? [...below, plan.delayMicros] : below
}

/** The least over all watermarks and their partitions; it never goes back. */
function nextWatermark(
  times: Readonly<Record<string, bigint>>,
  before: bigint | null,
  delays: readonly bigint[],
): bigint | null {
  let least: bigint | null = null
  const seen = new Set<number>()
  for (const [key, newest] of Object.entries(times)) {
    const watermark = Number(key.split('/')[0])
    seen.add(watermark)
    const own = newest - (delays[watermark] ?? 0n)
    if (least === null || own < least) least = own
  }
  if (least === null || seen.size < delays.length) return before
  return before !== null && before > least ? before : least
}

/** UNSUPPORTED_FEATURE for what has no meaning over a stream. */
function checkPlan(plan: LogicalPlan, outputMode: StreamOptions['outputMode']): void {
  const isOver = inputsOf(plan).some((input) => streamScans(input).length > 0)
  if (isOver && (plan.kind === 'Sort' || plan.kind === 'Limit') && outputMode !== 'complete')
    throw unsupported(
      plan.kind === 'Sort' ? 'sorting' : 'LIMIT',
      'Choose output mode "complete", or leave it out.',
    )
  if (isOver && plan.kind === 'Window')
    throw unsupported('window functions', 'Group by window(time, duration) instead.')
  if (plan.kind === 'Join' && streamScans(plan.left).length > 0 && streamScans(plan.right).length > 0)
    throw unsupported('joins of two streams', 'Join the stream with a table, or write one of them first.')
  const below = plan.kind === 'Aggregate' ? 'append' : outputMode
  for (const input of inputsOf(plan)) checkPlan(input, below)
}

function countAggregates(plan: LogicalPlan): number {
  const own = plan.kind === 'Aggregate' ? 1 : 0
  return inputsOf(plan).reduce((sum, input) => sum + countAggregates(input), own)
}

function unsupported(what: string, hint: string): EngineError {
  return new EngineError('UNSUPPORTED_FEATURE', `${what} over a stream`, { hint })
}
