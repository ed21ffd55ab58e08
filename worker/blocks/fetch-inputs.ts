import { EngineError } from '../../engine/errors.ts'
import type { ShuffleBlock } from '../../engine/shuffle/index.ts'
import type { BlockFetcher, FetchContext, FetchOrder } from './block-fetcher.ts'
import { checkStored } from './check-stored.ts'
import { FetchFailedError } from './fetch-error.ts'
import {
  type BlockHolder,
  type FetchedInputs,
  type FetchInput,
  type Wanted,
  wantedOf,
} from './fetch-request.ts'
import { FetchSink } from './fetch-sink.ts'
import { missingBlock } from './missing-block.ts'
import type { OutputStore } from './output-store.ts'

export interface FetchInputsOptions {
  readonly store: OutputStore
  readonly fetcher: BlockFetcher
  /** This executor: what lies here is handed over as it is. */
  readonly selfId: string
  /** Job that fetched rows belong to, for the pool. */
  readonly tag: number
  readonly signal: AbortSignal
  /** Hears `spillFiles` and `spillBytes`. */
  readonly count?: (metric: string, amount: number) => void
  /** How long another reader is given to have a copy before the holders are asked: 10 seconds unless told. */
  readonly copyWaitMs?: number
}

/**
 * The blocks that a task reads, in this process: its own outputs as they are, those of others fetched side by
 * side, into the arena or, where memory is scarce, into a spill file. FetchFailedError names the first output
 * that cannot be had; nothing is held then.
 */
export async function fetchInputs(
  inputs: readonly FetchInput[],
  options: FetchInputsOptions,
): Promise<FetchedInputs> {
  throwIfCancelled(options.signal)
  const fetch = new InputFetch(options)
  try {
    const blocks = new Map<number, readonly ShuffleBlock[]>()
    const parts = await fetch.all(inputs)
    for (const [index, { stageId }] of inputs.entries()) blocks.set(stageId, parts[index]!)
    return fetch.finish(blocks)
  } catch (error) {
    fetch.free()
    throw error
  }
}

/** What was fetched whole, to be passed on. */
interface FetchedCopy {
  readonly wanted: Wanted
  readonly blocks: readonly ShuffleBlock[]
}

class InputFetch {
  readonly #options: FetchInputsOptions
  readonly #sink: FetchSink
  readonly #controller = new AbortController()
  readonly #context: FetchContext
  readonly #releases: (() => void)[] = []
  readonly #settled: (() => void)[] = []
  readonly #copies: FetchedCopy[] = []

  constructor(options: FetchInputsOptions) {
    const { store, tag, count = () => {} } = options
    this.#options = options
    if (store.pool.isScarce) store.freeCopies()
    this.#sink = new FetchSink(store.pool, tag, count)
    this.#context = { sink: this.#sink, signal: this.#controller.signal }
  }

