import { readFileSync } from 'node:fs'
import type { ClusterProcess } from '../../driver/remote/local-cluster.ts'
import type { TestCluster } from '../cluster/test-cluster.ts'
import { until } from '../cluster/test-cluster.ts'

/** What may happen to a cluster in the middle of a job. */
export type Fault = 'killWorker' | 'killExecutor' | 'pauseWorker' | 'pauseExecutor' | 'killAllWorkers'

export const FAULTS: readonly Fault[] = [
  'killWorker',
  'killExecutor',
  'pauseWorker',
  'pauseExecutor',
  'killAllWorkers',
]

/** How long a process that was stopped stays so: less, or more, than the driver waits for a sign of life. */
const SHORT_PAUSE_MS = 500
const LONG_PAUSE_MS = 4000

/**
 * Does it to some process, chosen by `random` (0 to 1), and sets the cluster right again: killed workers are
 * started anew, stopped processes go on. Gives what was done, for people.
 */
export async function inflict(fault: Fault, test: TestCluster, random: () => number): Promise<string> {
  const { cluster } = test
  const alive = cluster.workers.filter(({ child }) => child.exitCode === null && child.signalCode === null)
  const victim = alive[Math.floor(random() * alive.length)]!
  switch (fault) {
    case 'killWorker':
      await kill(victim)
      cluster.startWorker(random() < 0.5 ? cluster.workers.indexOf(victim) : cluster.workers.length)
      return `killed worker ${victim.child.pid}`
    case 'killAllWorkers':
      await Promise.all(alive.map(kill))
      for (const worker of alive) cluster.startWorker(cluster.workers.indexOf(worker))
      return `killed ${alive.length} workers`
    case 'killExecutor': {
      const pid = await executorOf(victim)
      process.kill(pid, 'SIGKILL')
      return `killed executor ${pid}`
    }
    case 'pauseWorker':
      return await pause(victim.child.pid!, random)
    case 'pauseExecutor':
      return await pause(await executorOf(victim), random)
  }
}

async function kill({ child, ended }: ClusterProcess): Promise<void> {
  child.kill('SIGKILL')
  await ended
}

/** Stops a process, and lets it go on later, while the job runs on. */
async function pause(pid: number, random: () => number): Promise<string> {
  const ms = random() < 0.5 ? SHORT_PAUSE_MS : LONG_PAUSE_MS
  process.kill(pid, 'SIGSTOP')
  setTimeout(() => goOn(pid), ms)
  return `stopped process ${pid} for ${ms} ms`
}

function goOn(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT')
  } catch (error) {
    // It was ended meanwhile: whoever was silent for too long is.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The process of an executor of a worker; waits until there is one. */
export async function executorOf({ child }: ClusterProcess): Promise<number> {
  let pid = 0
  await until(() => {
    pid = childrenOf(child.pid!)[0] ?? 0
    return pid === 0 ? `worker ${child.pid} has no executor` : null
  })
  return pid
}

/** Processes that a process has started, as Linux tells. */
export function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return text === '' ? [] : text.split(' ').map(Number)
}
