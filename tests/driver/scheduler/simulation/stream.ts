import type { Link, Peer } from '../../../../driver/cluster/index.ts'
import { EngineError } from '../../../../engine/errors.ts'
import type { Process } from './world.ts'

/** What a process wants to hear of its stream to the driver. */
export interface Receiver<Down> {
  receive(message: Down): void
  closed(): void
}

/**
 * A stream of a process to the driver: messages of one direction arrive in order, after a while of their own,
 * and not while the network is parted. Of different streams nothing is said: they overtake each other.
 */
export class Stream<Up, Down> {
  readonly #owner: Process
  readonly #receiver: Receiver<Down>
  readonly #up: Pipe<Up>
  readonly #down: Pipe<Down>
  #link: Link<Up> | null = null
  #isClosed = false

  constructor(owner: Process, open: (peer: Peer<Down>) => Link<Up>, receiver: Receiver<Down>) {
    this.#owner = owner
    this.#receiver = receiver
    this.#up = new Pipe(owner, 'driver', (message) => this.#deliverUp(message))
    this.#down = new Pipe(owner, 'process', (message) => this.#deliverDown(message))
    this.#up.run(() => {
      if (this.#isClosed) return
      this.#link = open({
        send: (message) => this.#down.send(message),
        close: () => {
          this.#link = null
          this.#down.run(() => this.#end())
        },
      })
    })
  }

  get isOpen(): boolean {
    return !this.#isClosed
  }

  send(message: Up): void {
    if (!this.#isClosed) this.#up.send(message)
  }

  /** What is under way is lost, and both sides hear of it, the driver when it can. */
  break(reason: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#up.cut()
    this.#down.cut()
    this.#up.run(() => this.#link?.closed(reason))
    this.#owner.later(this.#owner.world.between(1, 50), () => this.#receiver.closed())
  }

  /** The driver has closed it. */
  #end(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#up.cut()
    this.#receiver.closed()
  }

  #deliverUp(message: Up): void {
    try {
      this.#link?.receive(message)
    } catch (error) {
      const { world } = this.#owner
      if (!(error instanceof EngineError)) world.fault(`the loop threw ${String(error)}`)
      world.hit(`refused: ${error instanceof Error ? error.message.replace(/"[^"]*"/g, '…') : ''}`)
      this.#link = null
      this.#down.run(() => this.#end())
    }
  }

  #deliverDown(message: Down): void {
    if (!this.#isClosed) this.#receiver.receive(message)
  }
}

/** One direction of a stream. */
class Pipe<Message> {
  readonly #owner: Process
  readonly #to: 'driver' | 'process'
  readonly #deliver: (message: Message) => void
  #queue: (() => void)[] = []
  #lastMs = 0

  constructor(owner: Process, to: 'driver' | 'process', deliver: (message: Message) => void) {
    this.#owner = owner
    this.#to = to
    this.#deliver = deliver
  }

  send(message: Message): void {
    this.run(() => this.#deliver(message))
  }

  run(step: () => void): void {
    const { world } = this.#owner
    this.#queue.push(step)
    this.#lastMs = Math.max(this.#lastMs, world.nowMs + world.between(0.2, world.chance(0.02) ? 60 : 3))
    this.#pump(this.#lastMs - world.nowMs)
  }

  /** What has not arrived is lost. */
  cut(): void {
    this.#queue = []
  }

  #pump(delayMs: number): void {
    const { world, host } = this.#owner
    const arrive = (): void => {
      const waitMs = world.blockedUntil(host, 'driver') - world.nowMs
      if (waitMs > 0) this.#pump(waitMs)
      else this.#queue.shift()?.()
    }
    // A dead process hears nothing; the driver may still hear what it had sent.
    if (this.#to === 'process') this.#owner.later(delayMs, arrive)
    else world.at(delayMs, arrive)
  }
}
