import type { ClusterHistory } from './cluster-history.ts'

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

/** The driver's numbers in the text format of Prometheus. */
export function prometheusText(history: ClusterHistory): string {
  const { totals } = history
  const status = history.status()
  const executors = history.executors().filter(({ state }) => state !== 'ended')
  const workers = history.workers()
  const plain = (value: number): readonly Sample[] => [[{}, value]]
  const byExecutor = (of: (executor: (typeof executors)[number]) => number | null): readonly Sample[] =>
    executors.flatMap((executor): readonly Sample[] => {
      const value = of(executor)
      return value === null ? [] : [[{ executor: executor.executorId }, value]]
    })
  const states = ['active', 'excluded', 'draining', 'lost']
  const byState: readonly Sample[] = states.map((state) => [
    { state },
    workers.filter((worker) => worker.state === state).length,
  ])
  const ended: readonly Sample[] = Object.entries(totals.jobs).map(([state, count]) => [{ state }, count])
  return [
    metric('gauge', 'workers', 'Workers by state.', byState),
    metric('gauge', 'slots', 'Tasks that can run at a time.', plain(status.slots)),
    metric('gauge', 'slots_used', 'Tasks that run, or wait at an executor.', plain(status.slotsUsed)),
    metric('gauge', 'jobs_running', 'Jobs that run.', plain(status.jobsRunning)),
    metric('gauge', 'jobs_waiting', 'Jobs none of whose tasks has begun.', plain(status.jobsWaiting)),
    metric('counter', 'jobs_ended_total', 'Jobs that ended, by how.', ended),
    metric('counter', 'tasks_launched_total', 'Attempts given to executors.', plain(totals.tasksLaunched)),
    metric('counter', 'tasks_done_total', 'Attempts that succeeded.', plain(totals.tasksDone)),
    metric('counter', 'tasks_failed_total', 'Attempts that failed.', plain(totals.tasksFailed)),
    metric('counter', 'task_seconds_total', 'Time of attempts on threads.', plain(totals.taskMs / 1000)),
    metric('counter', 'output_bytes_total', 'Bytes that tasks left.', plain(totals.shuffleBytes)),
    metric('counter', 'output_rows_total', 'Rows that tasks left.', plain(totals.rows)),
    metric('counter', 'outputs_lost_total', 'Outputs of tasks that were lost.', plain(totals.outputsLost)),
    metric('counter', 'executors_lost_total', 'Executors that ended.', plain(totals.executorsLost)),
    metric(
      'gauge',
      'executor_tasks',
      'Tasks at an executor.',
      byExecutor(({ tasksRunning }) => tasksRunning),
    ),
    metric(
      'gauge',
      'executor_memory_used_bytes',
      'Rows in memory.',
      byExecutor(({ usedBytes }) => usedBytes),
    ),
    metric(
      'gauge',
      'executor_memory_limit_bytes',
      'Limit of it.',
      byExecutor(({ limitBytes }) => limitBytes),
    ),
    metric(
      'gauge',
      'executor_resident_bytes',
      'Memory of the process.',
      byExecutor(({ rssBytes }) => rssBytes),
    ),
    metric(
      'gauge',
      'executor_spilled_bytes',
      'Rows on disk.',
      byExecutor(({ spilledBytes }) => spilledBytes),
    ),
  ].join('')
}

function metric(type: 'gauge' | 'counter', name: string, help: string, samples: readonly Sample[]): string {
  const full = `millrace_${name}`
  const lines = samples.map(([labels, value]) => `${full}${labelText(labels)} ${value}\n`)
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join('')}`
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    const text = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    return `${name}="${text}"`
  })
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
