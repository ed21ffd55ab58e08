import type { StreamLag, StreamOffset } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import type { BatchRange, BatchRecord, CommitRecord, StateFiles } from './checkpoint.ts'
import type { LoopParts } from './loop-parts.ts'
import type { Trigger } from './trigger.ts'

/** Batches that a checkpoint keeps beyond the last one, for `millrace stream replay`. */
const KEPT_BATCHES = 100
/** Every so many batches the whole state is written instead of its changes. */
export const SNAPSHOT_EVERY = 20

/**
 * Runs batch after batch until it is told to stop, its trigger has no more, or one fails. A loop over the
 * same checkpoint, whenever its process died, goes on where the other was: see decision 0022 for the six
 * steps.
 */
export class MicroBatchLoop {
  readonly #parts: LoopParts
  /** Where the next batch begins, by source. */
  #offsets: readonly StreamOffset[] = []
  #nextBatchId = 0
  #watermark: bigint | null = null
  #eventTimes: Record<string, bigint> = {}
  /** State files by batch since the last snapshot, that one first. */
  #state: StateFiles[][] = []
  #oldestKept = 0
  /** The watermark that the last batch ran with. */
  #ranWith: string | null = null

  constructor(parts: LoopParts) {
    this.#parts = parts
  }

  /** Resolves when the trigger has no more batches or the signal fires; throws when a batch fails. */
  async run(trigger: Trigger, signal: AbortSignal): Promise<void> {
    const unfinished = await this.#recover()
    if (unfinished !== null) await this.#runBatch(unfinished, signal, 0)
    const { clock } = this.#parts
    let nextMs = clock.nowMs()
    while (!signal.aborted) {
      const began = clock.nowMs()
      const ranges = await this.#nextRanges()
      const hasRows = ranges.some(({ from, to }) => !sameOffset(from, to))
      if (hasRows) await this.#runBatch(this.#newBatch(ranges, false), signal, clock.nowMs() - began)
      else if (trigger.kind === 'availableNow')
        return await this.#drain(ranges, trigger.closesWindows, signal)
      else if (this.#watermarkHasMoved()) await this.#runBatch(this.#newBatch(ranges, false), signal, 0)
      else await this.#wait(ranges, signal)
      if (trigger.kind === 'once') return
      if (trigger.kind !== 'interval') continue
      nextMs = Math.max(nextMs + trigger.intervalMs, clock.nowMs())
      await clock.sleep(nextMs - clock.nowMs(), signal)
    }
  }

  /** Rows that sources have and that were not read yet. */
  async lag(): Promise<Readonly<Record<string, StreamLag>>> {
    const lags: Record<string, StreamLag> = {}
    for (const [index, source] of this.#parts.sources.entries()) {
      const from = this.#offsets[index]
      if (from !== undefined) lags[source.name] = await source.lag(from)
    }
    return lags
  }

  /** Reads the checkpoint; gives the batch that was begun and not finished, if there is one. */
  async #recover(): Promise<BatchRecord | null> {
    const { checkpoint, sources } = this.#parts
    const begun = await checkpoint.batchIds()
    const over = await checkpoint.commitIds()
    const last = over.at(-1)
    this.#oldestKept = begun[0] ?? 0
    if (last !== undefined) await this.#takeOver(last)
    const unfinished = begun.at(-1)
    if (unfinished !== undefined && unfinished !== (last ?? -1)) {
      if (unfinished !== (last ?? -1) + 1)
        throw new EngineError('CHECKPOINT_CORRUPT', `batches between ${last} and ${unfinished} are missing`)
      return (await checkpoint.batch(unfinished))!
    }
    if (last === undefined) this.#offsets = await Promise.all(sources.map((source) => source.initialOffset()))
    return null
  }

