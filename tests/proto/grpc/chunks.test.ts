import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import { makeOwnCertificate } from '../../../proto/certificates/index.ts'
import { Blocks } from '../../../proto/cluster/index.ts'
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

const own = makeOwnCertificate()
const pinned = { ca: own.certificate, certificate: null, key: null, pinned: true }
const KINDS = {
  plain: { server: null, client: null },
  TLS: { server: { ...own, clientCa: null }, client: pinned },
}
type Kind = keyof typeof KINDS
const BOTH: readonly Kind[] = ['plain', 'TLS']

const servers = new Map<Kind, GrpcServer>()
const connections = new Map<Kind, GrpcConnection>()
let running = 0

beforeAll(async () => {
  for (const kind of BOTH) {
    const server = await serve(kind)
    servers.set(kind, server)
    const security = { token: null, tls: KINDS[kind].client }
    connections.set(kind, connectGrpc({ address: server.address, security }))
  }
})

afterAll(async () => {
  for (const kind of BOTH) {
    connections.get(kind)!.close()
    await servers.get(kind)!.close(100)
  }
})

/** Chunks whose bytes say which they are, all in the same memory; of sizes that grow and shrink. */
function serve(kind: Kind, listen = '127.0.0.1:0'): Promise<GrpcServer> {
  const blocks = bindService(Blocks, {
    fetch: async function* ({ jobId, ranges }, { signal }) {
      running++
      const memory = new Uint8Array(new SharedArrayBuffer(3 << 20))
      try {
        if (jobId === 'wait') await sleep(60_000, undefined, { signal }).catch(() => {})
        for (let i = 0; i < (ranges[0]?.map ?? 0); i++) {
          const bytes = memory.subarray(0, sizeOf(i))
          bytes.fill(i)
          yield { bytes }
        }
        if (jobId === 'fail') throw new EngineError('NOT_FOUND', 'no more')
      } finally {
        running--
      }
    },
  })
  const authority = clusterAuthority({ token: null, certificates: false })
  return serveGrpc({ listen, services: [blocks], authority, tls: KINDS[kind].server })
}

function sizeOf(index: number): number {
  return [0, 1, 5, 65_535, 1 << 20, 3 << 20][(index * 7) % 6]!
}

async function readAll(
  connection: GrpcConnection,
  jobId: string,
  count: number,
  reuse: boolean,
): Promise<number> {
  let index = 0
  const request = { jobId, ranges: [{ map: count }] }
  for await (const { bytes } of connection.client(Blocks).fetch(request, { reuse })) {
    if (index % 5 === 0) await sleep(1)
    expect(bytes.length).toBe(sizeOf(index))
    expect(bytes.every((byte) => byte === (index & 255))).toBe(true)
    index++
  }
  return index
}

test.each(BOTH)('%s: calls at the same time and one after the other get their chunks whole', async (kind) => {
  const connection = connections.get(kind)!
  for (let round = 0; round < 3; round++) {
    const calls = [12, 0, 7, 1].map((count, index) => readAll(connection, 'j', count, index % 2 === 0))
    expect(await Promise.all(calls)).toEqual([12, 0, 7, 1])
  }
})

test.each(BOTH)('%s: chunks that are not reused stay as they are', async (kind) => {
  const kept: Uint8Array[] = []
  for await (const { bytes } of connections
    .get(kind)!
    .client(Blocks)
    .fetch({ ranges: [{ map: 7 }] }))
    kept.push(bytes)
  kept.forEach((bytes, index) => {
    expect(bytes.every((byte) => byte === index)).toBe(true)
  })
})

test.each(BOTH)(
  '%s: an error comes after the chunks before it, and the connection lives on',
  async (kind) => {
    const connection = connections.get(kind)!
    const error = await failureOf(readAll(connection, 'fail', 4, true))
    expect([error.code, error.message]).toEqual(['NOT_FOUND', 'no more'])
    expect(await readAll(connection, 'j', 3, true)).toBe(3)
  },
)

