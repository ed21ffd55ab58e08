import { CHUNK_VALUES, type Chunk } from './chunk-codec.ts'
import type { HeapMeter } from './heap-meter.ts'

/** A step that sees the whole partition. */
export type PartitionStep = (chunks: AsyncIterable<Chunk>) => AsyncIterable<Chunk>

/** All values of a partition; they are counted. */
export async function collect(chunks: AsyncIterable<Chunk>, meter: HeapMeter): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const { values } of chunks) {
    meter.add(values)
    for (const value of values) all.push(value)
  }
  return all
}

/** Values in chunks of the usual size. */
export function* inChunks(values: readonly unknown[]): Iterable<Chunk> {
  for (let from = 0; from < values.length; from += CHUNK_VALUES)
    yield { side: 0, values: values.slice(from, from + CHUNK_VALUES) }
}
