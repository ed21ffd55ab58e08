import { EngineError } from '../../engine/errors.ts'
import type {
  ExecutorExited,
  KeptOutput,
  WorkerBeat,
  WorkerOrder,
  WorkerRegister,
  WorkerReport,
} from '../../proto/cluster/index.ts'
import type { DurableOutput } from '../scheduler/index.ts'
import type { Link, Peer } from './links.ts'
import { type LoopContext, Outbox } from './loop-context.ts'
import { workerOrder } from './orders.ts'

/** A worker that has registered. */
export interface WorkerEntry {
  readonly workerId: string
  readonly host: string
  readonly slots: number
  readonly memoryBytes: number
  readonly blockAddress: string
  readonly blockCertificate: string
  /** Null while its stream is broken. */
  outbox: Outbox<WorkerOrder> | null
  isDraining: boolean
  lastSeenMs: number
  lastSeenWallMs: number
  beat: WorkerBeat | null
}

/** What workers need of their executors. */
export interface ExecutorsOfWorkers {
  exited(workerId: string, exited: ExecutorExited): void
  /**
   * The worker is back: executors that it does not run any more are lost, but for what it serves of theirs.
   */
  loseMissing(workerId: string, running: readonly string[], outputs: readonly DurableOutput[]): void
  /** Orders those of `running` to stop that are not known, and those to start that wait for it. */
  resume(worker: WorkerEntry, running: readonly string[]): void
  /** Whether any executor of the worker has a stream. */
  isHeard(workerId: string): boolean
  /** The worker is lost, and they with it. */
  forget(workerId: string): void
  isSession(sessionId: string): boolean
}

/** The workers of the cluster: who is there, and who was lost. */
export class Workers {
  /** Grows whenever the cluster becomes larger or smaller. */
  version = 0
  readonly #entries = new Map<string, WorkerEntry>()
  readonly #context: LoopContext
  readonly #executors: ExecutorsOfWorkers

  constructor(context: LoopContext, executors: ExecutorsOfWorkers) {
    this.#context = context
    this.#executors = executors
  }

  get(workerId: string): WorkerEntry | undefined {
    return this.#entries.get(workerId)
  }

  all(): IterableIterator<WorkerEntry> {
    return this.#entries.values()
  }

