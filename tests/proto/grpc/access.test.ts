import { type CallOptions, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ErrorCode } from '../../../engine/errors.ts'
import { Blocks, Cluster } from '../../../proto/cluster/index.ts'
import {
  type Authority,
  bindService,
  type CallContext,
  clusterAuthority,
  connectGrpc,
  errorOfStatus,
  type GrpcServer,
  hashToken,
  isLoopback,
  newToken,
  parseAddress,
  serveGrpc,
  sessionAuthority,
} from '../../../proto/grpc/index.ts'
import { failureOf } from './waiting.ts'

const TOKEN = newToken()
const SESSION_TOKEN = newToken()
const sessions = new Map([[hashToken(SESSION_TOKEN), 's-1']])

const SERVERS = {
  cluster: clusterAuthority({
    token: TOKEN,
    certificates: false,
    sessionOf: (hash) => sessions.get(hash) ?? null,
  }),
  executor: sessionAuthority('s-1', SESSION_TOKEN),
} as const
type ServerName = keyof typeof SERVERS

const servers = new Map<ServerName, GrpcServer>()

beforeAll(async () => {
  for (const name of ['cluster', 'executor'] as const) servers.set(name, await serve(SERVERS[name]))
})

afterAll(async () => {
  for (const server of servers.values()) await server.close(100)
})

function serve(authority: Authority, listen = '127.0.0.1:0'): Promise<GrpcServer> {
  const who = ({ principal }: CallContext) =>
    principal.kind === 'session' ? `session ${principal.sessionId}` : principal.kind
  return serveGrpc({
    listen,
    authority,
    tls: null,
    services: [
      bindService(Blocks, {
        fetch: async function* (_request, context) {
          yield { bytes: Buffer.from(who(context)) }
        },
      }),
      bindService(Cluster, {
        supervise: (link) => link.end(),
        execute: (link, context) => {
          link.send({ kind: { case: 'shutdown', value: { reason: who(context) } } })
          link.end()
        },
      }),
    ],
  })
}

type Method = 'Blocks/Fetch' | 'Cluster/Execute' | 'Cluster/Supervise'

/** What the server says of the caller, or the error. */
async function ask(server: GrpcServer, method: Method, token: string | null): Promise<string> {
  const connection = connectGrpc({ address: server.address, security: { token, tls: null } })
  try {
    if (method === 'Blocks/Fetch') {
      for await (const { bytes } of connection.client(Blocks).fetch({})) return Buffer.from(bytes).toString()
      return 'nothing'
    }
    const client = connection.client(Cluster)
    return await new Promise((resolve, reject) => {
      let reason = 'welcome'
      const closed = (error: Error | null) => (error === null ? resolve(reason) : reject(error))
      if (method === 'Cluster/Supervise') client.supervise().listen({ message: () => {}, closed })
      else
        client.execute().listen({
          message: ({ kind }) => {
            if (kind.case === 'shutdown') reason = kind.value.reason
          },
          closed,
        })
    })
  } finally {
    connection.close()
  }
}

const LET_IN: readonly (readonly [ServerName, Method, token: string, answer: string])[] = [
  ['cluster', 'Blocks/Fetch', TOKEN, 'cluster'],
  ['cluster', 'Cluster/Supervise', TOKEN, 'welcome'],
  ['cluster', 'Cluster/Execute', SESSION_TOKEN, 'session s-1'],
  ['cluster', 'Blocks/Fetch', SESSION_TOKEN, 'session s-1'],
  ['executor', 'Blocks/Fetch', SESSION_TOKEN, 'session s-1'],
]

test.each(LET_IN)('a server (%s) lets %s in with the right token', async (name, method, token, answer) => {
  expect(await ask(servers.get(name)!, method, token)).toBe(answer)
})

