import { create, type MessageInitShape } from '@bufbuild/protobuf'
import type { ErrorCode } from '../../../../engine/errors.ts'
import {
  type ExecutorOrder,
  type ExecutorReport,
  ExecutorReportSchema,
  type Outputs,
  type StartExecutor,
  type TaskEndSchema,
  type TaskLaunch,
} from '../../../../proto/cluster/index.ts'
import { decodePlain, encodePlain, type StageOrder } from '../../../../proto/messages/index.ts'
import { BEAT_MS, chunksOf, type SimulatedCluster } from './cluster.ts'
import { cellOf, contentOf, readsOf, stageKey, WIDTH } from './contents.ts'
import { Stream } from './stream.ts'
import type { SimulatedWorker } from './worker.ts'
import { Process } from './world.ts'

type Report = NonNullable<MessageInitShape<typeof ExecutorReportSchema>['kind']>

/**
 * A process that runs tasks: what it makes depends on what it read, so that a wrong row shows in the result.
 */
export class SimulatedExecutor extends Process {
  readonly worker: SimulatedWorker
  readonly start: StartExecutor
  /** By name, map and attempt. */
  readonly outputs: Map<string, string> = new Map()
  /** How many times slower it is than others. */
  slowness = 1
  readonly #cluster: SimulatedCluster
  readonly #stages: Map<string, StageOrder> = new Map()
  readonly #locations: Map<string, Outputs> = new Map()
  readonly #waiting: TaskLaunch[] = []
  readonly #running: Map<number, TaskLaunch> = new Map()
  readonly #durable: Set<string> = new Set()
  readonly #stream: Stream<ExecutorReport, ExecutorOrder>