  /** Goes on after a batch that is over. */
  async #takeOver(last: number): Promise<void> {
    const { checkpoint } = this.#parts
    const [record, commit] = [await checkpoint.batch(last), await checkpoint.commit(last)]
    if (record === null || commit === null)
      throw new EngineError('CHECKPOINT_CORRUPT', `the offsets of batch ${last} are missing`)
    this.#offsets = record.ranges.map(({ to }) => to)
    this.#nextBatchId = last + 1
    this.#ranWith = record.watermarkMicros
    this.#watermark = commit.watermarkMicros === null ? null : BigInt(commit.watermarkMicros)
    for (const [key, micros] of Object.entries(commit.eventTimes)) this.#eventTimes[key] = BigInt(micros)
    const state: StateFiles[][] = [[...commit.state]]
    for (let id = last - 1; state[0]!.some(({ isSnapshot }) => !isSnapshot) && id >= 0; id--) {
      const before = await checkpoint.commit(id)
      if (before === null) break
      state.unshift([...before.state])
    }
    this.#state = state
  }

  async #nextRanges(): Promise<readonly BatchRange[]> {
    const to = await Promise.all(
      this.#parts.sources.map((source, index) => source.nextOffset(this.#offsets[index]!)),
    )
    return to.map((offset, index) => ({ from: this.#offsets[index]!, to: offset }))
  }

  #newBatch(ranges: readonly BatchRange[], isLast: boolean): BatchRecord {
    const { clock, statePartitions } = this.#parts
    return {
      batchId: this.#nextBatchId,
      ranges,
      nowMicros: String(clock.wallMicros()),
      randomSeed: clock.randomSeed(),
      watermarkMicros: isLast ? END_OF_TIME : textOf(this.#watermark),
      previousMicros: this.#ranWith,
      statePartitions,
      isLast,
    }
  }

  async #runBatch(batch: BatchRecord, signal: AbortSignal, offsetsMs: number): Promise<void> {
    const { checkpoint, clock, sources, nextWatermark, onProgress } = this.#parts
    const startMs = clock.nowMs()
    if ((await checkpoint.batch(batch.batchId)) === null) await checkpoint.writeBatch(batch)
    const runMs = clock.nowMs()
    const outcome = await this.#parts.runBatch(batch, this.#state, signal)
    const commitMs = clock.nowMs()
    for (const [key, micros] of Object.entries(outcome.eventTimes))
      if (micros > (this.#eventTimes[key] ?? -(2n ** 63n))) this.#eventTimes[key] = micros
    const watermark = nextWatermark(this.#eventTimes, this.#watermark)
    const commit: CommitRecord = {
      batchId: batch.batchId,
      watermarkMicros: textOf(watermark),
      eventTimes: Object.fromEntries(
        Object.entries(this.#eventTimes).map(([key, micros]) => [key, String(micros)]),
      ),
      state: outcome.state,
    }
    await checkpoint.writeCommit(commit)
    this.#ranWith = batch.watermarkMicros
    this.#watermark = watermark
    this.#offsets = batch.ranges.map(({ to }) => to)
    this.#nextBatchId = batch.batchId + 1
    this.#keepState(outcome.state)
    for (const [index, source] of sources.entries()) await source.release(this.#offsets[index]!)
    await this.#clean()
    onProgress({
      batchId: batch.batchId,
      wallMicros: clock.wallMicros(),
      ranges: batch.ranges,
      watermarkMicros: watermark,
      outcome,
      phases: {
        offsetsMs: offsetsMs + runMs - startMs,
        planAndRunMs: commitMs - runMs,
        commitMs: clock.nowMs() - commitMs,
      },
    })
  }

  /** A batch without rows lets go of what the watermark has closed since the last one. */
  #watermarkHasMoved(): boolean {
    return this.#parts.hasTimers && this.#watermark !== null && textOf(this.#watermark) !== this.#ranWith
  }

  /** All is read: one batch more gives what the watermark has closed, or closes everything. */
  async #drain(ranges: readonly BatchRange[], closesAll: boolean, signal: AbortSignal): Promise<void> {
    if (!this.#parts.hasTimers || this.#nextBatchId === 0) return
    if (!closesAll) {
      if (this.#watermarkHasMoved()) await this.#runBatch(this.#newBatch(ranges, false), signal, 0)
      return
    }
    const last = await this.#parts.checkpoint.batch(this.#nextBatchId - 1)
    if (last?.isLast === true) return
    await this.#runBatch(this.#newBatch(ranges, true), signal, 0)
  }

  async #wait(ranges: readonly BatchRange[], signal: AbortSignal): Promise<void> {
    const waiting = new AbortController()
    const stop = (): void => waiting.abort()
    signal.addEventListener('abort', stop, { once: true })
    try {
      await Promise.race(
        this.#parts.sources.map((source, index) =>
          source.waitForMore(ranges[index]!.from, IDLE_MS, waiting.signal),
        ),
      )
    } finally {
      stop()
      signal.removeEventListener('abort', stop)
    }
  }

  #keepState(state: readonly StateFiles[]): void {
    if (state.length === 0) return
    if (state.every(({ isSnapshot }) => isSnapshot)) this.#state = [[...state]]
    else this.#state.push([...state])
  }

  /** Now and then, what neither a recovery nor a replay of a late batch needs. */
  async #clean(): Promise<void> {
    const oldest = this.#nextBatchId - KEPT_BATCHES
    if (oldest <= this.#oldestKept || oldest % SNAPSHOT_EVERY !== 0) return
    const { checkpoint } = this.#parts
    const needed = new Set<string>()
    let first = oldest
    // The state of the oldest batch kept may begin with a snapshot before it.
    for (let id = oldest; id >= 0; id--) {
      const commit = await checkpoint.commit(id)
      if (commit === null) break
      first = id
      if (commit.state.every(({ isSnapshot }) => isSnapshot)) break
    }
    for (let id = first; id < this.#nextBatchId; id++)
      for (const { files } of (await checkpoint.commit(id))?.state ?? [])
        for (const file of files) if (file !== null) needed.add(file)
    await checkpoint.clean(first, needed)
    this.#oldestKept = oldest
  }
}

/** All time: the last batch of a run that drains closes every window. */
const END_OF_TIME = String(2n ** 63n - 1n)

function textOf(micros: bigint | null): string | null {
  return micros === null ? null : String(micros)
}

/** A query looks again for rows after this time, even if its sources say nothing. */
const IDLE_MS = 1000

/** Offsets are JSON whose keys a source always writes in the same order. */
export function sameOffset(a: StreamOffset, b: StreamOffset): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
