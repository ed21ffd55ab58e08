import type { Session } from '../../driver/session.ts'
import type { JobProgress } from '../../driver/stages/index.ts'
import { valueReader } from '../../engine/batch/index.ts'

/** Where a job is, as far as its client can tell. */
export type Phase = 'map' | 'shuffle' | 'result'

export const PHASES: readonly Phase[] = ['map', 'shuffle', 'result']

/** What `worked` gives: wide enough that the rows of a task do not travel with the message of its end. */
function valueOf(id: number, salt: number): string {
  return `${salt}/${id}/${'row '.repeat(20)}`
}

/** Tasks of each of the two stages that work. */
const TASKS = 8
const ROWS = 40_000

/** What a run of the job saw. */
export interface JobReport {
  readonly rows: number
  /** Rows that came twice, with a wrong value, or not at all; empty is right. */
  readonly faults: readonly string[]
  readonly phasesSeen: ReadonlySet<Phase>
}

/**
 * A job that moves all its rows twice: numbers are spread, worked on (map), spread by their hash, worked on
 * again (shuffle), and all come to the client (result), which checks each. `onPhase` is called once when a
 * phase has begun and is not over; in the result the client takes no rows until it resolves.
 */
export async function runCheckedJob(
  session: Session,
  onPhase: (phase: Phase) => Promise<void>,
  signal?: AbortSignal,
): Promise<JobReport> {
  session.udf(
    'worked',
    (id: number, salt: number): string => {
      let state = id ^ salt
      // Work that nobody can leave out.
      for (let i = 0; i < 4000; i++) state = (Math.imul(state, 1664525) + 1013904223) | 0
      return state === 1 ? '' : valueOf(id, salt)
    },
    { args: ['int', 'int'], returns: 'string', with: { valueOf } },
  )
  const phasesSeen = new Set<Phase>()
  const waiting: Promise<void>[] = []
  const enter = (phase: Phase): void => {
    if (phasesSeen.has(phase)) return
    phasesSeen.add(phase)
    waiting.push(onPhase(phase))
  }
  const onProgress = ({ tasksDone, taskCount }: JobProgress): void => {
    const left = taskCount - tasksDone
    if (left < 2 * TASKS && left > TASKS) enter('map')
    if (left < TASKS && left > 0) enter('shuffle')
  }
  const spread = `SELECT /*+ REPARTITION(${TASKS}) */ id FROM range(${ROWS})`
  const first = 'worked(CAST(id AS INT), 1) AS once'
  const mapped = `SELECT /*+ REPARTITION(${TASKS}, id) */ id, ${first} FROM (${spread})`
  const text = `SELECT id, once, worked(CAST(id AS INT), 2) AS twice FROM (${mapped})`
  const position = { line: 1, column: 1, offset: 0 }
  const query = await session.runText({ text, position }, { onProgress, signal })
  const seen = new Uint8Array(ROWS)
  const faults: string[] = []
  let rows = 0
  for await (const { batch, release } of query.batches) {
    enter('result')
    await waiting.at(-1)
    const [ids, once, twice] = batch.columns.map(valueReader)
    for (let row = 0; row < batch.rowCount; row++) {
      const id = Number(ids!(row))
      seen[id] = (seen[id] ?? 0) + 1
      if (once!(row) !== valueOf(id, 1) || twice!(row) !== valueOf(id, 2)) faults.push(`row ${id} is another`)
    }
    rows += batch.rowCount
    release()
  }
  await Promise.all(waiting)
  for (const [id, times] of seen.entries()) if (times !== 1) faults.push(`row ${id} came ${times} times`)
  return { rows, faults: faults.slice(0, 10), phasesSeen }
}
