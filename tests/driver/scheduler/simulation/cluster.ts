import type { SchedulerCore } from '../../../../driver/cluster/driver-loop.ts'
import { DriverLoop, type ResultReader, type ResultRequest } from '../../../../driver/cluster/index.ts'
import { EngineError } from '../../../../engine/errors.ts'
import type { SimulatedJob } from './contents.ts'
import type { SimulatedExecutor } from './executor.ts'
import type { SimulatedWorker } from './worker.ts'
import type { World } from './world.ts'

/** Beats, and how long silence is borne: as in production, but shorter. */
export const BEAT_MS = 500

/** A driver's production loop in a simulated world, and all that is connected to it. */
export class SimulatedCluster {
  readonly world: World
  readonly loop: DriverLoop
  readonly workers: SimulatedWorker[] = []
  readonly executors: Map<string, SimulatedExecutor> = new Map()
  /** Jobs by their number in the simulation, which stands for their graph. */
  readonly jobs: SimulatedJob[] = []
  /** The same, by the id that the driver gave them. */
  readonly jobsById: Map<string, SimulatedJob> = new Map()
  workerCount = 0
  #lastId = 0

  constructor(world: World, scheduler: SchedulerCore) {
    this.world = world
    const ids = {
      sessionId: () => `s-${++this.#lastId}`,
      token: () => `token-${++this.#lastId}`,
      hashOf: (token: string) => token,
    }
    this.loop = new DriverLoop({
      scheduler,
      clock: {
        nowMs: () => world.nowMs,
        wallMs: () => world.nowMs,
        at: (atMs, wake) => {
          let isOff = false
          world.at(atMs - world.nowMs, () => {
            if (!isOff) wake()
          })
          return () => {
            isOff = true
          }
        },
        soon: (run) => world.at(0, run),
      },
      ids,
      readGraph: (bytes) => this.jobs[bytes[0]! * 256 + bytes[1]!]!.graph,
      fetchResult: (request) => this.#fetchResult(request),
      build: 'simulated',
      settings: {
        heartbeatMs: BEAT_MS,
        silenceMs: 4 * BEAT_MS,
        reconnectMs: 3 * BEAT_MS,
        exitMs: 2 * BEAT_MS,
        executorStartMs: 5000,
        inlineBytes: 40,
        heldRowBytes: 100,
      },
      onBroken: (error) =>
        world.fault(`the scheduler threw ${error instanceof Error ? error.stack : String(error)}`),
    })
  }

  /** Chunks of an output for the driver; null: it is not to be had. */
  read(
    fromHost: string,
    holderId: string,
    name: string,
    map: number,
    attempt: number,
  ): { readonly content: string } | null {
    const key = `${name} ${map} ${attempt}`
    const executor = this.executors.get(holderId)
    const worker = executor?.worker ?? this.workers.find(({ id, isAlive }) => id === holderId && isAlive)
    if (worker === undefined || !this.world.canReach(fromHost, worker.host)) return null
    if (executor !== undefined) {
      if (!executor.isAlive || executor.frozenUntil > this.world.nowMs) return null
      const content = executor.outputs.get(key)
      return content === undefined ? null : { content }
    }
    if (!worker.isAlive || worker.frozenUntil > this.world.nowMs) return null
    const content = worker.disk.get(key)
    return content === undefined ? null : { content }
  }

  #fetchResult({ jobId, stageId, partition, attempt, holderId }: ResultRequest): ResultReader {
    const { world } = this
    let isClosed = false
    let sent = 0
    return {
      next: (done) => {
        world.at(world.between(0.5, 10), () => {
          if (isClosed) return
          const found = this.read('driver', holderId, `${jobId} ${stageId}`, partition, attempt)
          const chunks = found === null ? [] : chunksOf(found.content)
          if (found === null) done(null, new EngineError('SHUFFLE_FETCH_FAILED', 'the output is gone'))
          else if (sent < chunks.length) done(chunks[sent++]!, null)
          else done(null, null)
        })
      },
      close: () => {
        isClosed = true
      },
    }
  }
}

/** The rows of a result: one chunk or some, of which none may be missing. */
export function chunksOf(content: string): Uint8Array[] {
  const count = 1 + (content.charCodeAt(0) % 3)
  return Array.from({ length: count }, (_, at) => new TextEncoder().encode(`${content} ${at}/${count}`))
}