  /** All inputs; the first error stops the others, and is thrown when they have stopped. */
  async all(inputs: readonly FetchInput[]): Promise<ShuffleBlock[][]> {
    const { signal } = this.#options
    const errors: unknown[] = []
    const fail = (error: unknown): ShuffleBlock[] => {
      errors.push(error)
      this.#controller.abort(error)
      return []
    }
    const stop = (): void => this.#controller.abort(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    try {
      const parts = await Promise.all(inputs.map((input) => this.#input(input).catch(fail)))
      throwIfCancelled(signal)
      if (errors.length > 0) throw errors[0]
      return parts
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  finish(blocks: ReadonlyMap<number, readonly ShuffleBlock[]>): FetchedInputs {
    const { store } = this.#options
    const memory = new SharedRelease(this.#sink.finish())
    const releases = [...this.#releases, memory.share()]
    // Copies lie in the memory of the whole fetch, which goes with the last who uses it.
    if (!store.pool.isScarce)
      for (const { wanted, blocks: copy } of this.#copies) store.addCopy(wanted.key, [copy], memory.share())
    this.#settle()
    const release = (): void => {
      for (const giveBack of releases.splice(0)) giveBack()
    }
    return { blocks, counts: this.#sink.counts, release }
  }

  free(): void {
    this.#sink.free()
    for (const release of this.#releases.splice(0)) release()
    this.#settle()
  }

  #settle(): void {
    for (const settled of this.#settled.splice(0)) settled()
  }

  async #input(input: FetchInput): Promise<ShuffleBlock[]> {
    const { stageId, share, source } = input
    const wanted = wantedOf(input)
    const blocks = wanted.map((one) => this.#local(one, stageId))
    const remote = [...wanted.keys()].filter((index) => blocks[index] === null)
    if (remote.length > 0) {
      if (share?.passOn === true) this.#settled.push(this.#options.store.expect(source))
      const orders = remote.map((index) => wanted[index]!)
      const fetched = await this.#remote(stageId, orders, share?.source ?? null)
      for (const [i, index] of remote.entries()) {
        const one = wanted[index]!
        blocks[index] = fetched[i]!
        const isWhole = one.fromPartition === 0 && one.toPartition === 1
        if (share?.passOn === true && isWhole) this.#copies.push({ wanted: one, blocks: fetched[i]! })
      }
    }
    return blocks.flatMap((some) => some ?? [])
  }

  /** What lies here, held; null if it lies elsewhere. */
  #local(wanted: Wanted, stageId: number): readonly ShuffleBlock[] | null {
    const { store, selfId } = this.#options
    const held = store.hold(wanted.key)
    if (held !== null) {
      this.#releases.push(held.release)
      const blocks = held.partitions.slice(wanted.fromPartition, wanted.toPartition).flat()
      try {
        checkStored(blocks, store.pool)
      } catch (error) {
        throw new FetchFailedError(stageId, wanted, error)
      }
      return blocks
    }
    if (wanted.holder.holderId !== selfId) return null
    throw new FetchFailedError(stageId, wanted, missingBlock(wanted.key))
  }

  /** From another reader, if there is one that has it, or from the holders side by side. */
  async #remote(
    stageId: number,
    wanted: readonly Wanted[],
    source: BlockHolder | null,
  ): Promise<(readonly ShuffleBlock[])[]> {
    const { fetcher, copyWaitMs = 10_000 } = this.#options
    if (source !== null) {
      const copies = await this.#copied({ stageId, holder: source, wanted, waitMs: copyWaitMs, tries: 1 })
      if (copies !== null) return copies
    }
    const groups = new Map<string, number[]>()
    for (const [index, { holder }] of wanted.entries()) {
      const group = groups.get(holder.holderId)
      if (group === undefined) groups.set(holder.holderId, [index])
      else group.push(index)
    }
    const blocks: (readonly ShuffleBlock[])[] = []
    const fetches = [...groups.values()].map(async (indexes) => {
      const orders = indexes.map((index) => wanted[index]!)
      const { holder } = orders[0]!
      const fetched = await fetcher.fetch({ stageId, holder, wanted: orders, waitMs: 0 }, this.#context)
      for (const [i, index] of indexes.entries()) blocks[index] = fetched[i]!
    })
    await allSettled(fetches, (error) => this.#controller.abort(error))
    return blocks
  }

  /** Null if the other reader has no copy: there is another way. */
  async #copied(order: FetchOrder): Promise<ShuffleBlock[][] | null> {
    try {
      return await this.#options.fetcher.fetch(order, this.#context)
    } catch (error) {
      if (error instanceof FetchFailedError) return null
      throw error
    }
  }
}

/** Waits for all, since what they fill must not go before; throws the first error, and tells it at once. */
async function allSettled(work: readonly Promise<void>[], onError: (error: unknown) => void): Promise<void> {
  const errors: unknown[] = []
  await Promise.all(
    work.map((one) =>
      one.catch((error: unknown) => {
        errors.push(error)
        onError(error)
      }),
    ),
  )
  if (errors.length > 0) throw errors[0]
}

function throwIfCancelled(signal: AbortSignal): void {
  if (!signal.aborted) return
  if (signal.reason instanceof EngineError) throw signal.reason
  throw new EngineError('CANCELLED', 'the blocks are not wanted any more', { cause: signal.reason })
}

/** Calls a function when the last of several shares is given back. */
class SharedRelease {
  readonly #release: () => void
  #shares = 0

  constructor(release: () => void) {
    this.#release = release
  }

  share(): () => void {
    this.#shares++
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#shares--
      if (this.#shares === 0) this.#release()
    }
  }
}
