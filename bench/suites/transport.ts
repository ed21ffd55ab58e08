import type { Work } from '../run/measure.ts'
import { WAYS } from '../transport/chunk-ways.ts'
import { chunksOf } from '../transport/move-chunks.ts'
import { chosen, type Suite } from './suite.ts'

const BYTES = 2e9

/** 2 GB in chunks of 1 MB from one process to another over loopback, in each way that chunks may travel. */
export const transport: Suite = async (options) => {
  const work = Object.keys(WAYS).map(
    (name): Work => ({
      name,
      rows: chunksOf(BYTES),
      ordered: true,
      request: (engine) => (engine === 'millrace' ? { op: 'moveChunks', name, bytes: BYTES } : null),
    }),
  )
  return [{ name: 'shuffle-transport', tables: {}, work: chosen(work, options) }]
}
