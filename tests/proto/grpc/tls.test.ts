import { afterAll, expect, test } from 'vitest'
import type { ErrorCode } from '../../../engine/errors.ts'
import {
  type CertificatePair,
  issueCertificate,
  makeAuthority,
  makeOwnCertificate,
} from '../../../proto/certificates/index.ts'
import { Blocks, Cluster } from '../../../proto/cluster/index.ts'
import {
  bindService,
  type ClientSecurity,
  clusterAuthority,
  connectGrpc,
  type GrpcConnection,
  type GrpcServer,
  hashToken,
  NO_SECURITY,
  type ServerTls,
  serveGrpc,
} from '../../../proto/grpc/index.ts'
import { failureOf } from './waiting.ts'

const HOSTS = ['127.0.0.1', 'localhost']
const authority = makeAuthority('test', 10)
const stranger = makeAuthority('stranger', 10)
const driver = issueCertificate(authority, 'driver', HOSTS, 5)
const worker = issueCertificate(authority, 'worker', [], 5)
const expired = issueCertificate(authority, 'worker', HOSTS, -1)
const foreign = issueCertificate(stranger, 'worker', HOSTS, 5)
const elsewhere = issueCertificate(authority, 'driver', ['example.com'], 5)
const own = makeOwnCertificate()
const ca = authority.certificate

const servers: Promise<GrpcServer>[] = []
afterAll(async () => {
  for (const server of servers) await (await server).close(100)
})

/** A server whose callers need the token "t", that of a session, "s", or, with `clientCa`, a certificate. */
function serve(pair: CertificatePair | null, clientCa: string | null = null): Promise<GrpcServer> {
  const tls: ServerTls | null = pair === null ? null : { ...pair, clientCa }
  const server = serveGrpc({
    listen: '127.0.0.1:0',
    tls,
    authority: clusterAuthority({
      token: 't',
      certificates: clientCa !== null,
      sessionOf: (hash) => (hash === hashToken('s') ? 's-1' : null),
    }),
    services: [
      bindService(Blocks, {
        fetch: async function* (_request, { principal }) {
          yield { bytes: Buffer.from(principal.kind) }
        },
      }),
      bindService(Cluster, {
        supervise: (link) => link.end(),
        execute: (link, { principal }) => {
          link.send({ kind: { case: 'shutdown', value: { reason: principal.kind } } })
          link.end()
        },
      }),
    ],
  })
  servers.push(server)
  return server
}

/** What a server says of the caller, over HTTP/2 and over a connection for chunks; both must say the same. */
async function ask(address: string, security: ClientSecurity): Promise<string> {
  const connection = connectGrpc({ address, security })
  try {
    const byLink = new Promise<string>((resolve, reject) => {
      let reason = 'nothing'
      connection
        .client(Cluster)
        .execute()
        .listen({
          message: ({ kind }) => {
            if (kind.case === 'shutdown') reason = kind.value.reason
          },
          closed: (error) => (error === null ? resolve(reason) : reject(error)),
        })
    })
    const [one, other] = await Promise.allSettled([byLink, firstChunk(connection)])
    if (one.status === 'fulfilled' && other.status === 'fulfilled') {
      expect(one.value).toBe(other.value)
      return one.value
    }
    const errors = [one, other].map((each) => (each.status === 'rejected' ? each.reason : null))
    expect(errors[1]?.code).toBe(errors[0]?.code)
    throw errors[round++ % 2]
  } finally {
    connection.close()
  }
}
/** Which of two errors is looked at; by turns. */
let round = 0

async function firstChunk(connection: GrpcConnection): Promise<string> {
  for await (const { bytes } of connection.client(Blocks).fetch({})) return Buffer.from(bytes).toString()
  return 'nothing'
}

/** A client that trusts `ca` and shows what it has. */
function client(
  token: string | null,
  pair: CertificatePair | null,
  trusted: string | null = ca,
): ClientSecurity {
  const mine = pair === null ? { certificate: null, key: null } : pair
  return { token, tls: { ca: trusted, ...mine } }
}

const PLAIN = serve(null)
const TLS = serve(driver)
const MUTUAL = serve(driver, ca)
const EXPIRED = serve(expired)
const ELSEWHERE = serve(elsewhere)
const OWN = serve(own)

