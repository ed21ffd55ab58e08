import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { EngineError } from '../../engine/errors.ts'
import { parseAddress } from './address.ts'
import { ALIVE, ALIVE_MS, FRAME, IDLE_MS, MAGIC } from './chunk-wire.ts'
import { FrameReader, type FrameTaker } from './frame-reader.ts'
import type { TlsCheck } from './security.ts'
import { UNREACHABLE_HINT } from './status.ts'

export interface ChunkConnectionOptions {
  readonly address: string
  /** Null: plain text. */
  readonly tls: TlsCheck | null
  readonly maxChunkBytes: number
  /** A server that says nothing for so long, while it is waited for, is taken for gone. */
  readonly silenceMs: number
}

export interface Frame {
  readonly kind: number
  readonly bytes: Uint8Array
}

/**
 * The client's end of a connection for chunks: one call at a time. A frame is read when it is asked for, so
 * what is not waits in the network, and the server with it.
 */
export class ChunkConnection {
  readonly #options: ChunkConnectionOptions
  readonly #reader: FrameReader
  readonly #socket: Socket
  readonly #timer: NodeJS.Timeout
  #waiter: {
    readonly resolve: (frame: Frame) => void
    readonly reject: (error: EngineError) => void
  } | null = null
  #error: EngineError | null = null
  /** Bytes over TLS behind the frame that was given. */
  #rest: Uint8Array = new Uint8Array(0)
  #buffer: Buffer | null = null
  #isReused = false
  #heardMs = performance.now()
  #calls = 0
  #isInCall = false
  #onGone: () => void = () => {}
  #idleSinceMs = 0

  constructor(options: ChunkConnectionOptions) {
    this.#options = options
    const taker: FrameTaker = {
      place: (kind, size) => this.#place(kind, size),
      frame: (kind, bytes) => this.#take({ kind, bytes }),
    }
    this.#reader = new FrameReader(options.maxChunkBytes, taker)
    this.#socket = options.tls === null ? this.#connectPlain() : this.#connectTls(options.tls)
    this.#socket.setNoDelay(true)
    this.#socket.on('error', (cause) => this.fail(this.#unreachable(cause.message, cause)))
    this.#socket.on('end', () => this.fail(this.#unreachable('the server has closed the connection')))
    this.#socket.on('close', () => this.fail(this.#unreachable('the connection was closed')))
    this.#timer = setInterval(() => this.#tick(), ALIVE_MS).unref()
  }

  /** Whether another call may follow. */
  get isReusable(): boolean {
    return this.#error === null && !this.#isInCall
  }

  /**
   * Begins a call; gives its first frame, or null if the server has closed the connection before the call.
   */
  async begin(request: Buffer, reuse: boolean): Promise<Frame | null> {
    const isSecond = this.#calls++ > 0
    this.#isInCall = true
    this.#isReused = reuse
    this.#heardMs = performance.now()
    this.#onGone = () => {}
    this.#socket.ref()
    if (this.#error === null) this.#socket.write(request)
    try {
      return await this.next()
    } catch (error) {
      const isStale = isSecond && this.#error?.code === 'CLUSTER_UNREACHABLE'
      if (isStale) return null
      throw error
    }
  }

  /** The next frame of the call; the one before it may be written over. CLUSTER_UNREACHABLE if none comes. */
  next(): Promise<Frame> {
    return new Promise((resolve, reject) => {
      if (this.#error !== null) return reject(this.#error)
      this.#waiter = { resolve, reject }
      this.#heardMs = performance.now()
      this.#resume()
    })
  }

  /** Keeps it for a later call. It does not keep the process alive; `onGone` hears when it is of no use. */
  rest(onGone: () => void): void {
    this.#onGone = onGone
    this.#idleSinceMs = performance.now()
    this.#buffer = null
    this.#socket.unref()
    this.#socket.resume()
  }

  discard(): void {
    this.fail(new EngineError('CANCELLED', `the connection to "${this.#options.address}" was closed`))
  }

  /** Ends it; whoever waits for a frame gets the error. */
  fail(error: EngineError): void {
    if (this.#error !== null) return
    this.#error = error
    clearInterval(this.#timer)
    this.#socket.destroy()
    this.#waiter?.reject(error)
    this.#waiter = null
    this.#onGone()
  }

  #connectPlain(): Socket {
    const { host, port } = parseAddress(this.#options.address)
    // The system writes where the frame belongs, with no buffer in between.
    const onread = {
      buffer: () => this.#reader.free(),
      callback: (count: number) => this.#read(() => this.#reader.filled(count)),
    }
    const socket = connect({ host, port, onread })
    socket.write(MAGIC)
    return socket
  }

  #connectTls(tls: TlsCheck): Socket {
    const { host, port } = parseAddress(this.#options.address)
    const plain = connect({ host, port })
    plain.write(MAGIC)
    plain.on('error', (cause) => this.fail(this.#unreachable(cause.message, cause)))
    const socket = connectTls({ socket: plain, ...tls })
    socket.on('data', (bytes: Buffer) => {
      this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
      this.#feed()
    })
    return socket
  }

  /** Reads on; false when what is read is enough for now. */
  #read(read: () => boolean): boolean {
    this.#heardMs = performance.now()
    try {
      return !read() || this.#waiter !== null || !this.#isInCall
    } catch (error) {
      this.fail(error as EngineError) // The reader throws no others.
      return false
    }
  }

  #feed(): void {
    while (this.#rest.length > 0 && this.#error === null) {
      if (this.#isInCall && this.#waiter === null) return void this.#socket.pause()
      this.#read(() => {
        this.#rest = this.#reader.feed(this.#rest)
        return true
      })
    }
  }

  #resume(): void {
    this.#feed()
    if (this.#waiter !== null) this.#socket.resume()
  }

  #place(kind: number, size: number): Uint8Array {
    if (kind !== FRAME.chunk || !this.#isReused) return Buffer.allocUnsafeSlow(size)
    if (this.#buffer === null || this.#buffer.length < size) this.#buffer = Buffer.allocUnsafeSlow(size)
    return this.#buffer.subarray(0, size)
  }

  #take(frame: Frame): void {
    const { kind } = frame
    if (kind === FRAME.alive) return
    const waiter = this.#waiter
    if (waiter === null || (kind !== FRAME.chunk && kind !== FRAME.end && kind !== FRAME.error))
      throw new EngineError('PROTOCOL_ERROR', `"${this.#options.address}" sent what nobody asked for`)
    this.#waiter = null
    if (kind !== FRAME.chunk) this.#isInCall = false
    waiter.resolve(frame)
  }

  #tick(): void {
    const now = performance.now()
    if (!this.#isInCall) {
      if (now - this.#idleSinceMs > IDLE_MS) this.discard()
      return
    }
    if (this.#waiter !== null && now - this.#heardMs > this.#options.silenceMs)
      return this.fail(this.#unreachable(`nothing has come for ${Math.round(now - this.#heardMs)} ms`))
    if (this.#socket.writableLength === 0) this.#socket.write(ALIVE)
  }

  #unreachable(reason: string, cause?: Error): EngineError {
    return new EngineError('CLUSTER_UNREACHABLE', `no connection to "${this.#options.address}": ${reason}`, {
      cause,
      hint: UNREACHABLE_HINT,
    })
  }
}
