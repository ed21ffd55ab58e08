import { EngineError } from '../../../engine/errors.ts'
import { Cluster, Driver } from '../../../proto/cluster/index.ts'
import { type BoundService, bindService, type CallContext } from '../../../proto/grpc/index.ts'
import type { DriverLoop } from '../driver-loop.ts'
import type { Programs } from '../programs/index.ts'
import { serveLink } from './serve-link.ts'
import { jobsReply, statusReply } from './status.ts'

/** Jobs that one answer lists at most. */
const MOST_JOBS = 1000

/** What workers and executors speak to. */
export function clusterService(loop: DriverLoop): BoundService {
  return bindService(Cluster, {
    supervise: (stream) => serveLink(stream, (peer) => loop.openWorker(peer)),
    execute: (stream, { principal }) => {
      if (principal.kind !== 'session')
        throw new EngineError('PERMISSION_DENIED', 'an executor shows the token of its session, and no other')
      serveLink(stream, (peer) => loop.openExecutor(peer, principal.sessionId))
    },
  })
}

/** What programs and operators speak to. Without a folder for their state there are no detached programs. */
export function driverService(loop: DriverLoop, programs: Programs | null, build: string): BoundService {
  const kept = (): Programs => {
    if (programs !== null) return programs
    throw new EngineError('UNSUPPORTED_FEATURE', 'this driver keeps no programs', {
      hint: 'Start it with --state-dir DIR.',
    })
  }
  return bindService(Driver, {
    attach: (stream) => serveLink(stream, (peer) => loop.openClient(peer)),
    getStatus: () => statusReply(loop, build),
    listJobs: ({ limit }) => jobsReply(loop, limit === 0 ? MOST_JOBS : Math.min(limit, MOST_JOBS)),
    kill: async ({ id }) => {
      const isKilled = loop.cancelJob(id) || (programs !== null && (await programs.kill(id)))
      if (!isKilled) throw notFound('job or program', id)
      return {}
    },
    submitProgram: async (pieces) => ({ programId: await kept().submit(pieces) }),
    listPrograms: () => ({ programs: programs?.list() ?? [] }),
    readOutput: ({ programId, follow }, { signal }: CallContext) =>
      kept().readOutput(programId, follow, signal),
    decommission: ({ workerId }) => {
      if (!loop.decommission(workerId)) throw notFound('worker', workerId)
      return {}
    },
  })
}

function notFound(what: string, id: string): EngineError {
  return new EngineError('NOT_FOUND', `there is no ${what} "${id.slice(0, 200)}"`, {
    hint: 'See millrace status and millrace jobs.',
  })
}
