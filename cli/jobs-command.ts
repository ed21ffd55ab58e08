import type { JobStatus } from '../proto/cluster/index.ts'
import type { Command } from './arguments.ts'
import { jsonFlag, optionFlags } from './cluster-options.ts'
import { durationText, textTable } from './text-table.ts'

const LONGEST_LABEL = 60

/** `millrace jobs`: what runs, waits and ended lately. */
export const jobsCommand: Command = {
  name: 'jobs',
  summary: 'show the jobs of a cluster that run, wait, or ended lately',
  usage: '[flags]',
  flags: [
    ...optionFlags('client'),
    jsonFlag,
    { name: 'limit', value: 'N', usage: 'at most so many, the newest (default: 50)' },
  ],
  run: async (args) => {
    const { askDriver, writeJson } = await import('./ask-driver.ts')
    return await askDriver(args, async (calls) => {
      const { jobs } = await calls.listJobs({ limit: Number(args.one('limit') ?? 50) })
      if (args.has('json')) return writeJson(jobs)
      const nowMs = Date.now()
      const table = textTable(
        ['JOB', 'STATE', 'TASKS', 'FAILED', 'TIME', 'WHAT'],
        jobs.map((job) => [
          job.jobId,
          job.state,
          `${job.tasksDone}/${job.taskCount}`,
          job.tasksFailed,
          durationText((job.endedAtMs === 0 ? nowMs : job.endedAtMs) - job.submittedAtMs),
          what(job),
        ]),
      )
      process.stdout.write(table === '' ? 'no jobs\n' : table)
    })
  },
}

/** The label on one line, and why it failed. */
function what({ label, error }: JobStatus): string {
  const line = label.replaceAll(/\s+/g, ' ').trim()
  const short = line.length > LONGEST_LABEL ? `${line.slice(0, LONGEST_LABEL - 1)}…` : line
  return error === '' ? short : `${short} (${error})`
}
