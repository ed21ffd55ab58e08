import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { planExecutor } from '../../../driver/session/plan-executor.ts'
import { SessionCore } from '../../../driver/session/session-core.ts'
import type { TableSchema } from '../../../sql/dataframe/index.ts'
import {
  createDataFrame,
  type DataFrame,
  DataFrameReader,
  type PlanExecutor,
  type RowOfObject,
  sqlFrame,
} from '../../../sql/dataframe/index.ts'

/** A session with the doors of DataFrames, on two threads, in a folder of its own. */
export interface TestSession {
  readonly executor: PlanExecutor
  readonly core: SessionCore
  readonly folder: string
  readonly read: DataFrameReader
  sql(text: string): DataFrame
  rows<T extends object>(rows: readonly T[]): DataFrame<RowOfObject<T>>
  rowsOf<R extends object>(rows: readonly object[], schema: TableSchema<R>): DataFrame<R>
  /** Ends the threads; fails if memory is still held. */
  stop(): Promise<void>
}

export function testSession(): TestSession {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-df-'))
  const core = new SessionCore({
    master: 'local[2]',
    memory: '512m',
    timeZone: 'UTC',
    warehouse: join(folder, 'warehouse'),
    arena: { poison: true },
  })
  const executor = planExecutor(core)
  return {
    executor,
    core,
    folder,
    read: new DataFrameReader(executor),
    sql: (text) => sqlFrame(executor, text),
    rows: (rows) => createDataFrame(executor, rows),
    rowsOf: (rows, schema) => createDataFrame(executor, rows, schema),
    stop: async () => {
      await core.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
