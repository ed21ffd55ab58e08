import type { Session } from '../driver/session.ts'
import type { RecordBatch } from '../engine/batch/index.ts'
import type { Region } from '../engine/memory/index.ts'
import type { Schema } from '../engine/types/index.ts'
import type { StatementText } from '../sql/parser/index.ts'
import type { Progress } from './progress.ts'

/** Takes the rows of a statement. A batch is valid only during the call. */
export interface RowSink {
  begin(schema: Schema): Promise<void> | void
  /** `scratch` may be used during the call. */
  batch(batch: RecordBatch, scratch: Region): Promise<void> | void
  end(): Promise<void> | void
  /** The statement failed: what was written of it goes. */
  abort(): Promise<void> | void
}

/** Whoever knows the session's time zone; finding the system's takes a while, so it is asked late. */
export interface SessionZone {
  readonly timeZone: string
}

export interface RunStatementOptions {
  readonly signal?: AbortSignal | undefined
  readonly progress?: Progress | undefined
}

/** What is known of a statement that has run. Seconds go from the text to the last batch. */
export interface StatementRun {
  readonly seconds: number
  readonly rowCount: number
  /** Rows that a command wrote into a table. */
  readonly writtenRows: number | undefined
}

/** Runs one statement and hands its rows to the sink. */
export async function runStatement(
  session: Session,
  statement: StatementText,
  sink: RowSink,
  options: RunStatementOptions = {},
): Promise<StatementRun> {
  const { signal, progress } = options
  const before = performance.now()
  let outputMs = 0
  let rowCount = 0
  let writtenRows: number | undefined
  const timed = async (work: () => Promise<void> | void): Promise<void> => {
    const start = performance.now()
    progress?.clear() // Rows may go to the same terminal.
    await work()
    outputMs += performance.now() - start
  }
  try {
    const query = await session.runText(statement, {
      signal,
      onProgress: (state) => progress?.update(state),
      onWritten: ({ rows }) => {
        writtenRows = rows
      },
    })
    await timed(() => sink.begin(query.plan.schema))
    const scratch = query.pool.createRegion()
    try {
      for await (const { batch, release } of query.batches) {
        rowCount += batch.rowCount
        await timed(() => sink.batch(batch, scratch))
        scratch.reset()
        release()
      }
    } finally {
      scratch.free()
    }
    const seconds = (performance.now() - before - outputMs) / 1000
    await sink.end()
    return { seconds, rowCount, writtenRows }
  } catch (error) {
    await sink.abort()
    throw error
  } finally {
    progress?.clear()
  }
}