const LET_IN: readonly (readonly [string, Promise<GrpcServer>, ClientSecurity, answer: string])[] = [
  ['TLS and a token', TLS, client('t', null), 'cluster'],
  ['TLS and a certificate', MUTUAL, client(null, worker), 'cluster'],
  ['TLS and a token where a certificate would do', MUTUAL, client('t', null), 'cluster'],
  ['TLS and the token of a session', MUTUAL, client('s', null), 'session'],
  ["a block service's own certificate", OWN, { token: 't', tls: { ...pinned(own) } }, 'cluster'],
]

test.each(LET_IN)('a server lets in who comes with %s', async (_name, server, security, answer) => {
  expect(await ask((await server).address, security)).toBe(answer)
})

test('a certificate is good for each of its hosts', async () => {
  const address = (await TLS).address.replace('127.0.0.1', 'localhost')
  expect(await ask(address, client('t', null))).toBe('cluster')
})

const REFUSED: readonly (readonly [string, Promise<GrpcServer>, ClientSecurity, ErrorCode, RegExp])[] = [
  ['TLS without a token', TLS, client(null, null), 'UNAUTHENTICATED', /no token$/],
  [
    'no certificate',
    MUTUAL,
    client(null, null),
    'UNAUTHENTICATED',
    /no token and no valid client certificate/,
  ],
  ['an expired certificate', MUTUAL, client(null, expired), 'UNAUTHENTICATED', /no valid client certificate/],
  ['the certificate of a stranger', MUTUAL, client(null, foreign), 'UNAUTHENTICATED', /no valid client/],
  ['a certificate nobody asked for', TLS, client(null, worker), 'UNAUTHENTICATED', /no token$/],
  ['no TLS where there is some', TLS, { token: 't', tls: null }, 'CLUSTER_UNREACHABLE', /no connection to/],
  ['TLS where there is none', PLAIN, client('t', null), 'CLUSTER_UNREACHABLE', /no connection to/],
  [
    'trust in another authority',
    TLS,
    client('t', null, stranger.certificate),
    'CLUSTER_UNREACHABLE',
    /certificate/,
  ],
  ['trust in public authorities', TLS, client('t', null, null), 'CLUSTER_UNREACHABLE', /certificate/],
  ['a server whose certificate has expired', EXPIRED, client('t', null), 'CLUSTER_UNREACHABLE', /expired/],
  [
    'a server of another name',
    ELSEWHERE,
    client('t', null),
    'CLUSTER_UNREACHABLE',
    /127\.0\.0\.1.*not in the cert/,
  ],
  [
    'another own certificate',
    OWN,
    { token: 't', tls: pinned(makeOwnCertificate()) },
    'CLUSTER_UNREACHABLE',
    /certificate/,
  ],
  [
    'an own certificate where another is',
    TLS,
    { token: 't', tls: pinned(own) },
    'CLUSTER_UNREACHABLE',
    /certificate/,
  ],
]

test.each(REFUSED)('a call fails for %s', async (_name, server, security, code, message) => {
  for (let kind = 0; kind < 2; kind++) {
    const error = await failureOf(ask((await server).address, security))
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)])
    expect(error.hint).not.toBe(undefined)
  }
})

function pinned({ certificate }: CertificatePair) {
  return { ca: certificate, certificate: null, key: null, pinned: true }
}

test.each([
  ['no certificate', { certificate: 'x', key: driver.key }],
  ['no key', { certificate: driver.certificate, key: 'x' }],
  ['the key of another', { certificate: driver.certificate, key: worker.key }],
])('serveGrpc() and connectGrpc() refuse what is %s', async (_name, pair) => {
  const error = await failureOf(
    serveGrpc({
      listen: '127.0.0.1:0',
      tls: { ...pair, clientCa: null },
      services: [],
      authority: clusterAuthority({ token: 't', certificates: false }),
    }),
  )
  expect(error.code).toBe('CONFIG_INVALID')
  expect((await failureOf(ask('127.0.0.1:1', client('t', pair)))).code).toBe('CONFIG_INVALID')
})

test('no warning is written for hosts that are IP addresses', async () => {
  const warnings: Error[] = []
  const listen = (warning: Error) => warnings.push(warning)
  process.on('warning', listen)
  await ask((await TLS).address, client('t', null))
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', listen)
  expect(warnings).toEqual([])
  expect(NO_SECURITY.tls).toBe(null)
})
