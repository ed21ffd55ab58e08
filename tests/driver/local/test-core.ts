import { afterAll } from 'vitest'
import {
  type RunningQuery,
  type RunOptions,
  SessionCore,
  type SessionOptions,
} from '../../../driver/session/index.ts'

/** The parts of a session, for tests of what is under it. Stopped at the end of the file. */
export function testCore(options: SessionOptions = {}): SessionCore {
  const core = new SessionCore({
    master: 'local[2]',
    memory: '256m',
    timeZone: 'UTC',
    arena: { poison: true },
    ...options,
  })
  afterAll(() => core.stop())
  return core
}

/** A query that has not begun. */
export async function start(
  core: SessionCore,
  text: string,
  options: RunOptions = {},
): Promise<RunningQuery> {
  return await core.runner.start(await core.statement(text, options), core.settings(), options)
}

/** Runs a query and counts its rows. */
export async function countRows(core: SessionCore, text: string, options: RunOptions = {}): Promise<number> {
  const query = await start(core, text, options)
  let rows = 0
  for await (const { batch, release } of query.batches) {
    rows += batch.rowCount
    release()
  }
  return rows
}
