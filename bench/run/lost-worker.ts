import { LocalCluster } from '../../driver/remote/local-cluster.ts'
import { Session } from '../../driver/session.ts'

/** Two workers do it in about a minute. */
const ROWS = 600_000
const TASKS = 64
const MEGABYTE = 2 ** 20

/**
 * A job of many tasks over a shuffle on two workers. With `loses` one of them is killed when half of the
 * tasks are done, and started again; gives the seconds of the job.
 */
export async function lostWorker(
  loses: boolean,
): Promise<{ readonly seconds: number; readonly rows: number }> {
  const cluster = await LocalCluster.start({ workers: 2, threads: 1, memoryBytes: 512 * MEGABYTE })
  const master = `millrace://${cluster.address}`
  const session = new Session({ master, token: cluster.token, settings: { 'shuffle.storage': 'disk' } })
  try {
    session.udf(
      'worked',
      (id: number): number => {
        let state = id
        for (let i = 0; i < 200_000; i++) state = (Math.imul(state, 1664525) + 1013904223) | 0
        return state
      },
      { args: ['int'], returns: 'int' },
    )
    await session.execute('SELECT sum(worked(CAST(id AS INT))) FROM range(1000)')
    let isLost = false
    const onProgress = ({ tasksDone, taskCount }: { tasksDone: number; taskCount: number }): void => {
      if (!loses || isLost || tasksDone < taskCount / 2) return
      isLost = true
      cluster.workers[0]!.child.kill('SIGKILL')
      void cluster.workers[0]!.ended.then(() => cluster.startWorker(0))
    }
    const spread = `SELECT /*+ REPARTITION(${TASKS}) */ id FROM range(${ROWS})`
    const worked = `SELECT worked(CAST(id AS INT)) % 1000 AS k FROM (${spread}) GROUP BY 1`
    const text = `SELECT count(*) AS n FROM (${worked})`
    const position = { line: 1, column: 1, offset: 0 }
    const start = performance.now()
    const { batches } = await session.runText({ text, position }, { onProgress })
    let rows = 0
    for await (const { batch, release } of batches) {
      rows += batch.rowCount
      release()
    }
    return { seconds: (performance.now() - start) / 1000, rows }
  } finally {
    await session.stop()
    await cluster.close()
  }
}
