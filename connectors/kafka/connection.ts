import { connect, type Socket } from 'node:net'
import { EngineError } from '../../engine/errors.ts'
import { RequestWriter, ResponseReader } from './wire.ts'

/** Requests that we make, with the one version of each that we speak. */
export const REQUESTS = {
  produce: { key: 0, version: 8 },
  fetch: { key: 1, version: 11 },
  listOffsets: { key: 2, version: 5 },
  metadata: { key: 3, version: 7 },
  apiVersions: { key: 18, version: 2 },
  createTopics: { key: 19, version: 4 },
} as const

export type RequestName = keyof typeof REQUESTS

export interface RequestOptions {
  readonly timeoutMs: number
  /** Where the answer goes; a buffer of its own if it is not said. */
  readonly allocate?: ((bytes: number) => Uint8Array) | undefined
}

interface Waiting {
  readonly correlation: number
  readonly allocate: (bytes: number) => Uint8Array
  readonly resolve: (answer: Uint8Array) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

const MOST_ANSWER_BYTES = 1 << 30
const CORRELATION_BYTES = 4

/**
 * A connection to one broker. Answers come in the order of the requests. After any failure, also a deadline,
 * it is of no use any more: nothing is written into memory that was given to `allocate` afterwards.
 */
export class KafkaConnection {
  readonly address: string
  readonly #socket: Socket
  readonly #waiting: Waiting[] = []
  #correlation = 0
  #isBroken = false
  /** The answer that is arriving: its length first. */
  #head = Buffer.alloc(4)
  #headBytes = 0
  #body: Uint8Array | null = null
  #bodyBytes = 0

  private constructor(address: string, socket: Socket) {
    this.address = address
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', (cause) => this.#fail(cause))
    socket.on('close', () => this.#fail(new Error('the broker closed the connection')))
  }

  /** Connects and asks whether the broker speaks our versions. */
  static async open(address: string, timeoutMs: number): Promise<KafkaConnection> {
    const connection = new KafkaConnection(address, await openSocket(address, timeoutMs))
    try {
      await connection.#checkVersions(timeoutMs)
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  /** False: it failed, was closed, or has answers outstanding that nobody wants. */
  get isUsable(): boolean {
    return !this.#isBroken && this.#waiting.length === 0
  }

  /** Sends a request; gives what follows the correlation id in the answer. */
  request(
    name: RequestName,
    write: (writer: RequestWriter) => void,
    { timeoutMs, allocate = (bytes) => new Uint8Array(bytes) }: RequestOptions,
  ): Promise<Uint8Array> {
    if (this.#isBroken) return Promise.reject(this.#lost('it is closed'))
    const { key, version } = REQUESTS[name]
    const correlation = ++this.#correlation
    const writer = new RequestWriter().int16(key).int16(version).int32(correlation).text('millrace')
    write(writer)
    const body = writer.finish()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#fail(new Error(`${name} had no answer within ${timeoutMs} ms`))
      }, timeoutMs)
      this.#waiting.push({ correlation, allocate, resolve, reject, timer })
      this.#socket.ref()
      this.#socket.write(new RequestWriter().bytes(body).finish())
    })
  }

  close(): void {
    this.#fail(new Error('it is closed'))
  }

  async #checkVersions(timeoutMs: number): Promise<void> {
    const answer = new ResponseReader(await this.request('apiVersions', () => {}, { timeoutMs }))
    const error = answer.int16()
    const ranges = new Map(
      answer.array(() => [answer.int16(), { from: answer.int16(), to: answer.int16() }] as const),
    )
    for (const [name, { key, version }] of Object.entries(REQUESTS)) {
      const range = ranges.get(key)
      if (error === 0 && range !== undefined && range.from <= version && version <= range.to) continue
      throw new EngineError(
        'UNSUPPORTED_FEATURE',
        `Kafka at "${this.address}" does not speak ${name} ${version}`,
        { hint: 'Kafka from 2.4 to 4.x is supported.' },
      )
    }
  }

  #take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && !this.#isBroken; ) {
      if (this.#body === null) {
        const count = Math.min(4 - this.#headBytes, chunk.length - at)
        chunk.copy(this.#head, this.#headBytes, at, at + count)
        at += count
        this.#headBytes += count
        if (this.#headBytes === 4) this.#begin(this.#head.readInt32BE(0))
      } else {
        const count = Math.min(this.#body.length - this.#bodyBytes, chunk.length - at)
        this.#body.set(chunk.subarray(at, at + count), this.#bodyBytes)
        at += count
        this.#bodyBytes += count
        if (this.#bodyBytes === this.#body.length) this.#finish(this.#body)
      }
    }
  }

  #begin(length: number): void {
    const first = this.#waiting[0]
    if (first === undefined || length < CORRELATION_BYTES || length > MOST_ANSWER_BYTES)
      return this.#fail(new Error(`an answer of ${length} bytes that nobody waits for; is it a Kafka?`))
    try {
      this.#body = first.allocate(length)
      this.#bodyBytes = 0
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #finish(body: Uint8Array): void {
    this.#body = null
    this.#headBytes = 0
    const { correlation, timer, resolve } = this.#waiting.shift()!
    clearTimeout(timer)
    const answer = new DataView(body.buffer, body.byteOffset, body.length)
    if (answer.getInt32(0) !== correlation) {
      this.#fail(new Error('an answer to another request'))
      return
    }
    // An idle connection does not keep a process alive.
    if (this.#waiting.length === 0) this.#socket.unref()
    resolve(body.subarray(CORRELATION_BYTES))
  }

  #fail(cause: Error): void {
    if (this.#isBroken) return
    this.#isBroken = true
    this.#body = null
    this.#socket.destroy()
    const error = cause instanceof EngineError ? cause : this.#lost(cause.message, cause)
    for (const { reject, timer } of this.#waiting.splice(0)) {
      clearTimeout(timer)
      reject(error)
    }
  }

  #lost(reason: string, cause?: Error): EngineError {
    return new EngineError(
      'IO_ERROR',
      `the connection to Kafka at "${this.address}" was lost: ${reason}`,
      cause === undefined ? {} : { cause },
    )
  }
}

/** `host:port`, also `[::1]:9092`. */
function openSocket(address: string, timeoutMs: number): Promise<Socket> {
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  const socket = connect({ host, port: Number(address.slice(colon + 1)) })
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(
        new EngineError('BROKER_UNREACHABLE', `Kafka at "${address}" cannot be reached: ${cause.message}`, {
          hint: 'Check the option kafka.bootstrap.servers, and advertised.listeners of the broker.',
          cause,
        }),
      )
    }
    const timer = setTimeout(() => fail(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs)
    socket.once('error', fail)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      resolve(socket)
    })
  })
}

/** Connections that nobody uses at the moment, by address; of this thread. */
const idle = new Map<string, KafkaConnection[]>()
const MOST_IDLE = 4

/** Lends a connection; whoever has it alone may use it. */
export async function lendConnection(address: string, timeoutMs: number): Promise<KafkaConnection> {
  const known = idle.get(address) ?? []
  for (let last = known.pop(); last !== undefined; last = known.pop()) if (last.isUsable) return last
  return await KafkaConnection.open(address, timeoutMs)
}

/** Takes a connection back; one with a request under way is closed. */
export function giveBackConnection(connection: KafkaConnection): void {
  const known = idle.get(connection.address) ?? []
  idle.set(connection.address, known)
  if (connection.isUsable && known.length < MOST_IDLE) known.push(connection)
  else connection.close()
}
