import { Session } from '../../driver/session.ts'
import type { EngineReply, EngineRequest } from './engine-process.ts'
import { median } from './statistics.ts'

type Timed = () => Promise<EngineReply>

/** Where trivial work runs: in this process, or in worker processes of one thread each. */
export class TaskSessions {
  readonly #local: Session
  readonly #threads: number
  #cluster: Session | null = null

  constructor(local: Session, threads: number) {
    this.#local = local
    this.#threads = threads
  }

  /** How long a job of so many tasks of one value takes. */
  async tasks({ tasks, cluster }: EngineRequest): Promise<Timed> {
    const session = this.#session(cluster === true)
    const values = Array.from({ length: Number(tasks) }, (_, index) => index)
    const start = performance.now()
    const count = await session.parallelize(values, values.length).count()
    const seconds = (performance.now() - start) / 1000
    return async () => ({ seconds, count })
  }

  /** How long one of many jobs of one task takes: the median. */
  async jobs({ jobs, cluster }: EngineRequest): Promise<Timed> {
    const session = this.#session(cluster === true)
    const took: number[] = []
    for (let job = 0; job < Number(jobs); job++) {
      const start = performance.now()
      await session.parallelize([job], 1).count()
      took.push((performance.now() - start) / 1000)
    }
    const seconds = median(took)
    return async () => ({ seconds, count: took.length })
  }

  async stop(): Promise<void> {
    await this.#cluster?.stop()
  }

  #session(isCluster: boolean): Session {
    if (!isCluster) return this.#local
    this.#cluster ??= new Session({
      master: `local-cluster[${this.#threads},1]`,
      timeZone: 'UTC',
      memory: '1g',
    })
    return this.#cluster
  }
}
