import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf'
import { EngineError } from '../../engine/errors.ts'
import type { MessageCodec } from './message-codec.ts'

/** Bytes that may wait to be sent; a peer that reads no faster is given up. */
const MAX_QUEUED_BYTES = 256 * 2 ** 20
/** From here `send` says that the sender should wait. */
const FULL_BYTES = 4 * 2 ** 20

/** Who hears of a link. */
export interface LinkListener<In extends DescMessage> {
  message(message: MessageShape<In>): void
  /** The peer sends no more. Without this function the link then ends on our side too. */
  ended?(): void
  /**
   * The link is over, once: null if both sides ended it, else why. Nothing is sent or received after it. A
   * client that breaks a call off may look to the server like one that ended it: HTTP/2 ends its half first.
   */
  closed(error: EngineError | null): void
}

/** The grpc-js end of a stream in both directions, of either side. */
export interface LinkStream {
  write(bytes: Buffer, done: () => void): void
  pause(): void
  resume(): void
  end(): void
  /** Ends the stream for both sides at once. */
  fail(error: EngineError): void
}

/** What both sides do with their grpc-js stream in the same way; how it fails is their own. */
export function streamEnds(call: {
  write(bytes: Buffer, done: () => void): unknown
  pause(): unknown
  resume(): unknown
  end(): unknown
}): Omit<LinkStream, 'fail'> {
  return {
    write: (bytes, done) => void call.write(bytes, done),
    pause: () => void call.pause(),
    resume: () => void call.resume(),
    end: () => void call.end(),
  }
}

/**
 * One end of a stream of messages in both directions, the same on both sides. What arrives waits, and the
 * peer with it, until `listen` is called.
 */
export class Link<In extends DescMessage, Out extends DescMessage> {
  /** `host:port` of the other side. */
  readonly peer: string
  readonly #stream: LinkStream
  readonly #incoming: MessageCodec<In>
  readonly #outgoing: MessageCodec<Out>
  #listener: LinkListener<In> | null = null
  #queuedBytes = 0
  #waiting: { readonly resolve: () => void; readonly reject: (error: EngineError) => void }[] = []
  #end: { readonly error: EngineError | null } | null = null
  #isEnding = false

  constructor(peer: string, stream: LinkStream, incoming: MessageCodec<In>, outgoing: MessageCodec<Out>) {
    this.peer = peer
    this.#stream = stream
    this.#incoming = incoming
    this.#outgoing = outgoing
  }

  /** Whether `closed` has been or is about to be told. */
  get isClosed(): boolean {
    return this.#end !== null
  }

  /** Bytes that `send` took and the network has not. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** Whom to tell of messages and of the end. Once. */
  listen(listener: LinkListener<In>): void {
    this.#listener = listener
    if (this.#end === null) this.#stream.resume()
    else queueMicrotask(() => listener.closed(this.#end?.error ?? null))
  }

  /**
   * Sends a message, in order. False if much waits already: then wait for `drained` before more. A link that
   * is over takes messages and drops them: its listener has heard why, or will. RESOURCES_EXHAUSTED ends the
   * link if 256 MB wait.
   */
  send(message: MessageInitShape<Out>): boolean {
    if (this.#end !== null || this.#isEnding) return false
    const bytes = this.#outgoing.encode(message)
    this.#queuedBytes += bytes.length
    if (this.#queuedBytes > MAX_QUEUED_BYTES) {
      const text = `"${this.peer}" does not take what it is sent: ${this.#queuedBytes} bytes wait`
      this.abort(new EngineError('RESOURCES_EXHAUSTED', text))
      return false
    }
    this.#stream.write(bytes, () => {
      this.#queuedBytes -= bytes.length
      if (this.#queuedBytes < FULL_BYTES) for (const { resolve } of this.#waiting.splice(0)) resolve()
    })
    return this.#queuedBytes < FULL_BYTES
  }

  /** Resolves when `send` may go on; rejects when the link is over. */
  drained(): Promise<void> {
    if (this.#end !== null) return Promise.reject(this.#end.error ?? closedError(this.peer))
    if (this.#queuedBytes < FULL_BYTES) return Promise.resolve()
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  /** Takes no more messages until `resume`; the peer waits in the end. */
  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  /** We send no more. */
  end(): void {
    if (this.#end !== null || this.#isEnding) return
    this.#isEnding = true
    this.#stream.end()
  }

  /** Ends the link for both sides at once; both listeners hear the error. */
  abort(error: EngineError): void {
    if (this.#end !== null) return
    this.#stream.fail(error)
    this.close(error)
  }

  /** Of the transport: bytes of a message are there. */
  receive(bytes: Buffer): void {
    if (this.#end !== null) return
    let message: MessageShape<In>
    try {
      message = this.#incoming.decode(bytes)
    } catch (error) {
      // The cast holds: codecs throw no others.
      return this.abort(error as EngineError)
    }
    this.#listener?.message(message)
  }

  /** Of the transport: the peer sends no more. */
  peerEnded(): void {
    if (this.#end !== null) return
    if (this.#listener?.ended === undefined) this.end()
    else this.#listener.ended()
  }

  /** Of the transport: the stream is over. */
  close(error: EngineError | null): void {
    if (this.#end !== null) return
    this.#end = { error }
    for (const { reject } of this.#waiting.splice(0)) reject(error ?? closedError(this.peer))
    this.#listener?.closed(error)
  }
}

function closedError(peer: string): EngineError {
  return new EngineError('CANCELLED', `the connection to "${peer}" was closed`)
}
