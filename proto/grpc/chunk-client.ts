import { EngineError, errorFromData } from '../../engine/errors.ts'
import { decodeErrorData, encodePlain } from '../messages/index.ts'
import { buildId } from './build-id.ts'
import { ChunkConnection, type ChunkConnectionOptions } from './chunk-connection.ts'
import { FRAME, frameOf, MAX_REQUEST_BYTES } from './chunk-wire.ts'

/** Idle connections that are kept for the next call. */
const MAX_IDLE = 8

/** What one call asks for. */
export interface ChunkRequest {
  readonly method: string
  readonly message: Uint8Array
  readonly timeoutMs: number | undefined
  readonly signal: AbortSignal | undefined
  /** See CallOptions. */
  readonly reuse: boolean
}

/** Calls for chunks to one server, over connections that are kept for a while. See chunk-wire.ts. */
export class ChunkClient {
  readonly #options: ChunkConnectionOptions
  readonly #token: string | null
  readonly #idle: ChunkConnection[] = []
  readonly #busy = new Set<ChunkConnection>()
  #isClosed = false

  constructor(options: ChunkConnectionOptions, token: string | null) {
    this.#options = options
    this.#token = token
  }

  /** The chunks of a call. Leaving the loop early ends it. */
  async *call({
    method,
    message,
    timeoutMs,
    signal,
    reuse,
  }: ChunkRequest): AsyncGenerator<Uint8Array, void, void> {
    const { address } = this.#options
    const hello = encodePlain({ build: buildId(), token: this.#token, method, message })
    if (hello.length > MAX_REQUEST_BYTES)
      throw new EngineError('RESOURCES_EXHAUSTED', `a request of ${hello.length} bytes is too large`)
    const request = frameOf(FRAME.request, hello)
    const end = new CallEnd(address, timeoutMs, signal)
    let connection: ChunkConnection | null = null
    try {
      let next = null
      // The server may have closed a connection that was idle; nothing has come of the call then.
      while (next === null) {
        if (connection !== null) this.#giveBack(connection)
        connection = this.#take()
        end.watch(connection)
        next = await connection.begin(request, reuse)
      }
      while (next.kind === FRAME.chunk) {
        yield next.bytes
        // Assigned above: the loop has begun a call on it.
        next = await connection!.next()
      }
      if (next.kind === FRAME.error) throw errorFromData(decodeErrorData(next.bytes))
    } finally {
      end.forget()
      if (connection !== null) this.#giveBack(connection)
    }
  }

  close(): void {
    this.#isClosed = true
    for (const connection of [...this.#idle.splice(0), ...this.#busy]) connection.discard()
  }

  #take(): ChunkConnection {
    const connection = this.#idle.pop() ?? new ChunkConnection(this.#options)
    this.#busy.add(connection)
    return connection
  }

  #giveBack(connection: ChunkConnection): void {
    this.#busy.delete(connection)
    if (this.#isClosed || this.#idle.length >= MAX_IDLE || !connection.isReusable) return connection.discard()
    this.#idle.push(connection)
    connection.rest(() => {
      const index = this.#idle.indexOf(connection)
      if (index >= 0) this.#idle.splice(index, 1)
    })
  }
}

/** Ends a call when its signal fires or its time is up. */
class CallEnd {
  readonly #address: string
  readonly #signal: AbortSignal | undefined
  readonly #timer: NodeJS.Timeout | undefined
  #connection: ChunkConnection | null = null
  #error: EngineError | null = null
  readonly #onAbort = (): void =>
    this.#end(new EngineError('CANCELLED', `the call to "${this.#address}" was cancelled`))

  constructor(address: string, timeoutMs: number | undefined, signal: AbortSignal | undefined) {
    this.#address = address
    this.#signal = signal
    const late = () =>
      this.#end(new EngineError('DEADLINE_EXCEEDED', `no answer in time from "${address}": ${timeoutMs} ms`))
    if (timeoutMs !== undefined) this.#timer = setTimeout(late, timeoutMs)
    if (signal?.aborted === true) this.#onAbort()
    signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** The connection that the call uses now. */
  watch(connection: ChunkConnection): void {
    this.#connection = connection
    if (this.#error !== null) connection.fail(this.#error)
  }

  forget(): void {
    clearTimeout(this.#timer)
    this.#signal?.removeEventListener('abort', this.#onAbort)
  }

  #end(error: EngineError): void {
    this.#error ??= error
    this.#connection?.fail(error)
  }
}
