import type { StartExecutor } from '../../proto/cluster/index.ts'
import type { ExecutorConfig } from '../executor/index.ts'
import { ExecutorProcess } from './executor-process.ts'
import type { WorkerConfig } from './worker-config.ts'

/** The executors that run on this host. */
export class Executors {
  readonly #config: WorkerConfig
  readonly #running = new Map<string, ExecutorProcess>()
  readonly #onExit: (executor: ExecutorProcess, reason: string) => void

  /** `onExit` hears of each executor that has ended, and why. */
  constructor(config: WorkerConfig, onExit: (executor: ExecutorProcess, reason: string) => void) {
    this.#config = config
    this.#onExit = onExit
  }

  get ids(): string[] {
    return [...this.#running.keys()]
  }

  start(order: StartExecutor, heartbeatMs: number): void {
    const { executorId, sessionId, threads, memoryBytes, sessionToken, settings } = order
    const { log } = this.#config
    if (this.#running.has(executorId)) {
      log('warn', 'an executor that runs was to be started', { executorId })
      return
    }
    const { driver, security, localDir, listenHost, memoryBytes: allBytes } = this.#config
    const config: ExecutorConfig = {
      executorId,
      sessionId,
      driver,
      token: sessionToken,
      driverTls: security.tls === null ? null : { ca: security.tls.ca },
      threads,
      memoryBytes: memoryBytes > 0 ? memoryBytes : allBytes,
      localDir,
      listenHost,
      heartbeatMs,
      settings,
    }
    const executor = new ExecutorProcess(config)
    this.#running.set(executorId, executor)
    log('info', 'executor started', { executorId, sessionId, pid: executor.pid, threads })
    void executor.ended.then((reason) => {
      this.#running.delete(executorId)
      log('info', 'executor ended', { executorId, sessionId, reason })
      this.#onExit(executor, reason)
    })
  }

  /** Asks an executor to end, or ends it. False if there is none of this id. */
  stop(executorId: string, kill: boolean): boolean {
    const executor = this.#running.get(executorId)
    executor?.stop(kill)
    return executor !== undefined
  }

  /** Ends the executors of a session; resolves when they have ended. */
  async endSession(sessionId: string): Promise<void> {
    const own = [...this.#running.values()].filter((executor) => executor.sessionId === sessionId)
    for (const executor of own) executor.stop(true)
    await Promise.all(own.map(({ ended }) => ended))
  }

  /** Ends all; resolves when they have ended. */
  async close(kill: boolean): Promise<void> {
    const all = [...this.#running.values()]
    for (const executor of all) executor.stop(kill)
    await Promise.all(all.map(({ ended }) => ended))
  }
}
