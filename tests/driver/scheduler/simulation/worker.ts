import { create, type MessageInitShape } from '@bufbuild/protobuf'
import {
  type StartExecutor,
  type WorkerOrder,
  type WorkerReport,
  WorkerReportSchema,
} from '../../../../proto/cluster/index.ts'
import { BEAT_MS, type SimulatedCluster } from './cluster.ts'
import { SimulatedExecutor } from './executor.ts'
import { Stream } from './stream.ts'
import { Process } from './world.ts'

type Report = NonNullable<MessageInitShape<typeof WorkerReportSchema>['kind']>

/** What a worker is like, and what outlives its process. */
export interface WorkerFacts {
  readonly id: string
  readonly slots: number
  readonly memoryBytes: number
  readonly disk: Map<string, string>
}

/** The supervisor of a host: it starts executors, tells of their ends, and has what lies on the disk. */
export class SimulatedWorker extends Process {
  readonly facts: WorkerFacts
  /** Its executors do not start. */
  isBroken = false
  readonly executors: Map<string, SimulatedExecutor> = new Map()
  readonly #cluster: SimulatedCluster
  readonly #starting: Set<string> = new Set()
  #stream: Stream<WorkerReport, WorkerOrder> | null = null
  readonly #exits: Report[] = []

  constructor(cluster: SimulatedCluster, facts: WorkerFacts) {
    super(cluster.world, facts.id)
    this.#cluster = cluster
    this.facts = facts
    this.#connect()
    this.every(BEAT_MS, () => this.#report({ case: 'beat', value: {} }))
  }

  get id(): string {
    return this.facts.id
  }

  get disk(): Map<string, string> {
    return this.facts.disk
  }

  #connect(): void {
    const { id: workerId, slots, memoryBytes } = this.facts
    this.#stream = new Stream(this, (peer) => this.#cluster.loop.openWorker(peer), {
      receive: (order) => this.#onOrder(order),
      closed: () => this.later(this.world.between(10, 500), () => this.#connect()),
    })
    this.#report({
      case: 'register',
      value: {
        workerId,
        host: workerId,
        slots,
        memoryBytes,
        blockAddress: workerId,
        executorIds: [...this.executors.keys(), ...this.#starting],
        outputs: [...this.disk.keys()].map(outputOf),
      },
    })
    for (const exit of this.#exits.splice(0)) this.#report(exit)
  }

  #report(kind: Report): void {
    if (this.#stream?.isOpen !== true && kind.case === 'exited') this.#exits.push(kind)
    else this.#stream?.send(create(WorkerReportSchema, { kind }))
  }

  #onOrder({ kind }: WorkerOrder): void {
    switch (kind.case) {
      case 'start':
        this.#start(kind.value)
        break
      case 'stop': {
        const { executorId, kill } = kind.value
        this.#starting.delete(executorId)
        const executor = this.executors.get(executorId)
        if (executor === undefined) this.#tellExit(executorId, 'it is not there', [])
        else this.later(this.world.between(1, kill ? 5 : 50), () => executor.exit('it was stopped'))
        break
      }
      case 'endSession':
        for (const key of this.disk.keys())
          if (key.startsWith(`${kind.value.sessionId}/`)) this.disk.delete(key)
        break
      case 'drain':
        this.world.hit('worker drained')
        this.crash(false)
        break
    }
  }

  #start(start: StartExecutor): void {
    this.#starting.add(start.executorId)
    this.later(this.world.between(20, 300), () => {
      if (!this.#starting.delete(start.executorId)) return
      if (this.isBroken || this.world.chance(0.02)) {
        this.world.hit('executor did not start')
        this.#tellExit(start.executorId, 'exit code 1', [])
      } else this.executors.set(start.executorId, new SimulatedExecutor(this.#cluster, this, start))
    })
  }

  onExit(executor: SimulatedExecutor, reason: string, durable: readonly string[]): void {
    this.executors.delete(executor.id)
    if (!this.isAlive) return
    this.later(this.world.between(1, 50), () => this.#tellExit(executor.id, reason, durable))
  }

  #tellExit(executorId: string, reason: string, durable: readonly string[]): void {
    const outputs = durable.filter((key) => this.disk.has(key)).map(outputOf)
    this.#report({ case: 'exited', value: { executorId, reason, outputs } })
  }

  breakStream(): void {
    this.#stream?.break('reset by the network')
  }

  /** The process and its executors are gone. `loses`: what was on the disk too. */
  crash(loses: boolean): void {
    if (!this.isAlive) return
    this.isAlive = false
    this.#stream?.break('it was killed')
    for (const executor of [...this.executors.values()]) executor.exit('its worker was killed')
    if (loses) this.disk.clear()
    this.#cluster.workers.splice(this.#cluster.workers.indexOf(this), 1)
  }
}

/** Of a key of a disk: session, job, stage, map, attempt. */
function outputOf(key: string) {
  const [jobId, stage, partition, attempt] = key.split(' ')
  const sessionId = jobId!.split('/')[0]!
  return {
    sessionId,
    jobId: jobId!,
    stage: Number(stage),
    partition: Number(partition),
    attempt: Number(attempt),
  }
}
