import { lookup } from 'node:dns/promises'
import type { Http2Server } from 'node:http2'
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net'
import { logVerbosity, Server, setLogVerbosity } from '@grpc/grpc-js'
import { EngineError } from '../../engine/errors.ts'
import { acceptor } from './accept.ts'
import { type Address, formatAddress, isLoopback, parseAddress } from './address.ts'
import type { Authority } from './authority.ts'
import { guardCalls } from './guard.ts'
import { type ServerTls, serverCredentials } from './security.ts'
import type { BoundService } from './service.ts'

// What goes wrong is told by errors; grpc-js would write some of it to the standard error stream besides.
if (process.env['GRPC_VERBOSITY'] === undefined) setLogVerbosity(logVerbosity.NONE)

export interface ServeOptions {
  /**
   * `host:port`; port 0 takes a free one. Another host than loopback needs an authority that asks something.
   */
  readonly listen: string
  /** Made with `bindService`. */
  readonly services: readonly BoundService[]
  readonly authority: Authority
  /** Null: plain text. */
  readonly tls: ServerTls | null
  /** A larger message ends its call with RESOURCES_EXHAUSTED. 16 MB unless told. */
  readonly maxMessageBytes?: number
  /** How often a connection is asked for a sign of life, and how long it may take. */
  readonly keepalive?: Keepalive
}

export interface Keepalive {
  readonly timeMs: number
  readonly timeoutMs: number
}

/** A connection that is silent this long is asked, and given up when it does not answer. */
export const DEFAULT_KEEPALIVE: Keepalive = { timeMs: 5000, timeoutMs: 10_000 }

export const DEFAULT_MAX_MESSAGE_BYTES = 16 * 2 ** 20

/** Connections of one server; more are closed at once. */
const MAX_CONNECTIONS = 20_000
/** What a socket takes before it says that it has enough. */
const SOCKET_BUFFER_BYTES = 256 << 10

/** Streams that one connection may have open. */
const MAX_STREAMS = 10_000

export interface GrpcServer {
  /** `host:port` with the port that was taken. */
  readonly address: string
  /** Takes no new calls, waits so long for those that run, then ends them; those for chunks at once. */
  close(graceMs?: number): Promise<void>
}

/**
 * Serves over gRPC until it is closed. Every call must pass the authority and come from the same build.
 * CONFIG_INVALID if the address cannot be had, or if anyone of another host could call.
 */
export async function serveGrpc(options: ServeOptions): Promise<GrpcServer> {
  const { listen, services, authority, tls, keepalive = DEFAULT_KEEPALIVE } = options
  const { host, port } = parseAddress(listen)
  if (authority.isOpen) await refuseUnlessLoopback(host, listen)
  const maxMessageBytes = options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES
  const server = new Server({
    'grpc.keepalive_time_ms': keepalive.timeMs,
    'grpc.keepalive_timeout_ms': keepalive.timeoutMs,
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.max_concurrent_streams': MAX_STREAMS,
    interceptors: [guardCalls(authority)],
  })
  for (const { definition, implementation } of services) server.addService(definition, implementation)
  const injector = server.createConnectionInjector(serverCredentials(tls))
  dropDeadStreams(server)
  const handlers = new Map(services.flatMap(({ chunks }) => [...chunks]))
  const sockets = new Set<Socket>()
  const accept = acceptor({ authority, handlers }, tls, (socket) => injector.injectConnection(socket))
  const listener = createServer({ highWaterMark: SOCKET_BUFFER_BYTES }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    accept(socket)
  })
  listener.maxConnections = MAX_CONNECTIONS
  const taken = await listenOn(listener, { host, port }, listen)
  let closed: Promise<void> | null = null
  return {
    address: formatAddress({ host, port: taken }),
    close(graceMs = 1000) {
      closed ??= shutDown(server, listener, sockets, graceMs)
      return closed
    },
  }
}

function listenOn(listener: NetServer, { host, port }: Address, listen: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(cannotListen(listen, error))
    listener.once('error', onError)
    listener.listen({ host, port }, () => {
      listener.off('error', onError)
      // Later ones, such as too many open files, cost a connection that its client makes again.
      listener.on('error', () => {})
      resolve((listener.address() as AddressInfo).port) // It listens on TCP.
    })
  })
}

async function refuseUnlessLoopback(host: string, listen: string): Promise<void> {
  if (isLoopback(host)) {
    // A name may mean anything in /etc/hosts.
    if (host !== 'localhost') return
    const found = await lookup(host, { all: true })
    if (found.every(({ address }) => isLoopback(address))) return
  }
  const reason = 'whoever reaches this port can run any code here'
  throw new EngineError(
    'CONFIG_INVALID',
    `refused to listen on "${listen}" without authentication: ${reason}`,
    {
      hint:
        'Give a token (--token-file FILE or MILLRACE_TOKEN), or certificates (--tls-ca, --tls-certificate, ' +
        '--tls-key; "millrace certs" makes them), or listen on 127.0.0.1.',
    },
  )
}

function cannotListen(listen: string, cause: Error): EngineError {
  return new EngineError('CONFIG_INVALID', `cannot listen on "${listen}": ${cause.message}`, {
    cause,
    hint: 'Is the port taken by another process, or the host none of this machine? Port 0 takes a free one.',
  })
}

/**
 * grpc-js answers calls of unknown methods or forms without a look at whether the caller is still there, and
 * Node throws then, which would end the process. Such streams do not get that far.
 */
function dropDeadStreams(server: Server): void {
  // Of grpc-js's inside, which gives no other way to it; a test throws such calls at a server.
  const { http2Servers } = server as unknown as { readonly http2Servers: ReadonlyMap<Http2Server, unknown> }
  for (const http2 of http2Servers.keys()) {
    const listeners = http2.listeners('stream')
    http2.removeAllListeners('stream')
    http2.on('stream', (stream, ...rest) => {
      stream.on('error', () => {}) // Its call hears of the end; without a call nobody would.
      if (!stream.destroyed) for (const listener of listeners) listener(stream, ...rest)
    })
  }
}

async function shutDown(
  server: Server,
  listener: NetServer,
  sockets: ReadonlySet<Socket>,
  graceMs: number,
): Promise<void> {
  const stopped = new Promise<void>((resolve) => listener.close(() => resolve()))
  const timer = setTimeout(() => server.forceShutdown(), graceMs)
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
  clearTimeout(timer)
  for (const socket of sockets) socket.destroy()
  await stopped
}
