import { dictionaryVector, type RecordBatch, vectorBuilder } from '../../../engine/batch/index.ts'
import { constantOf } from '../../../engine/batch/make-vector.ts'
import type { MemoryPool } from '../../../engine/memory/index.ts'
import { BlockStore, type StoredBlocks } from '../../../engine/shuffle/index.ts'
import { types } from '../../../engine/types/index.ts'
import { valuesOf } from '../../engine/shuffle/random-batch.ts'

/** An output whose rows tell where they are from: `seed`, partition, row; and a word and a constant. */
export function sampleOutput(
  pool: MemoryPool,
  tag: number,
  seed: number,
  partitionCount: number,
  rowsPerBlock: number,
): StoredBlocks {
  const store = new BlockStore(pool, tag, partitionCount)
  const [scratch, lasting] = [pool.createRegion(), pool.createRegion()]
  try {
    const words = vectorBuilder(types.string, lasting)
    for (let i = 0; i < 10; i++) words.append(`word ${i} of ${seed}`)
    const dictionary = words.finish()
    for (let partition = 0; partition < partitionCount; partition++)
      for (let block = 0; block < 2; block++) {
        const count = Math.max(1, rowsPerBlock - block)
        const ids = vectorBuilder(types.int64, scratch)
        const texts = vectorBuilder(types.string, scratch)
        const codes = scratch.int32(count)
        for (let row = 0; row < count; row++) {
          ids.append(BigInt(((seed * 1000 + partition) * 2 + block) * 1_000_000 + row))
          texts.append(row % 7 === 3 ? null : `text ${seed} ${(row * 2_654_435_761) % 1_000_003}`)
          codes[row] = (row + seed) % 10
        }
        const seeds = vectorBuilder(types.int32, scratch)
        seeds.append(seed)
        const batch: RecordBatch = {
          rowCount: count,
          columns: [
            ids.finish(),
            texts.finish(),
            dictionaryVector(count, codes, dictionary),
            constantOf(seeds.finish(), count, scratch),
          ],
        }
        store.add(partition, batch, null, count)
        store.spillIfScarce()
        scratch.reset()
      }
    return store.finish()
  } catch (error) {
    store.free()
    throw error
  } finally {
    scratch.free()
    lasting.free()
  }
}

/** The same rows as values: what readers of these partitions shall see. */
export function sampleRows(seed: number, partitions: readonly number[], rowsPerBlock: number): unknown[] {
  return partitions.flatMap((partition) =>
    [0, 1].flatMap((block) =>
      Array.from({ length: Math.max(1, rowsPerBlock - block) }, (_, row) => [
        BigInt(((seed * 1000 + partition) * 2 + block) * 1_000_000 + row),
        row % 7 === 3 ? null : `text ${seed} ${(row * 2_654_435_761) % 1_000_003}`,
        `word ${(row + seed) % 10} of ${seed}`,
        seed,
      ]),
    ),
  )
}

export { valuesOf }
