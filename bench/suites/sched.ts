import type { Work } from '../run/measure.ts'
import { chosen, type Suite } from './suite.ts'

const TASKS = 20_000
const JOBS = 200

/**
 * What a task and a job cost that do nothing: many tasks of one value in a job, and many jobs of one task; in
 * one process, and over gRPC in worker processes. Spark, in local mode, is the peer: tasks of the JVM.
 */
export const sched: Suite = async (options) => {
  const work = [false, true].flatMap((cluster): Work[] => {
    const place = cluster ? 'in a cluster' : 'in process'
    const known = (request: () => ReturnType<Work['request']>): Work['request'] => {
      return (engine) => (engine === 'millrace' || engine === 'spark' ? request() : null)
    }
    const tasks = `trivial tasks ${place}`
    const job = `trivial job ${place}`
    return [
      {
        name: tasks,
        rows: TASKS,
        ordered: false,
        request: known(() => ({ op: 'tasks', name: tasks, tasks: TASKS, cluster })),
      },
      {
        name: job,
        rows: 1,
        ordered: false,
        request: known(() => ({ op: 'jobs', name: job, jobs: JOBS, cluster })),
      },
    ]
  })
  return [{ name: 'sched', tables: {}, work: chosen(work, options) }]
}
