import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import { Blocks, Driver } from '../../../proto/cluster/index.ts'
import {
  bindService,
  clusterAuthority,
  connectGrpc,
  type GrpcConnection,
  type GrpcServer,
  NO_SECURITY,
  serveGrpc,
} from '../../../proto/grpc/index.ts'
import { failureOf, until } from './waiting.ts'

let server: GrpcServer
let connection: GrpcConnection
let served = { chunks: 0, returned: 0, aborted: 0 }

function unavailable(): never {
  throw new EngineError('UNSUPPORTED_FEATURE', 'not here', { hint: 'Ask elsewhere.' })
}

beforeAll(async () => {
  const driver = bindService(Driver, {
    attach: unavailable,
    getStatus: async (_request, { method, peer, principal }) => ({
      build: `${method} ${principal.kind} ${peer.split(':')[0]}`,
      startedAtMs: 5,
      workers: [{ workerId: 'w', slots: 3 }],
    }),
    listJobs: unavailable,
    kill: async (_request, { signal }) => {
      await sleep(60_000, undefined, { signal }).catch(() => {
        served.aborted++
      })
      return {}
    },
    submitProgram: async (pieces) => {
      let text = ''
      for await (const { name, bundle } of pieces) text += name + Buffer.from(bundle).toString()
      return { programId: text }
    },
    listPrograms: () => {
      throw new TypeError('a bug')
    },
    readOutput: async function* () {
      yield { text: Buffer.from('a') }
      throw new EngineError('NOT_FOUND', 'no program "p" any more')
    },
    decommission: () => ({}),
  })
  const blocks = bindService(Blocks, {
    fetch: async function* ({ jobId, ranges }) {
      try {
        for (let i = 0; i < ranges[0]!.map; i++) {
          served.chunks++
          yield { bytes: Buffer.alloc(ranges[0]!.stage, `${jobId}${i}`) }
        }
      } finally {
        served.returned++
      }
    },
  })
  const authority = clusterAuthority({ token: null, certificates: false })
  server = await serveGrpc({ listen: '127.0.0.1:0', services: [driver, blocks], authority, tls: null })
  connection = connectGrpc({ address: server.address, security: NO_SECURITY })
  await connection.ready(5000)
})

afterAll(async () => {
  connection.close()
  await server.close(100)
})

test('a unary call gives the message, and its handler knows who asks for what', async () => {
  const reply = await connection.client(Driver).getStatus({})
  expect(reply.build).toBe('Driver/GetStatus cluster 127.0.0.1')
  expect(reply.startedAtMs).toBe(5)
  expect(reply.workers[0]?.slots).toBe(3)
})

test('an EngineError of a handler arrives with code, message and hint', async () => {
  const error = await failureOf(connection.client(Driver).listJobs({}))
  expect([error.code, error.message, error.hint]).toEqual([
    'UNSUPPORTED_FEATURE',
    'not here',
    'Ask elsewhere.',
  ])
})

test('any other error of a handler is an internal one', async () => {
  const error = await failureOf(connection.client(Driver).listPrograms({}))
  expect([error.code, error.message]).toEqual(['INTERNAL_ERROR', 'a bug'])
})

test('a call whose time is up is DEADLINE_EXCEEDED, and its handler hears of it', async () => {
  const before = served.aborted
  const error = await failureOf(connection.client(Driver).kill({ id: 'x' }, { timeoutMs: 50 }))
  expect(error.code).toBe('DEADLINE_EXCEEDED')
  expect(error.message).toContain(server.address)
  await until(() => served.aborted > before)
})

test('a call ends with its signal', async () => {
  const controller = new AbortController()
  const call = failureOf(connection.client(Driver).kill({ id: 'x' }, { signal: controller.signal }))
  await sleep(20)
  controller.abort()
  expect((await call).code).toBe('CANCELLED')
})

