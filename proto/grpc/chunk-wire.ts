/**
 * How chunks of rows travel: not over HTTP/2, which copies and frames each megabyte several times, but over
 * TCP connections (or TLS) of their own to the same port, one call at a time. docs/decisions/0024 has the
 * measurements.
 *
 * ```
 * client                                     server
 * MAGIC, then TLS if the server has it
 * request: build, token, method, message ──▶
 *                                        ◀── chunk, chunk, …, end | error
 * request …
 * ```
 *
 * Each frame is its size (uint32, lowest byte first), its kind (one byte), and so many bytes. Whoever sends
 * nothing else for some seconds sends `alive`, so that each side knows of the other.
 */
export const MAGIC: Buffer = Buffer.from('MRC1\n', 'latin1')

export const HEAD_BYTES = 5

/** Kinds of frames. */
export const FRAME = { request: 1, alive: 2, chunk: 3, end: 4, error: 5 } as const

/** Bytes of a request; it is read before anything is known of the caller. */
export const MAX_REQUEST_BYTES: number = 1 << 20

/** How often a side that has nothing to say shows that it is there. */
export const ALIVE_MS = 5000
/** A server gives up a connection on which nothing has happened for so long. */
export const SERVER_SILENCE_MS = 40_000
/** A connection that a client does not use for so long is closed. */
export const IDLE_MS = 20_000

/** Size and kind of a frame. */
export function frameHead(kind: number, size: number): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES)
  head.writeUInt32LE(size, 0)
  head[4] = kind
  return head
}

/** A whole frame. */
export function frameOf(kind: number, payload: Uint8Array): Buffer {
  return Buffer.concat([frameHead(kind, payload.length), payload])
}

export const ALIVE: Buffer = frameHead(FRAME.alive, 0)
