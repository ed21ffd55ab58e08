import { setImmediate } from 'node:timers/promises'
import { type RowOptions, rowReader } from '../../engine/run/index.ts'
import type { RunningRows } from './executor.ts'

/** The event loop gets a turn after this long. */
const TURN_MS = 5

/** Rows between two looks at the clock. */
const CLOCK_ROWS = 16

/**
 * Rows as objects, one by one: only one batch is held at a time. Other work of the event loop gets its turn
 * at least every ten milliseconds or so. Ending early cancels the query.
 */
export async function* readRows(
  { schema, batches }: RunningRows,
  options: RowOptions,
): AsyncGenerator<Record<string, unknown>, void, void> {
  let turn = performance.now()
  for await (const { batch, release } of batches) {
    try {
      const read = rowReader(schema, batch, options)
      for (let row = 0; row < batch.rowCount; row++) {
        if (row % CLOCK_ROWS === 0 && performance.now() - turn > TURN_MS) {
          await setImmediate()
          turn = performance.now()
        }
        yield read(row)
      }
    } finally {
      release()
    }
  }
}

/** All rows as objects. The event loop gets its turns. */
export async function collectRows(
  { schema, batches }: RunningRows,
  options: RowOptions,
): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = []
  let turn = performance.now()
  for await (const { batch, release } of batches) {
    try {
      const read = rowReader(schema, batch, options)
      for (let row = 0; row < batch.rowCount; row++) {
        if (row % CLOCK_ROWS === 0 && performance.now() - turn > TURN_MS) {
          await setImmediate()
          turn = performance.now()
        }
        rows.push(read(row))
      }
    } finally {
      release()
    }
  }
  return rows
}
