import type { JobDetail, StageView, TaskView } from '../views.ts'
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
import { ask } from './list-pages.ts'
import { planGraph } from './plan-graph.ts'

const taskColumns: readonly Column<TaskView>[] = [
  { title: 'Partition', isNumber: true, cell: ({ partition }) => countText(partition) },
  { title: 'Attempt', isNumber: true, cell: ({ attempt }) => countText(attempt) },
  { title: 'Executor', isText: true, cell: ({ executorId }) => executorId },
  { title: 'State', cell: ({ state }) => stateText(state) },
  { title: 'Launched', isNumber: true, cell: ({ launchedMs }) => clockText(launchedMs) },
  {
    title: 'Ran',
    isNumber: true,
    cell: ({ beganMs, endedMs }) => durationText(beganMs === null ? null : (endedMs ?? Date.now()) - beganMs),
  },
  { title: 'Rows', isNumber: true, cell: ({ outputRows }) => countText(outputRows) },
  { title: 'Bytes', isNumber: true, cell: ({ outputBytes }) => bytesText(outputBytes) },
  { title: 'Error', isText: true, cell: ({ error }) => error },
]

function stageColumns(jobId: string): readonly Column<StageView>[] {
  const href = (stageId: number): string => `#/jobs/${encodeURIComponent(jobId)}/stages/${stageId}`
  return [
    { title: 'Stage', cell: ({ stageId }) => element('a', { href: href(stageId) }, `stage ${stageId}`) },
    { title: 'State', cell: ({ state }) => stateText(state) },
    { title: 'Reads', cell: ({ inputs }) => inputs.join(', ') },
    { title: 'Leaves', cell: ({ output }) => output },
    {
      title: 'Tasks',
      cell: ({ tasksDone, tasksRunning, taskCount }) => {
        const text = ` ${countText(tasksDone)} / ${countText(taskCount)}`
        return element('span', {}, progressBar(tasksDone, tasksRunning, taskCount), text)
      },
    },
    { title: 'Failed', isNumber: true, cell: ({ tasksFailed }) => countText(tasksFailed) },
    { title: 'Rows out', isNumber: true, cell: ({ outputRows }) => countText(outputRows) },
    { title: 'Bytes out', isNumber: true, cell: ({ outputBytes }) => bytesText(outputBytes) },
    {
      title: 'Took',
      isNumber: true,
      cell: ({ startedMs, endedMs }) =>
        durationText(startedMs === null ? null : (endedMs ?? Date.now()) - startedMs),
    },
  ]
}

/** One job: its plan with rows and times, its stages, and the tasks of the stage that was picked. */
export async function jobPage(jobId: string, stageId: string | undefined): Promise<readonly Node[]> {
  const path = `/jobs/${encodeURIComponent(jobId)}`
  const job = await ask<JobDetail>(path)
  const { stages, notes, state, label, error, submittedMs, endedMs } = job
  const head = element('p', {}, stateText(state), ` · submitted ${clockText(submittedMs)} · took `)
  head.append(durationText((endedMs ?? Date.now()) - submittedMs))
  const parts: Node[] = [element('h2', {}, `Job ${jobId}`), head, element('pre', {}, label)]
  if (error !== null) parts.push(element('p', { class: 'warning' }, error))
  parts.push(element('h2', {}, 'Plan'), element('div', { class: 'scroll' }, planGraph(stages)))
  parts.push(element('h2', {}, 'Stages'), table(stages, stageColumns(jobId), 'No stages.'))
  if (stageId !== undefined) {
    const tasks = await ask<readonly TaskView[]>(`${path}/stages/${stageId}/tasks?limit=500`)
    parts.push(element('h2', {}, `Tasks of stage ${stageId}`), table(tasks, taskColumns, 'None yet.'))
  }
  if (notes.length > 0) {
    const lines = notes.map(({ atMs, text }) => element('li', {}, `${clockText(atMs)} ${text}`))
    parts.push(element('h2', {}, 'What happened'), element('ul', {}, ...lines))
  }
  return parts
}