  constructor(cluster: SimulatedCluster, worker: SimulatedWorker, start: StartExecutor) {
    super(cluster.world, worker.host)
    this.#cluster = cluster
    this.worker = worker
    this.start = start
    cluster.executors.set(start.executorId, this)
    const { executorId, sessionId } = start
    this.#stream = new Stream(this, (peer) => cluster.loop.openExecutor(peer, sessionId), {
      receive: (order) => this.#onOrder(order),
      closed: () => this.exit('its stream to the driver ended'),
    })
    this.#report({ case: 'hello', value: { executorId, sessionId, pid: 1, blockAddress: executorId } })
    this.every(BEAT_MS, () => {
      const running = [...this.#running.keys(), ...this.#waiting.map(({ attemptId }) => attemptId)]
      this.#report({ case: 'beat', value: { running } })
    })
  }

  get id(): string {
    return this.start.executorId
  }

  get isBusy(): boolean {
    return this.#running.size > 0
  }

  /** It ends, by itself or by force; its worker hears of it, and has what lies on the disk. */
  exit(reason: string): void {
    if (!this.isAlive) return
    this.isAlive = false
    this.#stream.break(reason)
    this.#cluster.executors.delete(this.id)
    this.worker.onExit(this, reason, [...this.#durable])
  }

  breakStream(): void {
    this.#stream.break('reset by the network')
  }

  /** Forgets a task, as by a fault of its own. */
  forget(): boolean {
    const [attemptId] = this.#running.keys()
    return attemptId !== undefined && this.#running.delete(attemptId)
  }

  /** Loses an output, as by a corrupted block. */
  corrupt(): boolean {
    const key = this.world.pick([...this.outputs.keys()])
    if (key === undefined) return false
    this.#durable.delete(key)
    this.worker.disk.delete(key)
    return this.outputs.delete(key)
  }

  #report(kind: Report): void {
    this.#stream.send(create(ExecutorReportSchema, { kind }))
  }

  #onOrder({ kind }: ExecutorOrder): void {
    switch (kind.case) {
      case 'stage':
        this.#stages.set(
          `${kind.value.jobId} ${kind.value.stage}`,
          // The driver encoded it so; what travels in pieces is small here.
          decodePlain(kind.value.content) as StageOrder,
        )
        break
      case 'outputs':
        this.#locations.set(`${kind.value.jobId} ${kind.value.stage}`, kind.value)
        break
      case 'launch':
        this.#waiting.push(...kind.value.tasks)
        this.#runNext()
        break
      case 'cancel':
        for (const attemptId of kind.value.attemptIds) this.#cancel(attemptId)
        break
      case 'release':
        this.#release(kind.value.jobId, kind.value.stage)
        break
      case 'shutdown':
        this.later(this.world.between(1, 20), () => this.exit('it was told to stop'))
        break
    }
  }

  #cancel(attemptId: number): void {
    const at = this.#waiting.findIndex((task) => task.attemptId === attemptId)
    if (at >= 0) this.#waiting.splice(at, 1)
    if (this.#running.delete(attemptId) && this.world.chance(0.5))
      this.#end({ attemptId, error: errorBytes('CANCELLED', 'the task was cancelled') })
    this.#runNext()
  }

  #release(jobId: string, stage: number | undefined): void {
    const prefix = stage === undefined ? `${jobId} ` : `${jobId} ${stage} `
    for (const key of this.outputs.keys()) if (key.startsWith(prefix)) this.outputs.delete(key)
    for (const key of this.#durable)
      if (key.startsWith(prefix)) {
        this.#durable.delete(key)
        this.worker.disk.delete(key)
      }
    if (stage !== undefined) return
    for (const key of this.#stages.keys()) if (key.startsWith(prefix)) this.#stages.delete(key)
  }

  #runNext(): void {
    while (this.#running.size < this.start.threads) {
      const task = this.#waiting.shift()
      if (task === undefined) return
      this.#running.set(task.attemptId, task)
      if (this.world.chance(0.7)) this.#report({ case: 'begun', value: { attemptIds: [task.attemptId] } })
      this.later(this.world.between(1, 10), () => this.#fetch(task, 0))
    }
  }

  /** Reads the inputs of a task; what cannot be had is tried again for a while. */
  #fetch(task: TaskLaunch, tries: number): void {
    if (this.#running.get(task.attemptId) !== task) return
    const order = this.#stages.get(`${task.jobId} ${task.stage}`)
    if (order === undefined) {
      this.world.fault(`${this.id} got a task of stage ${task.stage} of ${task.jobId} before the stage`)
      return
    }
    const cells: string[] = []
    const tablePlan = (id: number) => order.tables.find(({ stageId }) => stageId === id)!.plan
    for (const { stageId, partition } of readsOf(order.plan, task.partition, tablePlan)) {
      const from = this.#locations.get(`${task.jobId} ${stageId}`)
      if (from === undefined) {
        this.world.fault(`${this.id} got a task that reads stage ${stageId} before its outputs`)
        return
      }
      for (const [map, host] of from.hostOfPartition.entries()) {
        const [attempt, holder] = [from.attemptOfPartition[map]!, from.hosts[host]!.executorId]
        const name = `${from.sourceJobId} ${from.sourceStage}`
        const found = this.#cluster.read(this.host, holder, name, map, attempt)
        if (found === null) {
          this.#onMissing(task, tries, { stage: stageId, partition: map, attempt, executorId: holder })
          return
        }
        cells.push(cellOf(found.content, partition))
      }
    }
    this.#compute(task, order, cells)
  }

  #onMissing(
    task: TaskLaunch,
    tries: number,
    missing: { stage: number; partition: number; attempt: number; executorId: string },
  ): void {
    if (tries < 3) {
      this.later(50 * 2 ** tries, () => this.#fetch(task, tries + 1))
      return
    }
    this.world.hit('fetch failed')
    this.#running.delete(task.attemptId)
    const error = errorBytes('SHUFFLE_FETCH_FAILED', 'an output is gone')
    this.#end({ attemptId: task.attemptId, error, missing })
    this.#runNext()
  }

  #compute(task: TaskLaunch, order: StageOrder, cells: readonly string[]): void {
    const { world } = this
    const runMs = world.chance(0.05) ? world.between(500, 2000) : world.between(2, 200)
    this.later(runMs * this.slowness, () => {
      if (!this.#running.delete(task.attemptId)) return
      const job = this.#cluster.jobsById.get(task.jobId)!
      if (job.poison?.stageId === task.stage && job.poison.partition === task.partition)
        this.#end({ attemptId: task.attemptId, error: errorBytes('DIVIDE_BY_ZERO', 'division by zero') })
      else if (world.chance(0.01)) {
        world.hit('transient failure')
        this.#end({ attemptId: task.attemptId, error: errorBytes('IO_ERROR', 'a disk hiccups') })
      } else {
        const content = contentOf(stageKey(job, task.stage), task.partition, cells)
        this.#succeed(task, order, content)
      }
      this.#runNext()
    })
  }

  #succeed({ attemptId, jobId, stage, partition, attempt }: TaskLaunch, order: StageOrder, content: string) {
    const { world } = this
    const isInline = order.inlineBytes > 0 && world.chance(0.5)
    const name = order.storeAs ?? { jobId, stageId: stage }
    const key = `${name.jobId} ${name.stageId} ${partition} ${attempt}`
    const durable = order.storage === 'disk'
    if (!isInline) this.outputs.set(key, content)
    if (durable && !isInline) {
      this.#durable.add(key)
      this.worker.disk.set(key, content)
    }
    const width = order.output.kind === 'result' ? 1 : WIDTH
    const end = {
      attemptId,
      partitionBytes: Array.from({ length: width }, () => 1 + world.integer(100_000)),
      partitionRows: Array.from({ length: width }, () => 1),
      durable: durable && !isInline,
      inline: isInline ? chunksOf(content) : [],
    }
    this.#end(end)
    if (world.chance(0.03)) {
      world.hit('duplicate message')
      this.#end(end)
    }
  }

  #end(end: MessageInitShape<typeof TaskEndSchema>): void {
    this.#report({ case: 'ends', value: { ends: [end] } })
  }
}

function errorBytes(code: ErrorCode, message: string): Uint8Array {
  return encodePlain({ code, message })
}
