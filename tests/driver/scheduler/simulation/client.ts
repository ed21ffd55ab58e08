import { create, type MessageInitShape } from '@bufbuild/protobuf'
import type { JobGraph, Stage } from '../../../../driver/stages/index.ts'
import {
  type ClientMessage,
  ClientMessageSchema,
  type DriverMessage,
  type JobEnd,
  type RowPiece,
} from '../../../../proto/cluster/index.ts'
import { decodeErrorData, encodePlain } from '../../../../proto/messages/index.ts'
import { randomGraph } from '../random-graph.ts'
import type { SimulatedCluster } from './cluster.ts'
import { expectedRows, type SimulatedJob, simulatedGraph, WIDTH } from './contents.ts'
import { Stream } from './stream.ts'
import { Process } from './world.ts'

type Message = NonNullable<MessageInitShape<typeof ClientMessageSchema>['kind']>

interface RunningJob {
  readonly job: SimulatedJob
  readonly rows: string[][]
  partition: number
  isCancelled: boolean
  error: string | null
  isEnded: boolean
}

const SETTINGS = encodePlain({ timeZone: 'UTC', nowMicros: 0n, randomSeed: 1 })

/** A program: it submits jobs, takes their rows at its own pace, and knows what they must be. */
export class SimulatedClient extends Process {
  readonly name: string
  readonly jobs: Map<number, RunningJob> = new Map()
  isReady = false
  sessionId = ''
  /** Stages up to a kept one, which some of its jobs share. */
  readonly #shared: JobGraph | null
  readonly #cluster: SimulatedCluster
  readonly #stream: Stream<ClientMessage, DriverMessage>
  readonly #jobCount: number
  /** Jobs it was given; null: it makes them itself. */
  readonly #given: readonly SimulatedJob[] | null
  readonly #maxSlots: number

