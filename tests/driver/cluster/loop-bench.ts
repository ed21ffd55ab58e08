import { tmpdir } from 'node:os'
import { create, type MessageInitShape } from '@bufbuild/protobuf'
import {
  DriverLoop,
  type Link,
  type LoopSettings,
  type ResultRequest,
  type Spool,
} from '../../../driver/cluster/index.ts'
import type { TimedRecord } from '../../../driver/cluster/job-events.ts'
import { openSpoolFile } from '../../../driver/cluster/rpc/index.ts'
import type { ClusterEffect, ClusterEvent } from '../../../driver/scheduler/index.ts'
import type { JobGraph } from '../../../driver/stages/index.ts'
import type { EngineError } from '../../../engine/errors.ts'
import type { PhysicalPlan } from '../../../engine/plan/index.ts'
import {
  type ClientMessage,
  ClientMessageSchema,
  type DriverMessage,
  type ExecutorOrder,
  type ExecutorReport,
  ExecutorReportSchema,
  type WorkerOrder,
  type WorkerReport,
  WorkerReportSchema,
} from '../../../proto/cluster/index.ts'
import { encodePlain } from '../../../proto/messages/index.ts'

/** The stream of one peer of the loop: what it was sent, and a way to say something. */
export interface FakePeer<In, Out> {
  readonly link: Link<In>
  readonly sent: Out[]
  readonly closedWith: (EngineError | null)[]
}

type WorkerKind = MessageInitShape<typeof WorkerReportSchema>['kind']
type ExecutorKind = MessageInitShape<typeof ExecutorReportSchema>['kind']
type ClientKind = MessageInitShape<typeof ClientMessageSchema>['kind']

/**
 * A loop whose clock moves when told, whose scheduler does what a test says, and whose peers are plain data.
 */
export class LoopBench {
  nowMs = 0
  readonly events: ClusterEvent[] = []
  readonly records: TimedRecord[] = []
  readonly fetches: { readonly request: ResultRequest; give: Give; isClosed: boolean }[] = []
  readonly broken: unknown[] = []
  wakeMs: number | null = null
  graph: JobGraph = { stages: [], reusedExchanges: new Set() }
  /** What the scheduler wants when it hears an event. */
  answer: (event: ClusterEvent) => readonly ClusterEffect[] = () => []
  openSpool = (): Spool => openSpoolFile(tmpdir())
  readonly loop: DriverLoop
  readonly #soon: (() => void)[] = []
  readonly #puppet: ReturnType<LoopBench['attached']>
  #timer: { readonly atMs: number; readonly wake: () => void } | null = null

  constructor(settings: Partial<LoopSettings> = {}) {
    let lastId = 0
    this.loop = new DriverLoop({
      scheduler: {
        handle: (event) => {
          this.events.push(event)
          return this.answer(event)
        },
        nextWakeMs: () => this.wakeMs,
        graphOf: () => this.graph,
      },
      clock: {
        nowMs: () => this.nowMs,
        wallMs: () => 1_000_000 + this.nowMs,
        soon: (run) => this.#soon.push(run),
        at: (atMs, wake) => {
          this.#timer = { atMs, wake }
          return () => {
            this.#timer = null
          }
        },
      },
      ids: { sessionId: () => `s-${++lastId}`, token: () => `secret-${++lastId}`, hashOf: (token) => token },
      readGraph: () => this.graph,
      fetchResult: (request) => {
        const fetch = { request, give: (() => {}) as Give, isClosed: false }
        this.fetches.push(fetch)
        return {
          next: (done) => {
            fetch.give = done
          },
          close: () => {
            fetch.isClosed = true
          },
        }
      },
      openSpool: () => this.openSpool(),
      build: 'test',
      settings,
      observer: (record) => this.records.push(record),
      onBroken: (error) => this.broken.push(error),
    })
    this.#puppet = this.attached()
    this.events.length = 0
  }

