import { localFileSystem } from '../../../../connectors/file/local-file-system.ts'
import { type RecordBatch, valueReader } from '../../../../engine/batch/index.ts'
import type { SourceContext } from '../../../../engine/connect/index.ts'
import { MemoryPool } from '../../../../engine/memory/index.ts'
import type { Value } from '../../../../engine/types/index.ts'

/** A context over a pool of its own, with the metrics that were counted. */
export function testContext(timeZone = 'UTC'): SourceContext & { readonly metrics: Record<string, number> } {
  const pool = MemoryPool.create({ limitBytes: 512 << 20, poison: true })
  const metrics: Record<string, number> = {}
  return {
    pool,
    metrics,
    settings: { timeZone },
    createRegion: () => pool.createRegion(),
    checkCancelled() {},
    count(metric, amount) {
      metrics[metric] = (metrics[metric] ?? 0) + amount
    },
    fileSystem: () => localFileSystem,
  }
}

/** All rows of batches, as values. */
export async function rowsOf(batches: AsyncIterable<RecordBatch>): Promise<Value[][]> {
  const rows: Value[][] = []
  for await (const batch of batches) {
    const readers = batch.columns.map(valueReader)
    for (let row = 0; row < batch.rowCount; row++) rows.push(readers.map((read) => read(row)))
  }
  return rows
}
