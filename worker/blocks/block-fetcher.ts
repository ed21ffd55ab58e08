import { setTimeout as pause } from 'node:timers/promises'
import { EngineError } from '../../engine/errors.ts'
import type { ShuffleBlock } from '../../engine/shuffle/index.ts'
import { Blocks } from '../../proto/cluster/index.ts'
import { MOST_RANGES } from './block-service.ts'
import { Budget } from './budget.ts'
import { Connections } from './connections.ts'
import { FetchFailedError, isWorthRetry } from './fetch-error.ts'
import type { BlockHolder, Wanted } from './fetch-request.ts'
import type { FetchSink } from './fetch-sink.ts'
import { missingBlockOf } from './missing-block.ts'

export interface BlockFetcherOptions {
  /** Secret of the session; null: the services ask for none. */
  readonly token: string | null
  /** Streams from one holder at once. */
  readonly streamsPerHolder?: number
  /** Bytes on their way to this process at once, over all streams. */
  readonly mostBytes?: number
  /** A stream that brings nothing for so long is given up. */
  readonly idleMs?: number
  /** How often a holder is asked in vain, with pauses that double from `pauseMs`, before the fetch fails. */
  readonly tries?: number
  readonly pauseMs?: number
  /** For the spread of pauses. */
  readonly random?: () => number
}

/** What one request asks for: ranges of one job from one holder. */
export interface FetchOrder {
  /** For the error: the stage, as the reader knows it. */
  readonly stageId: number
  readonly holder: BlockHolder
  readonly wanted: readonly Wanted[]
  /** See FetchRequest. */
  readonly waitMs: number
  /** As of BlockFetcherOptions, if there is another way. */
  readonly tries?: number
}

export interface FetchContext {
  readonly sink: FetchSink
  readonly signal: AbortSignal
}

/** Bytes of a stream that the network may hold for us. */
const WINDOW_BYTES = 4 << 20
/** What a stream takes of `mostBytes`: its window, and chunks that wait here. */
const STREAM_BYTES = 2 * WINDOW_BYTES
const MOST_PAUSE_MS = 5000

/** Fetches blocks from other processes: bounded in streams and bytes, with retries. One for a process. */
export class BlockFetcher {
  readonly #options: Required<Omit<BlockFetcherOptions, 'token'>>
  readonly #connections: Connections
  readonly #bytes: Budget

