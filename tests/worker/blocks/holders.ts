import { MemoryPool } from '../../../engine/memory/index.ts'
import { Blocks } from '../../../proto/cluster/index.ts'
import {
  type BoundService,
  bindService,
  type GrpcServer,
  type Handlers,
  serveGrpc,
  sessionAuthority,
} from '../../../proto/grpc/index.ts'
import {
  type BlockHolder,
  blockHandlers,
  type FetchInput,
  OutputStore,
} from '../../../worker/blocks/index.ts'
import { sampleOutput } from './sample-outputs.ts'

export const SESSION = 's-0123456789ab'
export const JOB = `${SESSION}/1`
export const TOKEN = 'the-secret-of-the-session'
export const STAGE = 4
export const ROWS = 300

/** A process that holds outputs, so to speak: a pool, a store, and their block service. */
export interface Holding {
  readonly pool: MemoryPool
  readonly store: OutputStore
  readonly holder: BlockHolder
  /** Chunks that were given to the network, and streams that were begun. */
  readonly counts: { chunks: number; streams: number }
  close(): Promise<void>
}

export interface HoldingOptions {
  readonly limitBytes?: number
  readonly compress?: boolean
  readonly folder?: string
  /** Changes chunks on their way: what comes back is sent. */
  readonly change?: (chunk: Uint8Array, number: number) => Uint8Array
}

export async function startHolding(holderId: string, options: HoldingOptions = {}): Promise<Holding> {
  const { limitBytes = 64 << 20, compress = false, folder, change = (chunk) => chunk } = options
  const pool = MemoryPool.create({ limitBytes, poison: true, localDir: folder })
  const store = new OutputStore({ pool, folder: folder ?? null })
  const inner = blockHandlers({ store, compress: () => compress })
  const counts = { chunks: 0, streams: 0 }
  const handlers: Handlers<typeof Blocks> = {
    async *fetch(request, context) {
      counts.streams++
      for await (const { bytes } of inner.fetch(request, context))
        yield { bytes: change(bytes!, counts.chunks++) }
    },
  }
  const server = await serve([bindService(Blocks, handlers)])
  return {
    pool,
    store,
    counts,
    holder: { holderId, address: server.address, certificate: '' },
    async close() {
      await server.close(0)
      store.close()
    },
  }
}

export function serve(services: readonly BoundService[]): Promise<GrpcServer> {
  return serveGrpc({
    listen: '127.0.0.1:0',
    services,
    authority: sessionAuthority(SESSION, TOKEN),
    tls: null,
  })
}

/** Puts map outputs there: one for each number. */
export function hold(
  { store, pool }: Pick<Holding, 'store' | 'pool'>,
  maps: readonly number[],
  partitions: number,
  rows = ROWS,
): void {
  for (const map of maps)
    store.add(
      { jobId: JOB, stageId: STAGE, partition: map, attempt: 0 },
      sampleOutput(pool, 1, map, partitions, rows),
    )
}

/** A stage whose map outputs lie with these holders in turn. */
export function inputOf(
  holders: readonly BlockHolder[],
  maps: number,
  slices: FetchInput['slices'],
): FetchInput {
  return {
    stageId: 9,
    source: { jobId: JOB, stageId: STAGE },
    holders,
    holderOfMap: Array.from({ length: maps }, (_, map) => map % holders.length),
    attemptOfMap: Array.from({ length: maps }, () => 0),
    slices,
  }
}