test.each(BOTH)('%s: a call that is left, cancelled or late ends at the server too', async (kind) => {
  const { fetch } = connections.get(kind)!.client(Blocks)
  await until(() => running === 0)
  for await (const _ of fetch({ ranges: [{ map: 1000 }] })) break
  const consume = async (options: { signal?: AbortSignal; timeoutMs?: number }) => {
    for await (const _ of fetch({ jobId: 'wait' }, options));
  }
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 50)
  expect((await failureOf(consume({ signal: controller.signal }))).code).toBe('CANCELLED')
  expect((await failureOf(consume({ signal: AbortSignal.abort() }))).code).toBe('CANCELLED')
  expect((await failureOf(consume({ timeoutMs: 50 }))).code).toBe('DEADLINE_EXCEEDED')
  await until(() => running === 0)
})

test.each(BOTH)('%s: a server that was started again is found by the next call', async (kind) => {
  const first = await serve(kind)
  const security = { token: null, tls: KINDS[kind].client }
  const connection = connectGrpc({ address: first.address, security })
  expect(await readAll(connection, 'j', 2, true)).toBe(2)
  await first.close(10)
  expect((await failureOf(readAll(connection, 'j', 2, true))).code).toBe('CLUSTER_UNREACHABLE')
  const second = await serve(kind, first.address)
  expect(await readAll(connection, 'j', 2, true)).toBe(2)
  connection.close()
  await second.close(10)
})

test('a server that says nothing is given up, and one that has little to say is not', async () => {
  const sockets: Socket[] = []
  const silent = createServer((socket) => sockets.push(socket))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  // The cast holds: it listens on TCP.
  const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`
  const connection = connectGrpc({
    address,
    security: NO_SECURITY,
    keepalive: { timeMs: 100, timeoutMs: 100 },
  })
  const error = await failureOf(readAll(connection, 'j', 1, true))
  expect([error.code, error.message]).toEqual([
    'CLUSTER_UNREACHABLE',
    expect.stringContaining('nothing has come'),
  ])
  connection.close()
  for (const socket of sockets) socket.destroy()
  silent.close()
}, 30_000)

test('a server that ends in the middle of a chunk is CLUSTER_UNREACHABLE', async () => {
  const target = servers.get('plain')!.address
  const proxy = createServer((socket) => {
    const onward = connect(Number(target.split(':')[1]), '127.0.0.1')
    for (const each of [socket, onward]) each.on('error', () => {})
    socket.pipe(onward)
    let left = 100_000
    onward.on('data', (bytes: Buffer) => {
      socket.write(bytes.subarray(0, left))
      left -= bytes.length
      if (left <= 0) socket.end(() => socket.destroy())
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(proxy.address() as AddressInfo).port}` // It listens on TCP.
  const connection = connectGrpc({ address, security: NO_SECURITY })
  expect((await failureOf(readAll(connection, 'j', 20, true))).code).toBe('CLUSTER_UNREACHABLE')
  connection.close()
  proxy.close()
})

test('a connection whose first bytes come one by one is understood, whatever it is for', async () => {
  const server = servers.get('plain')!
  const proxy = createServer((socket) => {
    const onward = connect(Number(server.address.split(':')[1]), '127.0.0.1')
    onward.setNoDelay(true)
    for (const each of [socket, onward]) each.on('error', () => {})
    onward.pipe(socket)
    socket.once('data', async (bytes: Buffer) => {
      socket.pause()
      for (const byte of bytes.subarray(0, 8)) {
        onward.write(Uint8Array.of(byte))
        await sleep(5)
      }
      onward.write(bytes.subarray(8))
      socket.pipe(onward)
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(proxy.address() as AddressInfo).port}` // It listens on TCP.
  const connection = connectGrpc({ address, security: NO_SECURITY })
  expect(await readAll(connection, 'j', 3, true)).toBe(3)
  await connection.ready(5000)
  connection.close()
  proxy.close()
})