  /** Lets all turns happen that are due. */
  turn(): void {
    for (let run = this.#soon.shift(); run !== undefined; run = this.#soon.shift()) run()
  }

  /** Moves the clock, stopping at every time for which the loop has set a timer. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms
    this.turn()
    while (this.#timer !== null && this.#timer.atMs <= endMs) {
      const { atMs, wake } = this.#timer
      this.#timer = null
      this.nowMs = Math.max(this.nowMs, atMs)
      wake()
      this.turn()
    }
    this.nowMs = endMs
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind)
  }

  worker(): FakePeer<WorkerReport, WorkerOrder> & { say(kind: WorkerKind): void } {
    const { peer, ...rest } = fakePeer<WorkerOrder>()
    const link = this.loop.openWorker(peer)
    return { ...rest, link, say: (kind) => link.receive(create(WorkerReportSchema, { kind: kind! })) }
  }

  /** A worker that has registered. */
  registered(workerId: string, executorIds: string[] = []): ReturnType<LoopBench['worker']> {
    const worker = this.worker()
    const facts = { workerId, host: 'here', slots: 2, memoryBytes: 1e9, blockAddress: `${workerId}:1` }
    worker.say({ case: 'register', value: { ...facts, executorIds } })
    this.turn()
    return worker
  }

  executor(sessionId: string): FakePeer<ExecutorReport, ExecutorOrder> & { say(kind: ExecutorKind): void } {
    const { peer, ...rest } = fakePeer<ExecutorOrder>()
    const link = this.loop.openExecutor(peer, sessionId)
    return { ...rest, link, say: (kind) => link.receive(create(ExecutorReportSchema, { kind: kind! })) }
  }

  /** An executor that the scheduler has started and that has said hello. */
  greeted(workerId: string, sessionId: string, executorId: string): ReturnType<LoopBench['executor']> {
    const facts = { executorId, workerId, sessionId, threads: 2, memoryBytes: 1e9 }
    this.effects([{ kind: 'startExecutor', ...facts }])
    const executor = this.executor(sessionId)
    executor.say({ case: 'hello', value: { executorId, sessionId, blockAddress: `${executorId}:2` } })
    this.turn()
    return executor
  }

  client(): FakePeer<ClientMessage, DriverMessage> & { say(kind: ClientKind): void } {
    const { peer, ...rest } = fakePeer<DriverMessage>()
    const link = this.loop.openClient(peer)
    return { ...rest, link, say: (kind) => link.receive(create(ClientMessageSchema, { kind: kind! })) }
  }

  attached(): ReturnType<LoopBench['client']> & { readonly sessionId: string } {
    const client = this.client()
    client.say({ case: 'hello', value: { name: 'test' } })
    this.turn()
    const ready = client.sent[0]!.kind
    return { ...client, sessionId: ready.case === 'ready' ? ready.value.sessionId : '' }
  }

  /** Lets the scheduler want something, on an event that means nothing, of a session of no interest. */
  effects(effects: readonly ClusterEffect[]): void {
    const { answer } = this
    this.answer = ({ kind }) => (kind === 'keptDropped' ? effects : [])
    this.#puppet.say({ case: 'drop', value: { key: 'nothing' } })
    this.answer = answer
    this.events.splice(
      this.events.findIndex(({ kind }) => kind === 'keptDropped'),
      1,
    )
    this.turn()
  }
}

type Give = (chunk: Uint8Array | null, error: EngineError | null) => void

function fakePeer<Out>() {
  const sent: Out[] = []
  const closedWith: (EngineError | null)[] = []
  const peer = {
    send: (message: Out) => {
      sent.push(message)
    },
    close: (error: EngineError | null) => {
      closedWith.push(error)
    },
  }
  return { peer, sent, closedWith }
}

/** A job of one stage over nothing, with so many tasks. */
export function graphOf(taskCount: number): JobGraph {
  const plan: PhysicalPlan = { kind: 'ValuesExec', id: 1, schema: { fields: [] }, rows: [] }
  return { stages: [{ id: 0, plan, taskCount, output: null, inputs: [] }], reusedExchanges: new Set() }
}

/** The settings of a job, encoded. */
export const JOB_SETTINGS: Uint8Array = encodePlain({ timeZone: 'UTC', nowMicros: 1n, randomSeed: 1 })
