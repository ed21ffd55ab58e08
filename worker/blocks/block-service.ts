import { isIPv4, isIPv6 } from 'node:net'
import { EngineError } from '../../engine/errors.ts'
import { type ChunkCounts, ChunkWriter, type TaggedBlock } from '../../engine/shuffle/index.ts'
import { type BlockRange, Blocks, type FetchRequest } from '../../proto/cluster/index.ts'
import { type BoundService, bindService, type Handlers, isLoopback } from '../../proto/grpc/index.ts'
import { Budget } from './budget.ts'
import { missingBlock } from './missing-block.ts'
import { type OutputKey, sessionOf } from './output-key.ts'
import type { HeldOutput, OutputStore } from './output-store.ts'

/** Streams that are served at once; each takes about 6 MB. */
const MOST_STREAMS = 32

/** A request has no more ranges. */
export const MOST_RANGES = 20_000

/** Nobody is kept waiting for longer. */
const MOST_WAIT_MS = 30_000

export interface BlockServiceOptions {
  readonly store: OutputStore
  /** Try LZ4 for this caller: by default for all but those of this host. */
  readonly compress?: (peer: string) => boolean
  /** Hears what each stream took. */
  readonly onServed?: (counts: ChunkCounts) => void
}

/**
 * The service `Blocks` over the outputs of a process. A caller with the token of a session gets blocks of
 * that session only. NOT_FOUND names the first output that is not there; one that turns out to be unreadable
 * is dropped, and is then not there either.
 */
export function blockService(options: BlockServiceOptions): BoundService {
  return bindService(Blocks, blockHandlers(options))
}

/** The same before it is bound. */
export function blockHandlers(options: BlockServiceOptions): Handlers<typeof Blocks> {
  const { store, compress = isElsewhere, onServed = () => {} } = options
  const streams = new Budget(MOST_STREAMS)
  return {
    async *fetch(request, { principal, peer, signal }) {
      const { jobId, ranges } = request
      if (principal.kind === 'session' && principal.sessionId !== sessionOf(jobId))
        throw new EngineError('PERMISSION_DENIED', `job "${jobId.slice(0, 100)}" is of another session`)
      checkRanges(ranges)
      const held = await holdAll(request, store, signal)
      const gifts = held.map(({ release }) => release)
      try {
        gifts.push(await streams.take(1, signal))
        const writer = new ChunkWriter(store.pool, { compress: compress(peer) })
        gifts.push(() => {
          onServed(writer.counts)
          writer.free()
        })
        yield* chunksOf(writer, ranges, held, store)
      } finally {
        for (const giveBack of gifts.reverse()) giveBack()
      }
    },
  }
}

function checkRanges(ranges: readonly BlockRange[]): void {
  const isFine = ({ fromPartition, toPartition }: BlockRange): boolean => fromPartition <= toPartition
  if (ranges.length <= MOST_RANGES && ranges.every(isFine)) return
  throw new EngineError('PROTOCOL_ERROR', `ranges of blocks are malformed, or more than ${MOST_RANGES}`)
}

/** The output of each range. */
async function holdAll(
  { jobId, ranges, waitMs }: FetchRequest,
  store: OutputStore,
  signal: AbortSignal,
): Promise<readonly HeldOutput[]> {
  const held: HeldOutput[] = []
  const endMs = performance.now() + Math.min(waitMs, MOST_WAIT_MS)
  try {
    for (const { stage, map, attempt, toPartition } of ranges) {
      const key: OutputKey = { jobId, stageId: stage, partition: map, attempt }
      const leftMs = endMs - performance.now()
      if (waitMs > 0 && leftMs > 0) await store.arrival(key, leftMs, signal)
      const output = store.hold(key)
      if (output === null) throw missingBlock(key)
      held.push(output)
      if (toPartition > output.partitions.length)
        throw new EngineError('PROTOCOL_ERROR', `an output has ${output.partitions.length} partitions only`)
    }
    return held
  } catch (error) {
    for (const output of held) output.release()
    throw error
  }
}

function* chunksOf(
  writer: ChunkWriter,
  ranges: readonly BlockRange[],
  held: readonly HeldOutput[],
  store: OutputStore,
): Iterable<{ readonly bytes: Uint8Array }> {
  let current: OutputKey | undefined
  function* blocks(): Iterable<TaggedBlock> {
    for (const [range, { fromPartition, toPartition }] of ranges.entries()) {
      const { key, partitions } = held[range]!
      current = key
      for (let partition = fromPartition; partition < toPartition; partition++)
        for (const block of partitions[partition]!) yield { range, partition, block }
    }
  }
  try {
    for (const bytes of writer.write(blocks())) yield { bytes }
  } catch (error) {
    if (current === undefined || !isUnreadable(error)) throw error
    store.remove(current)
    throw missingBlock(current)
  }
}

/** Files that cannot be read, or do not have what was written. */
function isUnreadable(error: unknown): boolean {
  return error instanceof EngineError && (error.code === 'BLOCK_CORRUPT' || error.code === 'IO_ERROR')
}

/** Between processes of one host, copying is faster than any codec. */
function isElsewhere(peer: string): boolean {
  const host = peer.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  const plain = host.replace(/^::ffff:/, '')
  return !((isIPv4(plain) || isIPv6(plain)) && isLoopback(plain))
}