  /** A stream was opened by a worker. */
  open(peer: Peer<WorkerOrder>): Link<WorkerReport> {
    const outbox = new Outbox(peer, this.#context)
    let entry: WorkerEntry | null = null
    return {
      receive: ({ kind }) => {
        if (kind.case === 'register') {
          if (entry !== null) throw new EngineError('PROTOCOL_ERROR', 'a worker registered twice')
          entry = this.#register(outbox, kind.value)
          return
        }
        if (entry === null) throw new EngineError('PROTOCOL_ERROR', 'a worker has not registered')
        if (entry.outbox !== outbox) return // It was lost, or has come back on another stream.
        entry.lastSeenMs = this.#context.clock.nowMs()
        entry.lastSeenWallMs = this.#context.clock.wallMs()
        if (kind.case === 'beat') entry.beat = kind.value
        else if (kind.case === 'exited') this.#executors.exited(entry.workerId, kind.value)
        else if (kind.case === 'leaving') this.drain(entry.workerId)
        else throw new EngineError('PROTOCOL_ERROR', 'a report of a worker is empty')
      },
      closed: () => {
        outbox.drop()
        if (entry?.outbox !== outbox) return
        entry.outbox = null
        entry.lastSeenMs = this.#context.clock.nowMs()
      },
    }
  }

  #register(outbox: Outbox<WorkerOrder>, register: WorkerRegister): WorkerEntry {
    checkRegister(register)
    const { workerId, host, slots, memoryBytes, blockAddress, blockCertificate, executorIds } = register
    const outputs = durableOutputs(register.outputs).filter(({ sessionId }) =>
      this.#executors.isSession(sessionId),
    )
    const before = this.#entries.get(workerId)
    // One that started again serves its blocks elsewhere than before.
    if (before !== undefined && !isSame(before, register)) this.#lose(before, 'it started again')
    const kept = this.#entries.get(workerId)
    if (kept !== undefined) this.#executors.loseMissing(workerId, executorIds, outputs)
    const { clock, settings } = this.#context
    const seen = { outbox, lastSeenMs: clock.nowMs(), lastSeenWallMs: clock.wallMs() }
    kept?.outbox?.close(null)
    const entry: WorkerEntry =
      kept === undefined
        ? {
            workerId,
            host,
            slots,
            memoryBytes,
            blockAddress,
            blockCertificate,
            isDraining: false,
            beat: null,
            ...seen,
          }
        : Object.assign(kept, seen)
    this.#entries.set(workerId, entry)
    outbox.push(workerOrder({ case: 'welcome', value: { heartbeatMs: settings.heartbeatMs } }))
    const sessions = new Set(register.outputs.map(({ sessionId }) => sessionId))
    for (const sessionId of sessions)
      if (!this.#executors.isSession(sessionId))
        outbox.push(workerOrder({ case: 'endSession', value: { sessionId } }))
    this.#executors.resume(entry, executorIds)
    if (kept !== undefined) return entry
    this.version++
    this.#context.tell(() => ({ kind: 'workerJoined', workerId, host, slots, memoryBytes }))
    this.#context.dispatch({ kind: 'workerJoined', workerId, host, slots, memoryBytes, outputs })
    return entry
  }

  /** The loop itself stood still for so long: nobody could be heard. */
  excuse(ms: number): void {
    for (const entry of this.#entries.values()) entry.lastSeenMs += ms
  }

  /** Finds the workers that are silent or gone for too long. */
  check(): void {
    const { clock, settings } = this.#context
    const nowMs = clock.nowMs()
    for (const entry of this.#entries.values()) {
      const silentMs = nowMs - entry.lastSeenMs
      if (entry.outbox !== null) {
        if (silentMs > settings.silenceMs) this.#lose(entry, `it was silent for ${Math.round(silentMs)} ms`)
        continue
      }
      const graceMs = this.#executors.isHeard(entry.workerId) ? settings.reconnectMs : settings.exitMs
      if (silentMs > graceMs) this.#lose(entry, 'its connection was lost')
    }
  }

  /** Takes a worker out of service. False if there is none of this id. */
  drain(workerId: string): boolean {
    const entry = this.#entries.get(workerId)
    if (entry === undefined) return false
    if (entry.isDraining) return true
    entry.isDraining = true
    this.version++
    this.#context.tell(() => ({ kind: 'workerDraining', workerId }))
    this.#context.dispatch({ kind: 'workerDraining', workerId })
    return true
  }

  /** Nothing of it is needed any more. */
  drained(workerId: string): void {
    this.#entries.get(workerId)?.outbox?.push(workerOrder({ case: 'drain', value: {} }))
  }

  close(error: EngineError): void {
    for (const entry of this.#entries.values()) entry.outbox?.close(error)
    this.#entries.clear()
  }

  #lose(entry: WorkerEntry, reason: string): void {
    const { workerId, outbox } = entry
    this.#entries.delete(workerId)
    this.version++
    entry.outbox = null
    outbox?.close(new EngineError('WORKER_LOST', `worker "${workerId}" was given up: ${reason}`))
    this.#executors.forget(workerId)
    this.#context.tell(() => ({ kind: 'workerLost', workerId, reason }))
    this.#context.dispatch({ kind: 'workerLost', workerId, reason })
  }
}

/** Outputs as the scheduler knows them. */
export function durableOutputs(outputs: readonly KeptOutput[]): DurableOutput[] {
  return outputs.map(({ sessionId, jobId, stage, partition, attempt }) => ({
    sessionId,
    jobId,
    stageId: stage,
    partition,
    attempt,
  }))
}

const MOST_SLOTS = 4096

function checkRegister({ workerId, host, slots, memoryBytes }: WorkerRegister): void {
  if (!/^[\w.-]{1,100}$/.test(workerId))
    throw new EngineError(
      'PROTOCOL_ERROR',
      'the id of a worker is not made of letters, digits, "_", "." and "-"',
    )
  if (host.length > 255)
    throw new EngineError('PROTOCOL_ERROR', `the host of worker "${workerId}" is too long`)
  if (slots < 1 || slots > MOST_SLOTS)
    throw new EngineError('PROTOCOL_ERROR', `worker "${workerId}" has ${slots} slots, not 1 to ${MOST_SLOTS}`)
  if (!(memoryBytes > 0 && memoryBytes <= Number.MAX_SAFE_INTEGER))
    throw new EngineError('PROTOCOL_ERROR', `worker "${workerId}" has ${memoryBytes} bytes of memory`)
}

function isSame(entry: WorkerEntry, register: WorkerRegister): boolean {
  return (
    entry.host === register.host &&
    entry.slots === register.slots &&
    entry.memoryBytes === register.memoryBytes &&
    entry.blockAddress === register.blockAddress &&
    entry.blockCertificate === register.blockCertificate
  )
}