  constructor(options: BlockFetcherOptions) {
    this.#options = {
      streamsPerHolder: 4,
      mostBytes: 48 << 20,
      idleMs: 30_000,
      tries: 5,
      pauseMs: 200,
      random: Math.random,
      ...options,
    }
    this.#connections = new Connections(options.token, this.#options.streamsPerHolder, WINDOW_BYTES)
    this.#bytes = new Budget(this.#options.mostBytes)
  }

  /** The blocks of each range wanted. FetchFailedError when one of them cannot be had. */
  async fetch(order: FetchOrder, context: FetchContext): Promise<ShuffleBlock[][]> {
    const { wanted, tries: mostTries = this.#options.tries } = order
    const blocks: ShuffleBlock[][] = wanted.map(() => [])
    let done = 0
    for (let tries = 1; done < wanted.length; tries++) {
      const part = wanted.slice(done, done + MOST_RANGES)
      const attempt = new StreamAttempt(part.length)
      try {
        await this.#stream({ ...order, wanted: part }, context, attempt)
        attempt.end()
        tries = 0
      } catch (error) {
        context.signal.throwIfAborted()
        // Ranges before the one that was broken off are whole.
        if (attempt.done > 0) tries = 1
        const named = missingBlockOf(error)
        const failed = part.find(({ key }) => isNamed(key, named)) ?? part[attempt.done] ?? part[0]!
        if (attempt.localError !== null) throw attempt.localError
        if (named !== null || !isWorthRetry(error) || tries >= mostTries)
          throw new FetchFailedError(order.stageId, failed, error)
        await pause(this.#pauseMs(tries), undefined, { signal: context.signal })
      }
      for (let i = 0; i < attempt.done; i++) blocks[done + i] = attempt.blocks[i]!
      done += attempt.done
    }
    return blocks
  }

  close(): void {
    this.#connections.close()
  }

  async #stream(
    { holder, wanted, waitMs }: FetchOrder,
    { sink, signal }: FetchContext,
    attempt: StreamAttempt,
  ): Promise<void> {
    const [first] = wanted
    if (holder.address === '')
      throw new EngineError('CLUSTER_UNREACHABLE', `the holder "${holder.holderId}" is gone`)
    const used = this.#connections.use(holder)
    const gifts: (() => void)[] = [() => used.giveBack()]
    try {
      gifts.push(await used.streams.take(1, signal), await this.#bytes.take(STREAM_BYTES, signal))
      const stream = sink.open()
      gifts.push(() => stream.free())
      const idle = new IdleTimer(this.#options.idleMs + waitMs, signal)
      gifts.push(() => idle.end())
      const ranges = wanted.map(({ key, fromPartition, toPartition }) => ({
        stage: key.stageId,
        map: key.partition,
        attempt: key.attempt,
        fromPartition,
        toPartition,
      }))
      const request = { jobId: first!.key.jobId, ranges, waitMs }
      const chunks = used.connection.client(Blocks).fetch(request, { signal: idle.signal, reuse: true })
      for await (const { bytes } of chunks) {
        idle.touch(this.#options.idleMs)
        attempt.take(stream, bytes)
      }
      if (stream.isWithinBlock) throw new EngineError('BLOCK_CORRUPT', 'a stream of blocks ended within one')
    } catch (error) {
      if (signal.aborted || !(error instanceof EngineError) || error.code !== 'CANCELLED') throw error
      throw new EngineError('DEADLINE_EXCEEDED', `no rows came for ${this.#options.idleMs} ms`, {
        cause: error,
      })
    } finally {
      for (const giveBack of gifts.reverse()) giveBack()
    }
  }

  #pauseMs(tries: number): number {
    const { pauseMs, random } = this.#options
    return Math.min(MOST_PAUSE_MS, pauseMs * 2 ** (tries - 1)) * (0.5 + random())
  }
}

function isNamed(key: Wanted['key'], named: ReturnType<typeof missingBlockOf>): boolean {
  return (
    named !== null &&
    key.stageId === named.stageId &&
    key.partition === named.partition &&
    key.attempt === named.attempt
  )
}

/** What one stream has brought so far. */
class StreamAttempt {
  readonly blocks: ShuffleBlock[][]
  /** Ranges that are whole: the stream has gone on to later ones. */
  done = 0
  /** What went wrong here, and not with the holder or on the way. */
  localError: unknown = null

  constructor(rangeCount: number) {
    this.blocks = Array.from({ length: rangeCount }, () => [])
  }

  take(stream: ReturnType<FetchSink['open']>, chunk: Uint8Array): void {
    try {
      for (const { range, block } of stream.take(chunk)) {
        if (range < this.done || range >= this.blocks.length)
          throw new EngineError('BLOCK_CORRUPT', `a block of range ${range} came out of turn`)
        this.done = range
        this.blocks[range]!.push(block)
      }
    } catch (error) {
      const isTheirs = error instanceof EngineError && error.code === 'BLOCK_CORRUPT'
      if (!isTheirs) this.localError = error
      throw error
    }
  }

  /** The stream has ended well, so all ranges are whole. */
  end(): void {
    this.done = this.blocks.length
  }
}

/** Fires when nothing has happened for some time, or with the signal it is made from. */
class IdleTimer {
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal
  #timer: NodeJS.Timeout
  readonly #abort = (): void => this.#controller.abort()

  constructor(idleMs: number, outer: AbortSignal) {
    this.#outer = outer
    outer.addEventListener('abort', this.#abort)
    this.#timer = setTimeout(this.#abort, idleMs)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  touch(idleMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#abort, idleMs)
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#outer.removeEventListener('abort', this.#abort)
  }
}
