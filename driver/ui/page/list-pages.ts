import type { ExecutorView, JobView, ProgramView, StorageView, WorkerView } from '../views.ts'
import {
  bytesText,
  type Column,
  clockText,
  countText,
  durationText,
  element,
  progressBar,
  stateText,
  table,
} from './elements.ts'

/** Asks the API; throws with the API's own words. */
export async function ask<View>(path: string): Promise<View> {
  const response = await fetch(`/api/v1${path}`, { headers: { accept: 'application/json' } })
  const body: unknown = await response.json()
  if (!response.ok) throw new Error(String((body as { error?: string }).error ?? response.status))
  return body as View // What the API gives is what views.ts says: tests compare the two.
}

const jobColumns: readonly Column<JobView>[] = [
  { title: 'Job', cell: ({ jobId }) => element('a', { href: `#/jobs/${encodeURIComponent(jobId)}` }, jobId) },
  { title: 'What', isText: true, cell: ({ label }) => label.slice(0, 200) },
  { title: 'State', cell: ({ state }) => stateText(state) },
  {
    title: 'Tasks',
    cell: ({ tasksDone, tasksRunning, taskCount }) => {
      const text = ` ${countText(tasksDone)} / ${countText(taskCount)}`
      return element('span', {}, progressBar(tasksDone, tasksRunning, taskCount), text)
    },
  },
  { title: 'Stages', isNumber: true, cell: ({ stagesDone, stageCount }) => `${stagesDone} / ${stageCount}` },
  { title: 'Failed tasks', isNumber: true, cell: ({ tasksFailed }) => countText(tasksFailed) },
  { title: 'Submitted', isNumber: true, cell: ({ submittedMs }) => clockText(submittedMs) },
  {
    title: 'Took',
    isNumber: true,
    cell: ({ submittedMs, endedMs }) => durationText((endedMs ?? Date.now()) - submittedMs),
  },
]

/** Jobs, newest first. */
export async function jobsPage(): Promise<readonly Node[]> {
  const jobs = await ask<readonly JobView[]>('/jobs?limit=200')
  return [
    element('h2', {}, 'Jobs'),
    table(jobs, jobColumns, 'No job has been submitted since the driver started.'),
  ]
}

const workerColumns: readonly Column<WorkerView>[] = [
  { title: 'Worker', isText: true, cell: ({ workerId }) => workerId },
  { title: 'Host', cell: ({ host }) => host },
  { title: 'State', cell: ({ state }) => stateText(state) },
  { title: 'Slots', isNumber: true, cell: ({ slots }) => countText(slots) },
  { title: 'Memory', isNumber: true, cell: ({ memoryBytes }) => bytesText(memoryBytes) },
  { title: 'Resident', isNumber: true, cell: ({ rssBytes }) => bytesText(rssBytes) },
  { title: 'On disk', isNumber: true, cell: ({ diskUsedBytes }) => bytesText(diskUsedBytes) },
  { title: 'Last seen', isNumber: true, cell: ({ lastSeenMs }) => clockText(lastSeenMs) },
]

const executorColumns: readonly Column<ExecutorView>[] = [
  { title: 'Executor', isText: true, cell: ({ executorId }) => executorId },
  { title: 'State', cell: ({ state }) => stateText(state) },
  { title: 'Threads', isNumber: true, cell: ({ threads }) => countText(threads) },
  { title: 'Running', isNumber: true, cell: ({ tasksRunning }) => countText(tasksRunning) },
  { title: 'Done', isNumber: true, cell: ({ tasksDone }) => countText(tasksDone) },
  { title: 'Failed', isNumber: true, cell: ({ tasksFailed }) => countText(tasksFailed) },
  {
    title: 'Rows in memory',
    isNumber: true,
    cell: ({ usedBytes, limitBytes }) => `${bytesText(usedBytes)} of ${bytesText(limitBytes)}`,
  },
  { title: 'Spilled', isNumber: true, cell: ({ spilledBytes }) => bytesText(spilledBytes) },
  { title: 'Ended', isText: true, cell: ({ reason }) => reason },
]

/** Workers and executors. */
export async function executorsPage(): Promise<readonly Node[]> {
  const [workers, executors] = await Promise.all([
    ask<readonly WorkerView[]>('/workers'),
    ask<readonly ExecutorView[]>('/executors'),
  ])
  return [
    element('h2', {}, 'Workers'),
    table(workers, workerColumns, 'No worker has joined. Start one: millrace worker --driver HOST:PORT'),
    element('h2', {}, 'Executors'),
    table(executors, executorColumns, 'No executor has been started.'),
  ]
}

const storageColumns: readonly Column<StorageView>[] = [
  { title: 'Session', cell: ({ sessionId }) => sessionId },
  { title: 'Rows of', isText: true, cell: ({ key }) => key },
  {
    title: 'Partitions',
    isNumber: true,
    cell: ({ partitions, partitionCount }) => `${partitions} of ${partitionCount}`,
  },
  { title: 'Size', isNumber: true, cell: ({ bytes }) => bytesText(bytes) },
]

const programColumns: readonly Column<ProgramView>[] = [
  { title: 'Program', cell: ({ programId }) => programId },
  { title: 'Name', isText: true, cell: ({ name }) => name },
  { title: 'State', cell: ({ state }) => stateText(state) },
  { title: 'Starts', isNumber: true, cell: ({ starts }) => countText(starts) },
  { title: 'Submitted', isNumber: true, cell: ({ submittedMs }) => clockText(submittedMs) },
  { title: 'Ended', isNumber: true, cell: ({ endedMs }) => clockText(endedMs) },
]

/** Kept rows and detached programs. */
export async function storagePage(): Promise<readonly Node[]> {
  const [storage, programs] = await Promise.all([
    ask<readonly StorageView[]>('/storage'),
    ask<readonly ProgramView[]>('/programs'),
  ])
  return [
    element('h2', {}, 'Kept rows'),
    table(storage, storageColumns, 'No session keeps rows.'),
    element('h2', {}, 'Programs'),
    table(programs, programColumns, 'No program was submitted detached.'),
  ]
}
