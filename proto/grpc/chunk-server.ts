import type { Duplex } from 'node:stream'
import { EngineError } from '../../engine/errors.ts'
import { decodePlain } from '../messages/index.ts'
import type { Authority } from './authority.ts'
import { ALIVE, ALIVE_MS, FRAME, frameHead, frameOf, MAX_REQUEST_BYTES } from './chunk-wire.ts'
import { FrameReader } from './frame-reader.ts'
import { admit } from './guard.ts'
import type { CallContext } from './handlers.ts'
import { errorBytes } from './status.ts'

/** Answers a method whose messages are chunks: the encoded request in, their bytes out. */
export type ChunkHandler = (
  request: Buffer,
  context: CallContext,
) => AsyncIterable<{ readonly bytes?: Uint8Array }>

/** A connection on which chunks are asked for, behind its MAGIC and TLS. */
export interface ChunkSocket {
  readonly stream: Duplex
  /** Address of the caller. */
  readonly peer: string
  /** Whether it has shown a certificate of our authority that is valid now. */
  readonly certificate: boolean
}

export interface ChunkServerOptions {
  readonly authority: Authority
  /** By `Service/Method`. */
  readonly handlers: ReadonlyMap<string, ChunkHandler>
}

/**
 * Answers calls on a connection, one after the other, until it is closed. Errors of calls go to the caller.
 */
export function serveChunks({ stream, peer, certificate }: ChunkSocket, options: ChunkServerOptions): void {
  const controller = new AbortController()
  const call: { isRunning: boolean; isQuiet: boolean } = { isRunning: false, isQuiet: true }
  const alive = setInterval(() => {
    if (call.isRunning && call.isQuiet && stream.writableLength === 0) stream.write(ALIVE)
    call.isQuiet = true
  }, ALIVE_MS)
  stream.on('error', () => {}) // `close` follows.
  stream.on('close', () => {
    clearInterval(alive)
    controller.abort()
  })
  const reader = new FrameReader(MAX_REQUEST_BYTES, {
    place: (_kind, size) => Buffer.allocUnsafe(size),
    frame(kind, bytes) {
      if (kind === FRAME.alive) return
      if (kind !== FRAME.request || call.isRunning)
        throw new EngineError('PROTOCOL_ERROR', `a frame of kind ${kind}, which nobody waits for`)
      call.isRunning = true
      const request = decodePlain(bytes)
      const from = { peer, certificate, signal: controller.signal }
      answer(stream, call, () => open(request, from, options)).catch((error: unknown) =>
        stream.destroy(asError(error)),
      )
    },
  })
  stream.on('data', (bytes: Buffer) => {
    try {
      for (let rest: Uint8Array = bytes; rest.length > 0; ) rest = reader.feed(rest)
    } catch (error) {
      stream.end(frameOf(FRAME.error, errorBytes(error)))
    }
  })
  stream.on('end', () => stream.destroy())
}

interface Caller {
  readonly peer: string
  readonly certificate: boolean
  readonly signal: AbortSignal
}

/** The messages that a request asks for. Throws why it gets none. */
function open(request: unknown, caller: Caller, { authority, handlers }: ChunkServerOptions) {
  const { peer, certificate, signal } = caller
  const isObject = typeof request === 'object' && request !== null
  const { build, token, method, message } = (isObject ? request : {}) as Record<string, unknown>
  if (typeof method !== 'string' || !(message instanceof Uint8Array))
    throw new EngineError('PROTOCOL_ERROR', 'malformed request for chunks')
  const shown = { token: typeof token === 'string' ? token : null, certificate }
  const principal = admit(authority, method, shown, typeof build === 'string' ? build : 'unknown')
  const handler = handlers.get(method)
  if (handler === undefined)
    throw new EngineError('PROTOCOL_ERROR', `no method "${method.slice(0, 100)}" here`)
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength)
  return handler(bytes, { method, peer, principal, signal })
}

/** Sends all chunks of a call, or the error that ends it. */
async function answer(
  stream: Duplex,
  call: { isRunning: boolean; isQuiet: boolean },
  messages: () => ReturnType<ChunkHandler>,
): Promise<void> {
  let last = frameHead(FRAME.end, 0)
  try {
    for await (const { bytes = new Uint8Array(0) } of messages()) {
      call.isQuiet = false
      await sendChunk(stream, bytes)
      if (stream.destroyed) return
    }
  } catch (error) {
    last = frameOf(FRAME.error, errorBytes(error))
  }
  call.isRunning = false
  if (!stream.destroyed) stream.write(last)
}

/** Resolves when the system has the bytes, which may then be written over, or when the caller is gone. */
function sendChunk(stream: Duplex, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    stream.cork()
    stream.write(frameHead(FRAME.chunk, bytes.length))
    stream.write(bytes, () => resolve())
    stream.uncork()
  })
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
