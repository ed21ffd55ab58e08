import type { DescService } from '@bufbuild/protobuf'
import { Client, Metadata } from '@grpc/grpc-js'
import { EngineError } from '../../engine/errors.ts'
import { parseAddress } from './address.ts'
import { BUILD_KEY, buildId } from './build-id.ts'
import { type Channel, callersOf } from './callers.ts'
import { ChunkClient } from './chunk-client.ts'
import type { Callers } from './handlers.ts'
import { type ClientSecurity, channelSecurity, tlsCheckOf } from './security.ts'
import { DEFAULT_KEEPALIVE, DEFAULT_MAX_MESSAGE_BYTES, type Keepalive } from './server.ts'
import { UNREACHABLE_HINT } from './status.ts'

export interface ConnectOptions {
  /** `host:port`. */
  readonly address: string
  readonly security: ClientSecurity
  /** 16 MB unless told. */
  readonly maxMessageBytes?: number
  readonly keepalive?: Keepalive
  /**
   * Bytes of a stream that may be under way to us; the peer waits for the rest to be read. 4 MB unless told.
   */
  readonly windowBytes?: number
}

/**
 * A server, as its clients see it. It connects with the first call, and again with the first after a break.
 */
export interface GrpcConnection {
  readonly address: string
  /** Typed calls of a service of that server. */
  client<Service extends DescService>(service: Service): Callers<Service>
  /** Resolves once there is a connection; CLUSTER_UNREACHABLE if there is none in time. */
  ready(timeoutMs: number): Promise<void>
  /** Ends the connection. Calls that run fail. */
  close(): void
}

/** CONFIG_INVALID for an address that is none, or certificates that cannot be used. */
export function connectGrpc(options: ConnectOptions): GrpcConnection {
  const { address, security, keepalive = DEFAULT_KEEPALIVE } = options
  const maxMessageBytes = options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES
  const { host } = parseAddress(address)
  const tls = security.tls === null ? null : tlsCheckOf(security.tls, host)
  const { credentials, nameOverride } = channelSecurity(tls)
  const client = new Client(address, credentials, {
    'grpc.keepalive_time_ms': keepalive.timeMs,
    'grpc.keepalive_timeout_ms': keepalive.timeoutMs,
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc-node.flow_control_window': options.windowBytes ?? 4 * 2 ** 20,
    // Callers decide what may be repeated, and a retry buffer would hold every message twice.
    'grpc.enable_retries': 0,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2000,
    // A proxy of the environment is for the web, not for the hosts of a cluster.
    'grpc.enable_http_proxy': 0,
    ...(nameOverride === null ? {} : { 'grpc.ssl_target_name_override': nameOverride }),
  })
  const silenceMs = keepalive.timeMs + keepalive.timeoutMs
  const chunks = new ChunkClient({ address, tls, maxChunkBytes: maxMessageBytes, silenceMs }, security.token)
  const channel: Channel = { address, client, chunks, metadata: metadataOf(security.token) }
  return {
    address,
    client: (service) => callersOf(channel, service),
    ready: (timeoutMs) => waitUntilReady(client, address, timeoutMs),
    close: () => {
      chunks.close()
      client.close()
    },
  }
}

/** What every call shows. */
function metadataOf(token: string | null): Metadata {
  const metadata = new Metadata()
  metadata.set(BUILD_KEY, buildId())
  if (token !== null) metadata.set('authorization', `Bearer ${token}`)
  return metadata
}

function waitUntilReady(client: Client, address: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) =>
    client.waitForReady(Date.now() + timeoutMs, (cause) => {
      if (cause === undefined || cause === null) resolve()
      else reject(unreachable(address, timeoutMs, cause))
    }),
  )
}

function unreachable(address: string, timeoutMs: number, cause: Error): EngineError {
  return new EngineError('CLUSTER_UNREACHABLE', `no connection to "${address}" within ${timeoutMs} ms`, {
    cause,
    hint: UNREACHABLE_HINT,
  })
}
