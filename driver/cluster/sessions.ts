import { EngineError } from '../../engine/errors.ts'
import type {
  ClientMessage,
  DriverMessage,
  SessionHello,
  TaskEnd,
  UserCode,
} from '../../proto/cluster/index.ts'
import type { ExecutorEntry, SentTask } from './executor-entry.ts'
import type { Executors, SessionsOfExecutors } from './executors.ts'
import { JobIntake, type ReadGraph } from './job-intake.ts'
import type { Jobs } from './jobs.ts'
import type { Link, Peer } from './links.ts'
import { type LoopContext, Outbox } from './loop-context.ts'
import { driverMessage, workerOrder } from './orders.ts'
import type { Workers } from './workers.ts'

/** A program that is attached. */
export interface SessionEntry {
  readonly sessionId: string
  readonly name: string
  /** Secret of its executors. */
  readonly token: string
  readonly maxSlots: number
  readonly settings: Readonly<Record<string, string>>
  readonly openedWallMs: number
  readonly outbox: Outbox<DriverMessage>
  readonly code: Map<string, UserCode>
  readonly intake: JobIntake
  /** Workers on which it had executors, and so maybe files. */
  readonly workers: Set<string>
  codeBytes: number
}

const LONGEST_NAME = 1000
const MOST_SETTINGS = 1000

/** The sessions of clients. */
export class Sessions implements SessionsOfExecutors {
  readonly #entries = new Map<string, SessionEntry>()
  readonly #byToken = new Map<string, SessionEntry>()
  readonly #context: LoopContext
  readonly #readGraph: ReadGraph
  readonly #parts: () => { readonly jobs: Jobs; readonly executors: Executors; readonly workers: Workers }
  #size = { slots: 0, workers: 0 }
  #sizeVersion = -1

  constructor(
    context: LoopContext,
    readGraph: ReadGraph,
    parts: () => { readonly jobs: Jobs; readonly executors: Executors; readonly workers: Workers },
  ) {
    this.#context = context
    this.#readGraph = readGraph
    this.#parts = parts
  }

  all(): IterableIterator<SessionEntry> {
    return this.#entries.values()
  }

  get(sessionId: string): SessionEntry | undefined {
    return this.#entries.get(sessionId)
  }

  /** Whose executors show the token with this hash; null if nobody's. */
  ofToken(tokenHash: string): string | null {
    return this.#byToken.get(tokenHash)?.sessionId ?? null
  }

