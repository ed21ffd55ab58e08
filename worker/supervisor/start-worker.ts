import type { EngineError } from '../../engine/errors.ts'
import { Worker } from './worker.ts'
import type { WorkerConfig } from './worker-config.ts'

export type { WorkerConfig } from './worker-config.ts'

/** A worker that runs. */
export interface RunningWorker {
  readonly workerId: string
  /** `host:port` of its block service. */
  readonly blockAddress: string
  /** Resolves when the driver has sent it away: then `stop` it. */
  readonly drained: Promise<void>
  /**
   * Resolves with the reason when the driver does not take it: a wrong token, or another build. Trying again
   * does not help: `stop` it.
   */
  readonly refused: Promise<EngineError>
  /**
   * Tells the driver that it leaves, and waits, no longer than `timeoutMs`, until nothing of it is needed.
   */
  leave(timeoutMs: number): Promise<void>
  /** Ends its executors and itself. */
  stop(): Promise<void>
}

/**
 * Starts a worker in this process. It looks for its driver until it is stopped. CONFIG_INVALID if its folder
 * cannot be used, or it cannot listen.
 */
export async function startWorker(config: WorkerConfig): Promise<RunningWorker> {
  const worker = new Worker(config)
  try {
    await worker.start()
  } catch (error) {
    await worker.close()
    throw error
  }
  let stopped: Promise<void> | null = null
  return {
    workerId: worker.workerId,
    blockAddress: worker.blockAddress,
    drained: worker.drained,
    refused: worker.refused,
    async leave(timeoutMs) {
      worker.announceLeave()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs)
      })
      await Promise.race([worker.drained, late])
      clearTimeout(timer)
    },
    stop() {
      stopped ??= worker.close()
      return stopped
    },
  }
}