test('requests stream to the server', async () => {
  const pieces = [{ name: 'n', bundle: Buffer.from('1') }, { bundle: Buffer.from('2') }]
  expect((await connection.client(Driver).submitProgram(pieces)).programId).toBe('n12')
})

test('an error of the requests ends the call', async () => {
  async function* pieces() {
    yield { name: 'n' }
    throw new EngineError('FILE_NOT_FOUND', 'no bundle')
  }
  expect((await failureOf(connection.client(Driver).submitProgram(pieces()))).code).toBe('FILE_NOT_FOUND')
})

test('a stream gives what came before the error', async () => {
  const texts: string[] = []
  const read = async () => {
    for await (const { text } of connection.client(Driver).readOutput({ programId: 'p' }))
      texts.push(Buffer.from(text).toString())
  }
  const error = await failureOf(read())
  expect([texts, error.code, error.message]).toEqual([['a'], 'NOT_FOUND', 'no program "p" any more'])
})

test.each([0, 1, 127, 128, 16_384, 3_000_000])('chunks of %d bytes pass through', async (size) => {
  const chunks: Buffer[] = []
  const request = { jobId: 'j', ranges: [{ stage: size, map: 3 }] }
  for await (const { bytes } of connection.client(Blocks).fetch(request)) chunks.push(Buffer.from(bytes))
  expect(chunks.length).toBe(3)
  chunks.forEach((chunk, i) => {
    expect(chunk.equals(Buffer.alloc(size, `j${i}`))).toBe(true)
  })
})

test('a server writes no further ahead than its windows when the client does not read', async () => {
  served = { chunks: 0, returned: 0, aborted: 0 }
  const size = 2 ** 20
  for await (const { bytes } of connection
    .client(Blocks)
    .fetch({ jobId: 'j', ranges: [{ stage: size, map: 500 }] })) {
    expect(bytes.length).toBe(size)
    let before = -1
    while (before !== served.chunks) {
      before = served.chunks
      await sleep(100)
    }
    break
  }
  expect(served.chunks).toBeLessThan(40)
  await until(() => served.returned === 1)
})

test('a message above the bound ends its call', async () => {
  const content = new Uint8Array(17 * 2 ** 20)
  const error = await failureOf(connection.client(Driver).submitProgram([{ bundle: content }]))
  expect(error.code).toBe('RESOURCES_EXHAUSTED')
})

test('nobody at the address is CLUSTER_UNREACHABLE with the address', async () => {
  const gone = await serveGrpc({
    listen: '127.0.0.1:0',
    services: [],
    authority: clusterAuthority({ token: null, certificates: false }),
    tls: null,
  })
  await gone.close()
  const nobody = connectGrpc({ address: gone.address, security: NO_SECURITY })
  const error = await failureOf(nobody.client(Driver).getStatus({}))
  expect(error.code).toBe('CLUSTER_UNREACHABLE')
  expect(error.errorClass).toBe('transient')
  expect(error.message).toContain(gone.address)
  expect((await failureOf(nobody.ready(50))).code).toBe('CLUSTER_UNREACHABLE')
  nobody.close()
})

test('calls that run when the server closes fail as unreachable, after its grace', async () => {
  const other = await serveGrpc({
    listen: '127.0.0.1:0',
    services: [bindService(Blocks, { fetch: forever })],
    authority: clusterAuthority({ token: null, certificates: false }),
    tls: null,
  })
  const client = connectGrpc({ address: other.address, security: NO_SECURITY })
  const read = async () => {
    for await (const _ of client.client(Blocks).fetch({})) await other.close(20)
  }
  expect((await failureOf(read())).code).toBe('CLUSTER_UNREACHABLE')
  client.close()
})

async function* forever(_request: unknown, { signal }: { readonly signal: AbortSignal }) {
  yield { bytes: new Uint8Array(1) }
  await sleep(60_000, undefined, { signal }).catch(() => {})
}
