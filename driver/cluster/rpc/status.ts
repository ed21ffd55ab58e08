import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ListJobsReplySchema, StatusReplySchema } from '../../../proto/cluster/index.ts'
import type { DriverLoop } from '../driver-loop.ts'
import type { EndedJob } from '../jobs.ts'
import type { WorkerEntry } from '../workers.ts'

/** The state of the cluster, as `GetStatus` answers. */
export function statusReply(loop: DriverLoop, build: string): MessageInitShape<typeof StatusReplySchema> {
  const executors = [...loop.executors.all()]
  const jobs = [...loop.jobs.all()].filter(({ isEnded }) => !isEnded)
  return {
    build,
    startedAtMs: loop.startedWallMs,
    workers: [...loop.workers.all()].map((worker) => {
      const own = executors.filter(({ workerId }) => workerId === worker.workerId)
      const { workerId, blockAddress, slots, memoryBytes } = worker
      return {
        workerId,
        address: blockAddress,
        slots,
        slotsUsed: own.reduce((sum, { attempts }) => sum + attempts.size, 0),
        memoryBytes,
        memoryUsedBytes: own.reduce((sum, { beat }) => sum + (beat?.usedBytes ?? 0), 0),
        state: stateOf(worker),
        executors: own.length,
        lastSeenMs: worker.lastSeenWallMs,
      }
    }),
    sessions: [...loop.sessions.all()].map(({ sessionId, name, openedWallMs }) => ({
      sessionId,
      name,
      jobsRunning: jobs.filter((job) => job.sessionId === sessionId).length,
      openedAtMs: openedWallMs,
    })),
  }
}

function stateOf({ isDraining, outbox }: WorkerEntry): string {
  if (outbox === null) return 'lost'
  return isDraining ? 'draining' : 'active'
}

/** Jobs that run or wait, then those that ended, the newest first, as `ListJobs` answers. */
export function jobsReply(loop: DriverLoop, limit: number): MessageInitShape<typeof ListJobsReplySchema> {
  const running = [...loop.jobs.all()].map((job): EndedJob => {
    const { jobId, label, sessionId, state, tasksDone, taskCount, tasksFailed, error, endedWallMs } = job
    const { submittedWallMs } = job.options
    const counts = { tasksDone, taskCount, tasksFailed }
    return { jobId, label, sessionId, state, error, ...counts, submittedWallMs, endedWallMs }
  })
  const newest = [...running.reverse(), ...[...loop.jobs.ended].reverse()].slice(0, limit)
  return {
    jobs: newest.map(({ submittedWallMs, endedWallMs, error, ...job }) => ({
      ...job,
      submittedAtMs: submittedWallMs,
      endedAtMs: endedWallMs,
      error: error === null ? '' : `${error.code}: ${error.message}`,
    })),
  }
}
