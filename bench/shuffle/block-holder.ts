import { BATCH_ROWS } from '../../engine/batch/index.ts'
import { MemoryPool } from '../../engine/memory/index.ts'
import { ShuffleWriter } from '../../engine/shuffle/index.ts'
import { serveGrpc, sessionAuthority } from '../../proto/grpc/index.ts'
import { blockService, OutputStore } from '../../worker/blocks/index.ts'
import { sampleLines } from './sample-lines.ts'
import type { HolderReady, HolderUse, ShuffleShape } from './shape.ts'

const SEEDS = 8

/** The process that has the rows: outputs of map tasks, as an executor has them. */
async function main(shape: ShuffleShape): Promise<void> {
  const { jobId, token, maps, partitions, mapRows, compress } = shape
  const pool = MemoryPool.create({ limitBytes: 3 * 2 ** 30 })
  const store = new OutputStore({ pool, folder: null })
  const scratch = pool.createRegion()
  const batches = Array.from({ length: SEEDS }, (_, seed) => sampleLines(scratch, BATCH_ROWS, seed))
  let bytes = 0
  for (let map = 0; map < maps; map++) {
    const keys = (batch: { readonly columns: (typeof batches)[0]['columns'] }) => batch.columns.slice(1, 2)
    const writer = new ShuffleWriter(pool, 1, { kind: 'hash', partitionCount: partitions, keys })
    for (let rows = 0; rows < mapRows; rows += BATCH_ROWS) writer.append(batches[(map + rows) % SEEDS]!)
    const key = { jobId, stageId: 0, partition: map, attempt: 0 }
    const sizes = store.add(key, writer.finish())
    bytes += sizes.partitionBytes.reduce((sum, size) => sum + size, 0)
  }
  scratch.free()
  const served = { checksumMs: 0, compressMs: 0, frameBytes: 0, chunkBytes: 0 }
  const service = blockService({
    store,
    ...(compress === null ? {} : { compress: () => compress }),
    onServed: (counts) => {
      served.checksumMs += counts.checksumMs
      served.compressMs += counts.compressMs
      served.frameBytes += counts.frameBytes
      served.chunkBytes += counts.chunkBytes
    },
  })
  const authority = sessionAuthority(jobId.slice(0, jobId.indexOf('/')), token)
  const { address } = await serveGrpc({ listen: '127.0.0.1:0', services: [service], authority, tls: null })
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    const use: HolderUse = { ...served, cpuMs: (user + system) / 1000 }
    process.send!(use)
  })
  process.once('disconnect', () => process.exit())
  const ready: HolderReady = { address, bytes }
  process.send!(ready)
}

await main(JSON.parse(process.argv[2]!) as ShuffleShape) // What move-rows.ts gives.
