import { MemoryPool } from '../../../engine/memory/index.ts'
import { blockService, OutputStore } from '../../../worker/blocks/index.ts'
import { JOB, STAGE, serve } from './holders.ts'
import { sampleOutput } from './sample-outputs.ts'

/** A process of its own that holds outputs in memory, and those of even maps on disk; it says where. */
async function main(folder: string, maps: number, partitions: number, rows: number): Promise<void> {
  const pool = MemoryPool.create({ limitBytes: 256 << 20, localDir: folder })
  const store = new OutputStore({ pool, folder: `${folder}/outputs` })
  for (let map = 0; map < maps; map++) {
    const key = { jobId: JOB, stageId: STAGE, partition: map, attempt: 0 }
    const output = sampleOutput(pool, 1, map, partitions, rows)
    if (map % 2 === 0) await store.addDurable(key, output)
    else store.add(key, output)
  }
  const { address } = await serve([blockService({ store })])
  process.send!(address)
}

const [folder, ...numbers] = process.argv.slice(2)
const [maps, partitions, rows] = numbers.map(Number)
await main(folder!, maps!, partitions!, rows!)
