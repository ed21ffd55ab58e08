import { type ChildProcess, fork, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { BATCH_ROWS } from '../../engine/batch/index.ts'
import { MemoryPool } from '../../engine/memory/index.ts'
import { BlockFetcher, fetchInputs, OutputStore } from '../../worker/blocks/index.ts'

import type { HolderReady, HolderUse, ShuffleShape } from './shape.ts'

/** Reduce tasks that are fetched for at once, as an executor of two threads does. */
const SIDE_BY_SIDE = 2
const MAPS = 32
const PARTITIONS = 16
/** Rows of a map task: about 32 MB. */
const MAP_ROWS = 8 * BATCH_ROWS

/** How the rows were moved; megabytes are 10^6 bytes of rows as they lie in memory. */
export interface MovedRows {
  readonly seconds: number
  readonly rows: number
  readonly details: Readonly<Record<string, number>>
}

/** Bytes of a row in memory, about: how often all rows go round follows from it. */
const ROW_BYTES = 69
const ROUND_ROWS = MAPS * MAP_ROWS

/** Rows that `moveRows` moves for so many bytes: all of those that lie ready, some times over. */
export function rowsMoved(bytes: number): number {
  return ROUND_ROWS * Math.max(1, Math.round(bytes / (ROUND_ROWS * ROW_BYTES)))
}

const movers = new Map<boolean | null, Promise<RowMover>>()

/** Moves rows from another process, which is started when it is first needed, to this one. */
export async function moveRows(bytes: number, compress: boolean | null): Promise<MovedRows> {
  let mover = movers.get(compress)
  if (mover === undefined) {
    for (const [key, other] of movers) {
      movers.delete(key)
      ;(await other).stop()
    }
    mover = RowMover.start(compress)
    movers.set(compress, mover)
  }
  return (await mover).move(rowsMoved(bytes))
}

/** A process with rows, and another one, this one, that fetches them. */
class RowMover {
  readonly #child: ChildProcess
  readonly #shape: ShuffleShape
  readonly #ready: HolderReady
  readonly #pool = MemoryPool.create({ limitBytes: 2 ** 30 })
  readonly #store = new OutputStore({ pool: this.#pool, folder: null })
  readonly #fetcher: BlockFetcher

  private constructor(child: ChildProcess, shape: ShuffleShape, ready: HolderReady) {
    this.#child = child
    this.#shape = shape
    this.#ready = ready
    this.#fetcher = new BlockFetcher({ token: shape.token })
  }

  static async start(compress: boolean | null): Promise<RowMover> {
    const names = { jobId: 's-000000000000/1', token: 'secret-of-the-bench' }
    const shape = { ...names, maps: MAPS, partitions: PARTITIONS, mapRows: MAP_ROWS, compress }
    // The host speaks over its standard output.
    const stdio: StdioOptions = ['ignore', 'ignore', 'inherit', 'ipc']
    const child = fork(
      fileURLToPath(new URL('./block-holder.js', import.meta.url)),
      [JSON.stringify(shape)],
      { stdio },
    )
    const [ready] = (await once(child, 'message')) as [HolderReady] // The holder's first words.
    // It ends when this process does.
    child.unref()
    child.channel?.unref()
    return new RowMover(child, shape, ready)
  }

  /** Fetches all rows, partition by partition, as often as makes so many. */
  async move(rows: number): Promise<MovedRows> {
    const { partitions } = this.#shape
    const rounds = rows / ROUND_ROWS
    const before = await this.#use()
    const cpuBefore = process.cpuUsage()
    const counts = { copyMs: 0, checksumMs: 0, decompressMs: 0, decodeMs: 0, rows: 0 }
    const start = performance.now()
    let next = 0
    const reduce = async (): Promise<void> => {
      while (next < partitions * rounds) {
        const fetched = await this.#fetch(next++ % partitions)
        for (const block of fetched.blocks.get(0)!) counts.rows += block.rowCount
        for (const name of ['copyMs', 'checksumMs', 'decompressMs', 'decodeMs'] as const)
          counts[name] += fetched.counts[name]
        fetched.release()
      }
    }
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, reduce))
    const ms = performance.now() - start
    if (counts.rows !== rows) throw new Error(`${counts.rows} rows came`)
    const { user, system } = process.cpuUsage(cpuBefore)
    const after = await this.#use()
    const megabytes = (this.#ready.bytes * rounds) / 1e6
    const details = {
      megabytes,
      megabytesPerSecond: megabytes / (ms / 1000),
      sentMegabytes: (after.chunkBytes - before.chunkBytes) / 1e6,
      senderCpuMs: after.cpuMs - before.cpuMs,
      senderCompressMs: after.compressMs - before.compressMs,
      senderChecksumMs: after.checksumMs - before.checksumMs,
      readerCpuMs: (user + system) / 1000,
      readerCopyMs: counts.copyMs,
      readerChecksumMs: counts.checksumMs,
      readerDecompressMs: counts.decompressMs,
      readerDecodeMs: counts.decodeMs,
    }
    return { seconds: ms / 1000, rows, details }
  }

  stop(): void {
    this.#fetcher.close()
    this.#child.disconnect()
  }

  #fetch(partition: number): ReturnType<typeof fetchInputs> {
    const { jobId, maps } = this.#shape
    const zeros = Array.from({ length: maps }, () => 0)
    const input = {
      stageId: 0,
      source: { jobId, stageId: 0 },
      holders: [{ holderId: 'holder', address: this.#ready.address, certificate: '' }],
      holderOfMap: zeros,
      attemptOfMap: zeros,
      slices: [{ fromPartition: partition, toPartition: partition + 1, fromMap: 0, toMap: maps }],
    }
    const { signal } = new AbortController()
    return fetchInputs([input], {
      store: this.#store,
      fetcher: this.#fetcher,
      selfId: 'reader',
      tag: 1,
      signal,
    })
  }

  async #use(): Promise<HolderUse> {
    this.#child.send('use')
    const [use] = (await once(this.#child, 'message')) as [HolderUse] // Its answer.
    return use
  }
}
