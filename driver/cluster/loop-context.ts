import type { ClusterEvent } from '../scheduler/index.ts'
import type { ClusterRecord } from './job-events.ts'
import type { Clock, IdSource, Peer } from './links.ts'
import type { LoopSettings } from './loop-settings.ts'

/** What the parts of the event loop share. */
export interface LoopContext {
  readonly clock: Clock
  readonly ids: IdSource
  readonly settings: LoopSettings
  readonly build: string
  /** The secret of a session's executors. */
  tokenOf(sessionId: string): string
  /** Gives an event to the scheduler, after those before it, and does what comes of it. */
  dispatch(event: ClusterEvent): void
  /** Tells observers; the record is made only if there are some. */
  tell(record: () => ClusterRecord): void
  /** A turn ends soon: messages that wait in outboxes go then. */
  touch(): void
  readonly outboxes: Set<{ flush(): void }>
}

/** Messages to one peer that go at the end of the loop's turn, so that what follows can join what waits. */
export class Outbox<Message> {
  readonly peer: Peer<Message>
  readonly #context: LoopContext
  #waiting: Message[] = []
  #isClosed = false

  constructor(peer: Peer<Message>, context: LoopContext) {
    this.peer = peer
    this.#context = context
  }

  /** The message that would go last, for joining. */
  get last(): Message | undefined {
    return this.#waiting.at(-1)
  }

  push(message: Message): void {
    if (this.#isClosed) return
    this.#waiting.push(message)
    this.#context.outboxes.add(this)
    this.#context.touch()
  }

  flush(): void {
    const messages = this.#waiting
    this.#waiting = []
    for (const message of messages) this.peer.send(message)
  }

  /** What waits still goes, then the stream ends. */
  close(error: Parameters<Peer<Message>['close']>[0]): void {
    if (this.#isClosed) return
    this.flush()
    this.drop()
    this.peer.close(error)
  }

  /** The stream is gone. */
  drop(): void {
    this.#isClosed = true
    this.#waiting = []
    this.#context.outboxes.delete(this)
  }
}