  /** With jobs to run, or a number of them to make. */
  constructor(cluster: SimulatedCluster, name: string, jobs: number | readonly SimulatedJob[]) {
    super(cluster.world, name)
    this.name = name
    this.#cluster = cluster
    this.#given = typeof jobs === 'number' ? null : jobs
    this.#jobCount = typeof jobs === 'number' ? jobs : jobs.length
    const { world } = this
    this.#shared = world.chance(0.5) ? this.#sharedStages() : null
    this.#stream = new Stream(this, (peer) => cluster.loop.openClient(peer), {
      receive: (message) => this.#onMessage(message),
      closed: () => world.fault(`the stream of ${name} ended`),
    })
    const settings = world.chance(0.4) ? { 'shuffle.storage': 'disk' } : {}
    this.#maxSlots = this.#given === null && world.chance(0.2) ? 2 + world.integer(3) : 0
    const value = { name, executorMemoryBytes: 400, maxSlots: this.#maxSlots, settings }
    this.#send({ case: 'hello', value })
  }

  get isDone(): boolean {
    return this.jobs.size === this.#jobCount && [...this.jobs.values()].every(({ isEnded }) => isEnded)
  }

  close(): void {
    this.#stream.break('the program ended')
    this.isAlive = false
  }

  /** Cancels a job, if one runs. */
  cancel(): boolean {
    const running = [...this.jobs].filter(([, job]) => !job.isEnded && !job.isCancelled)
    const chosen = this.world.pick(running)
    if (chosen === undefined) return false
    chosen[1].isCancelled = true
    this.#send({ case: 'cancel', value: { job: chosen[0] } })
    return true
  }

  /** Wants kept rows no more; later jobs that read them make them anew. */
  drop(): boolean {
    const kept = this.#shared?.stages.at(-1)?.keep
    if (kept === undefined) return false
    this.#send({ case: 'drop', value: { key: kept } })
    return true
  }

  #send(kind: Message): void {
    this.#stream.send(create(ClientMessageSchema, { kind }))
  }

  #sharedStages(): JobGraph {
    const graph = randomGraph(this.world.random, { mostStages: 2, mostTasks: 4 })
    const last = graph.stages.at(-1)!
    const kept: Stage = { ...last, output: { kind: 'single' }, keep: `${this.name}-rows` }
    return { ...graph, stages: [...graph.stages.slice(0, -1), kept] }
  }

  #onMessage({ kind }: DriverMessage): void {
    switch (kind.case) {
      case 'ready':
        this.isReady = true
        this.sessionId = kind.value.sessionId
        for (let job = 1; job <= this.#jobCount; job++)
          this.later(job === 1 ? 1 : this.world.between(1, 2500) * job, () => this.#submit())
        break
      case 'rows':
        this.#onRows(kind.value)
        break
      case 'end':
        this.#onEnd(kind.value)
        break
    }
  }

  #submit(): void {
    const { world } = this
    const number = this.jobs.size + 1
    const job = this.#given?.[number - 1] ?? this.#makeJob(`${this.name}-${number}`)
    const { jobs, jobsById } = this.#cluster
    const at = jobs.push(job) - 1
    jobsById.set(`${this.sessionId}/${number}`, job)
    this.jobs.set(number, {
      job,
      rows: [],
      partition: -1,
      isCancelled: false,
      error: null,
      isEnded: false,
    })
    const header = {
      label: job.key,
      pool: world.chance(0.5) ? 'one' : '',
      settings: SETTINGS,
      creditBytes: world.between(1, 60),
    }
    const graph = new Uint8Array([at >> 8, at & 255])
    this.#send({ case: 'job', value: { job: number, header, graph, last: true } })
  }

  #makeJob(key: string): SimulatedJob {
    const { random } = this.world
    // A barrier of more tasks than the session may have slots would wait for ever.
    const barriers = this.#maxSlots === 0 && this.world.chance(0.2) ? 0.2 : 0
    const shape = { mostStages: 6, mostTasks: WIDTH, tables: 0.2, barriers }
    const own = randomGraph(random, shape)
    const shared = this.#shared !== null && this.world.chance(0.7) ? this.#shared : null
    const count = shared?.stages.length ?? 0
    const stages = [
      ...(shared?.stages ?? []),
      ...own.stages.map((stage) => {
        const inputs = stage.inputs.map((input) => input + count)
        // The first stage reads the kept rows, and others with it.
        const reads = count > 0 && stage.output?.kind !== 'table' && (stage.id === 0 || random() < 0.2)
        return { ...stage, id: stage.id + count, inputs: reads ? [...inputs, count - 1] : inputs }
      }),
    ]
    const graph = simulatedGraph(seededBy(this.name), { stages, reusedExchanges: new Set() })
    const last = graph.stages.at(-1)!
    const isPoisoned = last.taskCount > 0 && this.world.chance(0.05)
    const poison = isPoisoned ? { stageId: last.id, partition: this.world.integer(last.taskCount) } : null
    return { graph, key, sharedCount: count, sharedKey: `${this.name}-shared`, poison }
  }

  #onRows({ job: number, partition, chunk }: RowPiece): void {
    const running = this.jobs.get(number)!
    if (partition < running.partition)
      this.world.fault(`rows of partition ${partition} of ${running.job.key} came after later ones`)
    running.partition = partition
    running.rows[partition] ??= []
    running.rows[partition].push(new TextDecoder().decode(chunk))
    this.later(this.world.between(0, 20), () => {
      if (!running.isEnded) this.#send({ case: 'credit', value: { job: number, bytes: chunk.length } })
    })
  }

  #onEnd({ job: number, error }: JobEnd): void {
    const running = this.jobs.get(number)!
    if (running.isEnded) this.world.fault(`job ${running.job.key} ended twice`)
    running.isEnded = true
    if (error.length > 0) {
      const { code, message } = decodeErrorData(error)
      running.error = `${code}: ${message}`
      this.#checkError(running, code)
      return
    }
    this.world.hit('job done')
    if (running.job.poison !== null && running.job.graph.stages.at(-1)!.taskCount > 0)
      this.world.fault(`job ${running.job.key} is done, though a task of it cannot be`)
    const expected = expectedRows(running.job)
    for (const [partition, content] of expected.entries()) this.#checkRows(running, partition, content)
    if (running.rows.length > expected.length)
      this.world.fault(`job ${running.job.key} gave rows of partitions that it has not`)
  }

  #checkRows({ job, rows }: RunningJob, partition: number, content: string): void {
    const got = rows[partition] ?? []
    const count = 1 + (content.charCodeAt(0) % 3)
    const wanted = Array.from({ length: count }, (_, at) => `${content} ${at}/${count}`)
    if (got.join() !== wanted.join())
      this.world.fault(`rows of partition ${partition} of ${job.key} are ${got.join()}, not ${wanted.join()}`)
  }

  #checkError({ job, isCancelled, error }: RunningJob, code: string): void {
    const isMeant =
      (code === 'CANCELLED' && isCancelled) || (code === 'DIVIDE_BY_ZERO' && job.poison !== null)
    this.world.hit(isMeant ? `job ended as meant: ${code}` : `job failed: ${code}`)
    if (!isMeant) this.world.fault(`job ${job.key} failed: ${error}`)
  }
}

/** The same plans for the stages that jobs share: of each stage the same number follows. */
function seededBy(name: string): () => number {
  let state = [...name].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7)
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 0) / 2 ** 32
  }
}
