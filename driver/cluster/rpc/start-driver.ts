import { decodePlain, PLAN_LIMITS } from '../../../proto/messages/index.ts'
import { ClusterScheduler, type SchedulerSettings } from '../../scheduler/index.ts'
import { checkJobGraph } from '../../stages/index.ts'
import { type DriverConfig, type KeptRows, type RunningDriver, serveDriver } from './serve-driver.ts'

/** Starts a driver: it serves when this resolves. CONFIG_INVALID if it cannot listen there, or must not. */
export async function startDriver(
  config: DriverConfig & { readonly scheduler?: Partial<SchedulerSettings> },
): Promise<RunningDriver> {
  const scheduler = new ClusterScheduler({ settings: config.scheduler ?? {} })
  return await serveDriver(config, {
    scheduler,
    readGraph: (bytes) => checkJobGraph(decodePlain(bytes, PLAN_LIMITS)),
    keptRows: () => keptRows(scheduler),
  })
}

function keptRows({ state }: ClusterScheduler): KeptRows[] {
  return [...state.sessions.values()].flatMap(({ id: sessionId, kept }) =>
    [...kept].map(([key, { outputs }]) => ({
      sessionId,
      key,
      partitions: outputs.doneCount,
      partitionCount: outputs.taskCount,
      bytes: outputs.partitionBytes.reduce((sum, bytes) => sum + bytes, 0),
    })),
  )
}
