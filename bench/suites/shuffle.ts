import type { Work } from '../run/measure.ts'
import { rowsMoved } from '../shuffle/move-rows.ts'
import { chosen, type Suite } from './suite.ts'

const BYTES = 2e9

/** 2 GB of rows from one process to another over loopback, as a shuffle moves them between executors. */
export const shuffle: Suite = async (options) => {
  const work = (
    [
      ['2 GB between processes', null],
      ['2 GB between processes, lz4', true],
    ] as const
  ).map(
    ([name, compress]): Work => ({
      name,
      rows: rowsMoved(BYTES),
      ordered: true,
      request: (engine) => (engine === 'millrace' ? { op: 'moveRows', name, bytes: BYTES, compress } : null),
    }),
  )
  return [{ name: 'shuffle', tables: {}, work: chosen(work, options) }]
}