const REFUSED: readonly (readonly [ServerName, Method, token: string | null, ErrorCode, message: string])[] =
  [
    ['cluster', 'Blocks/Fetch', null, 'UNAUTHENTICATED', 'the call shows no token'],
    ['cluster', 'Blocks/Fetch', 'wrong', 'UNAUTHENTICATED', 'the token is not the right one'],
    ['cluster', 'Cluster/Supervise', null, 'UNAUTHENTICATED', 'the call shows no token'],
    ['cluster', 'Cluster/Supervise', SESSION_TOKEN, 'PERMISSION_DENIED', 'does not open "Cluster/Supervise"'],
    ['executor', 'Blocks/Fetch', TOKEN, 'UNAUTHENTICATED', 'the token is not the right one'],
    ['executor', 'Blocks/Fetch', null, 'UNAUTHENTICATED', 'the call shows no token'],
  ]

test.each(REFUSED)('a server (%s) refuses %s with %s', async (name, method, token, code, message) => {
  const error = await failureOf(ask(servers.get(name)!, method, token))
  expect(error.code).toBe(code)
  expect(error.message).toContain(message)
  expect(error.hint).not.toBe(undefined)
  expect(`${error.message} ${error.hint}`).not.toContain(TOKEN)
})

test('other builds are refused, after the token has been checked', async () => {
  expect((await callAs('0.0.1-abc', TOKEN)).code).toBe('BUILD_MISMATCH')
  expect((await callAs('0.0.1-abc', TOKEN)).message).toContain('"0.0.1-abc"')
  expect((await callAs(null, TOKEN)).message).toContain('the caller is build "unknown"')
  expect((await callAs('0.0.1-abc', 'wrong')).code).toBe('UNAUTHENTICATED')
})

/** A call by hand, for metadata that connectGrpc does not send. */
async function callAs(build: string | null, token: string) {
  const { address } = servers.get('cluster')!
  const client = new Client(address, credentials.createInsecure())
  const metadata = new Metadata()
  if (build !== null) metadata.set('millrace-build', build)
  metadata.set('authorization', `Bearer ${token}`)
  const bytes = (value: Buffer) => value
  const options: CallOptions = { deadline: Date.now() + 10_000 }
  try {
    return await new Promise<ReturnType<typeof errorOfStatus>>((resolve) => {
      const path = '/millrace.v1.Blocks/Fetch'
      const call = client.makeServerStreamRequest(path, bytes, bytes, Buffer.alloc(0), metadata, options)
      call.on('data', () => {})
      call.on('error', (error: ServiceError) => resolve(errorOfStatus(error, address)))
    })
  } finally {
    client.close()
  }
}

const OPEN = clusterAuthority({ token: null, certificates: false })

test.each(['0.0.0.0:0', '[::]:0', '10.1.2.3:0', 'example.com:0'])(
  'serveGrpc() refuses to listen on %s without authentication',
  async (listen) => {
    const error = await failureOf(serve(OPEN, listen))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain(`"${listen}" without authentication`)
    expect(error.hint).toContain('--token-file')
  },
)

test('serveGrpc() listens everywhere with authentication, and on loopback without', async () => {
  for (const [authority, listen] of [
    [SERVERS.cluster, '0.0.0.0:0'],
    [OPEN, 'localhost:0'],
    [OPEN, '127.0.0.1:0'],
  ] as const) {
    const server = await serve(authority, listen)
    expect(parseAddress(server.address).port).toBeGreaterThan(0)
    await server.close()
  }
})

test('serveGrpc() says that a port is taken', async () => {
  const error = await failureOf(serve(OPEN, servers.get('cluster')!.address))
  expect(error.code).toBe('CONFIG_INVALID')
  expect(error.message).toContain('EADDRINUSE')
})

test.each(['', 'host', 'host:', ':1', 'host:70000', '::1:80', 'http://host:1', 'a b:1'])(
  'parseAddress() refuses "%s"',
  (text) => {
    expect(() => parseAddress(text)).toThrow(`"${text}" is not an address`)
  },
)

test('isLoopback() knows the names and addresses of this host only', () => {
  expect(['localhost', '127.0.0.1', '127.1.2.3', '::1'].every(isLoopback)).toBe(true)
  expect(['0.0.0.0', '::', '127.0.0.1.evil.org', '10.0.0.1', 'localhost.org'].some(isLoopback)).toBe(false)
})
