import type { Socket } from 'node:net'
import { createServer, type Server } from 'node:tls'
import { formatAddress } from './address.ts'
import { type ChunkServerOptions, serveChunks } from './chunk-server.ts'
import { MAGIC, SERVER_SILENCE_MS } from './chunk-wire.ts'
import type { ServerTls } from './security.ts'

/** Whoever connects must say within this time what it wants. */
const FIRST_WORD_MS = 10_000

/** Takes a connection that has just been made. */
export type Accept = (socket: Socket) => void

/**
 * Sees by its first bytes what a connection is for: MAGIC is for chunks, all others are given to `grpc`. Null
 * for `tls`: plain text.
 */
export function acceptor(chunks: ChunkServerOptions, tls: ServerTls | null, grpc: Accept): Accept {
  const secure = tls === null ? null : secureServer(chunks, tls)
  const openChunks = (socket: Socket) => {
    socket.setTimeout(SERVER_SILENCE_MS, () => socket.destroy())
    if (secure === null) serveChunks({ stream: socket, peer: peerOf(socket), certificate: false }, chunks)
    else secure.emit('connection', socket)
  }
  return (socket) => look(socket, openChunks, grpc)
}

function look(socket: Socket, openChunks: Accept, grpc: Accept): void {
  socket.setNoDelay(true)
  socket.setTimeout(FIRST_WORD_MS, () => socket.destroy())
  // It closes then, and whoever has it by then hears of that. Node's HTTP/2 gives errors of what came with
  // the first bytes to the socket, and an error that nobody listens to would end the process.
  socket.on('error', () => {})
  let first = Buffer.alloc(0)
  const onReadable = () => {
    const more: Buffer | null = socket.read(Math.min(socket.readableLength, MAGIC.length - first.length))
    if (more === null) return
    first = Buffer.concat([first, more])
    const isOurs = first.equals(MAGIC.subarray(0, first.length))
    // What differs already is not for us; HTTP/2 and TLS begin with other letters.
    if (isOurs && first.length < MAGIC.length) return
    socket.off('readable', onReadable)
    socket.setTimeout(0)
    socket.removeAllListeners('timeout')
    if (isOurs) return openChunks(socket)
    socket.unshift(first)
    grpc(socket)
  }
  socket.on('readable', onReadable)
}

/** It does not listen: it is given connections whose MAGIC has been read. */
function secureServer(chunks: ChunkServerOptions, { certificate, key, clientCa }: ServerTls): Server {
  const server = createServer({
    cert: certificate,
    key,
    ...(clientCa === null ? {} : { ca: clientCa }),
    requestCert: clientCa !== null,
    // A caller without a valid certificate may have a token, so it is let in, and asked.
    rejectUnauthorized: false,
    handshakeTimeout: FIRST_WORD_MS,
    minVersion: 'TLSv1.2',
  })
  server.on('secureConnection', (stream) => {
    const isTrusted = clientCa !== null && stream.authorized
    serveChunks({ stream, peer: peerOf(stream), certificate: isTrusted }, chunks)
  })
  server.on('tlsClientError', (_error, stream) => stream.destroy())
  return server
}

function peerOf({ remoteAddress = 'unknown', remotePort = 0 }: Socket): string {
  return formatAddress({ host: remoteAddress, port: remotePort })
}