  /** A stream was opened by a program. */
  open(peer: Peer<DriverMessage>): Link<ClientMessage> {
    const outbox = new Outbox(peer, this.#context)
    let entry: SessionEntry | null = null
    return {
      receive: ({ kind }) => {
        if (kind.case === 'hello') {
          if (entry !== null) throw new EngineError('PROTOCOL_ERROR', 'a client said hello twice')
          entry = this.#begin(outbox, kind.value)
          return
        }
        if (entry === null) throw new EngineError('PROTOCOL_ERROR', 'a client has not said hello')
        if (this.#entries.get(entry.sessionId) === entry) this.#onMessage(entry, kind)
      },
      closed: (reason) => {
        outbox.drop()
        if (entry !== null) this.#end(entry, reason)
      },
    }
  }

  #begin(outbox: Outbox<DriverMessage>, hello: SessionHello): SessionEntry {
    const { ids, clock, settings: limits } = this.#context
    if (this.#entries.size >= limits.maxSessions)
      throw new EngineError('RESOURCES_EXHAUSTED', `the driver has ${limits.maxSessions} sessions already`)
    const { executorMemoryBytes, maxSlots, settings } = hello
    if (!(executorMemoryBytes >= 0 && executorMemoryBytes <= Number.MAX_SAFE_INTEGER))
      throw new EngineError('PROTOCOL_ERROR', 'the memory of executors is not a size')
    if (Object.keys(settings).length > MOST_SETTINGS)
      throw new EngineError('PROTOCOL_ERROR', `a session has more than ${MOST_SETTINGS} settings`)
    const entry: SessionEntry = {
      sessionId: ids.sessionId(),
      name: hello.name.slice(0, LONGEST_NAME),
      token: ids.token(),
      maxSlots,
      settings,
      openedWallMs: clock.wallMs(),
      outbox,
      code: new Map(),
      intake: new JobIntake(this.#readGraph, limits.maxGraphBytes),
      workers: new Set(),
      codeBytes: 0,
    }
    const { sessionId, name } = entry
    this.#entries.set(sessionId, entry)
    this.#byToken.set(ids.hashOf(entry.token), entry)
    this.#size = this.#currentSize()
    const slots = slotsOf(entry, this.#size.slots)
    outbox.push(
      driverMessage({ case: 'ready', value: { sessionId, slots, driverBuild: this.#context.build } }),
    )
    outbox.push(driverMessage({ case: 'size', value: { slots, workers: this.#size.workers } }))
    this.#context.tell(() => ({ kind: 'sessionOpened', sessionId, name }))
    this.#context.dispatch({
      kind: 'sessionOpened',
      sessionId,
      executorMemoryBytes,
      maxSlots,
      settings: new Map(Object.entries(settings)),
    })
    return entry
  }

  #onMessage(entry: SessionEntry, kind: ClientMessage['kind']): void {
    const { jobs } = this.#parts()
    const { sessionId } = entry
    switch (kind.case) {
      case 'code':
        this.#keepCode(entry, kind.value)
        return
      case 'job': {
        const submitted = entry.intake.add(kind.value)
        if (submitted !== null) jobs.submit(entry, kind.value.job, submitted)
        return
      }
      case 'credit':
        jobs.grant(sessionId, kind.value.job, kind.value.bytes)
        return
      case 'cancel':
        jobs.cancel(`${sessionId}/${kind.value.job}`)
        return
      case 'drop':
        this.#context.dispatch({ kind: 'keptDropped', sessionId, key: kind.value.key })
        return
      default:
        throw new EngineError('PROTOCOL_ERROR', 'a message of a client is empty')
    }
  }

  #keepCode(entry: SessionEntry, code: UserCode): void {
    if (entry.code.has(code.codeId)) return
    if (code.codeKind !== 'function' && code.codeKind !== 'module')
      throw new EngineError('PROTOCOL_ERROR', 'user code is neither a function nor a module')
    entry.codeBytes += code.content.length
    const { maxCodeBytes } = this.#context.settings
    if (entry.codeBytes > maxCodeBytes)
      throw new EngineError('RESOURCES_EXHAUSTED', `the session has more than ${maxCodeBytes} bytes of code`)
    entry.code.set(code.codeId, code)
    this.#parts().executors.sendCode(entry.sessionId, code)
  }

  /** The session is over, and everything of it. */
  #end(entry: SessionEntry, reason: string): void {
    const { sessionId } = entry
    if (!this.#entries.delete(sessionId)) return
    this.#byToken.delete(this.#context.ids.hashOf(entry.token))
    const { jobs, workers } = this.#parts()
    jobs.dropSession(sessionId)
    this.#context.tell(() => ({ kind: 'sessionClosed', sessionId, reason }))
    this.#context.dispatch({ kind: 'sessionClosed', sessionId })
    // After the orders to stop its executors, which came of that.
    for (const workerId of entry.workers)
      workers.get(workerId)?.outbox?.push(workerOrder({ case: 'endSession', value: { sessionId } }))
  }

  startOf(sessionId: string): { readonly token: string; readonly settings: Record<string, string> } | null {
    const entry = this.#entries.get(sessionId)
    return entry === undefined ? null : { token: entry.token, settings: { ...entry.settings } }
  }

  codeOf(sessionId: string): Iterable<UserCode> {
    return this.#entries.get(sessionId)?.code.values() ?? []
  }

  taskEnded(entry: ExecutorEntry, sent: SentTask, end: TaskEnd): void {
    this.#parts().jobs.taskEnded(entry, sent, end)
  }

  isJob(jobId: string): boolean {
    return this.#parts().jobs.get(jobId) !== undefined
  }

  /** Tells clients the size of the cluster if it has changed. */
  tellSize(): void {
    const { version } = this.#parts().workers
    if (version === this.#sizeVersion) return
    this.#sizeVersion = version
    const size = this.#currentSize()
    if (size.slots === this.#size.slots && size.workers === this.#size.workers) return
    this.#size = size
    for (const entry of this.#entries.values()) {
      const value = { slots: slotsOf(entry, size.slots), workers: size.workers }
      entry.outbox.push(driverMessage({ case: 'size', value }))
    }
  }

  #currentSize(): { slots: number; workers: number } {
    const size = { slots: 0, workers: 0 }
    for (const { slots, isDraining } of this.#parts().workers.all()) {
      if (isDraining) continue
      size.slots += slots
      size.workers++
    }
    return size
  }

  close(error: EngineError): void {
    for (const entry of [...this.#entries.values()]) {
      entry.outbox.close(error)
      this.#end(entry, error.message)
    }
  }
}

function slotsOf({ maxSlots }: SessionEntry, slots: number): number {
  return maxSlots === 0 ? slots : Math.min(maxSlots, slots)
}
