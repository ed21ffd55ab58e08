import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, credentials, Metadata } from '@grpc/grpc-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningDriver, startDriver } from '../../../driver/cluster/rpc/index.ts'
import { EngineError } from '../../../engine/errors.ts'
import { Cluster, Driver } from '../../../proto/cluster/index.ts'
import { buildId, connectGrpc, type GrpcConnection, parseAddress } from '../../../proto/grpc/index.ts'
import { encodePlain } from '../../../proto/messages/index.ts'
import { randomOf } from '../../proto/messages/random-plain.ts'
import { randomMessage } from './random-message.ts'

const ROUNDS = process.env['MILLRACE_TEST_FULL'] === '1' ? 2000 : 60
const TOKEN = 'the-token'
const METHODS = [...Driver.methods, ...Cluster.methods]

let driver: RunningDriver
let connection: GrpcConnection
let broken: unknown = null

beforeAll(async () => {
  driver = await startDriver({ listen: '127.0.0.1:0', token: TOKEN, tls: null })
  driver.broken.then((error) => {
    broken = error
  })
  connection = connectGrpc({ address: driver.address, security: { token: TOKEN, tls: null } })
})

afterAll(async () => {
  connection.close()
  await driver.close()
})

/** Fails unless the driver answers, and opens a session, as if nothing had been. */
async function expectAlive(label: string): Promise<void> {
  const { build } = await connection.client(Driver).getStatus({}, { timeoutMs: 10_000 })
  expect(build, label).toBe(buildId())
  const link = connection.client(Driver).attach({ timeoutMs: 10_000 })
  const sessionId = await new Promise<string>((resolve, reject) => {
    link.listen({
      message: ({ kind }) => {
        if (kind.case === 'ready') resolve(kind.value.sessionId)
      },
      closed: (error) => reject(error ?? new Error('closed')),
    })
    link.send({ kind: { case: 'hello', value: { name: 'test' } } })
  })
  link.end()
  expect(sessionId, label).toMatch(/^s-[0-9a-f]{12}$/)
  expect(broken, label).toBe(null)
}

/** Several attacks at the same time, then a look at the driver; the label names the seed of each. */
async function attack(what: (random: () => number) => Promise<void>): Promise<void> {
  const first = Math.floor(Math.random() * 2 ** 31)
  const together = 10
  for (let round = 0; round < ROUNDS; round += together) {
    const seeds = Array.from({ length: together }, (_, index) => (first + round + index) >>> 0)
    const label = `seeds ${seeds[0]} to ${seeds.at(-1)}`
    await Promise.all(seeds.map((seed) => what(randomOf(seed)))).catch((cause: unknown) => {
      throw new Error(`${label}: ${String(cause)}`, { cause })
    })
    await expectAlive(label)
  }
}

/** Sends bytes, some of them later, and leaves, in one of several ways, or when the driver has closed. */
async function throwAt(bytes: Uint8Array, random: () => number): Promise<void> {
  const { host, port } = parseAddress(driver.address)
  const socket = connect({ host, port })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => {})
  socket.resume()
  const half = Math.floor(random() * bytes.length)
  socket.write(bytes.subarray(0, half))
  if (random() < 0.5) await sleep(random() * 20)
  socket.write(bytes.subarray(half))
  await Promise.race([closed, sleep(random() * 50)])
  if (random() < 0.5) socket.end()
  else socket.destroy()
  await Promise.race([closed, sleep(20)])
  socket.destroy()
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')
const MAGIC = Buffer.from('MRC1\n', 'latin1')

function noise(random: () => number, most: number): Buffer {
  return Buffer.from(Array.from({ length: Math.floor(random() * most) }, () => Math.floor(random() * 256)))
}

/** Some bytes become others; sometimes the end is missing, or a part comes twice. */
function mutated(bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes)
  for (let i = 0; i < 1 + random() * 6; i++)
    copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256)
  const at = Math.floor(random() * copy.length)
  if (random() < 0.2) return copy.subarray(0, at)
  if (random() < 0.2) return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.floor(at / 2))])
  return copy
}

test('random bytes on the socket', () => attack((random) => throwAt(noise(random, 500), random)))

test('the beginning of HTTP/2, then random bytes', () =>
  attack((random) => throwAt(Buffer.concat([PREFACE, noise(random, 500)]), random)))

test('HTTP/2 of a client, with faults', async () => {
  const recorded = await recordClient()
  expect(recorded.subarray(0, PREFACE.length)).toEqual(PREFACE)
  await attack((random) => throwAt(mutated(recorded, random), random))
})

test('the beginning of a connection for chunks, then random bytes or a request with faults', () =>
  attack((random) => {
    if (random() < 0.4) return throwAt(Buffer.concat([MAGIC, noise(random, 300)]), random)
    const message = noise(random, 100)
    const request = {
      build: buildId(),
      token: random() < 0.5 ? TOKEN : 'no',
      method: 'Blocks/Fetch',
      message,
    }
    const payload = encodePlain(request)
    const head = Buffer.alloc(5)
    head.writeUInt32LE(payload.length, 0)
    head[4] = 1
    const frame = Buffer.concat([head, payload])
    return throwAt(Buffer.concat([MAGIC, random() < 0.8 ? mutated(frame, random) : frame]), random)
  }))

test('any method with bytes that are no message, or with no right to call', () =>
  attack(async (random) => {
    const method = METHODS[Math.floor(random() * METHODS.length)]!
    const token = random() < 0.6 ? TOKEN : 'wrong'
    const code = await callWithBytes(`/${method.parent.typeName}/${method.name}`, noise(random, 60), token)
    if (token === 'wrong') expect(code).toBe(16)
  }))

test('any method with messages that make no sense', () =>
  attack(async (random) => {
    const method = METHODS[Math.floor(random() * METHODS.length)]!
    const callers = { ...connection.client(Driver), ...connection.client(Cluster) }
    const messages = () =>
      Array.from({ length: 1 + Math.floor(random() * 6) }, () => randomMessage(method.input, random))
    // The casts hold: callers take any message of their method's input.
    const call = callers[method.localName as keyof typeof callers] as (...args: unknown[]) => unknown
    const options = { timeoutMs: 300 }
    try {
      if (method.methodKind === 'unary') await call(messages()[0], options)
      else if (method.methodKind === 'client_streaming') await call(messages(), options)
      else if (method.methodKind === 'server_streaming')
        for await (const _ of call(messages()[0], options) as AsyncIterable<unknown>);
      else await talk(call(options) as ReturnType<typeof callers.attach>, messages(), random)
    } catch (error) {
      expect(error).toBeInstanceOf(EngineError)
    }
  }))

/** Sends messages on a link, the first one mostly a right one, and waits for its end or a moment. */
async function talk(
  link: ReturnType<ReturnType<typeof connection.client<typeof Driver>>['attach']>,
  messages: readonly object[],
  random: () => number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => link.listen({ message: () => {}, closed: () => resolve() }))
  if (random() < 0.7) link.send({ kind: { case: 'hello', value: { name: 'fuzz' } } })
  for (const message of messages) link.send(message)
  await Promise.race([closed, sleep(30)])
  if (random() < 0.5) link.end()
  else link.abort(new EngineError('CANCELLED', 'enough'))
  await Promise.race([closed, sleep(30)])
  link.abort(new EngineError('CANCELLED', 'enough'))
}

/** What a client says to the driver in a few calls, byte for byte. */
async function recordClient(): Promise<Buffer> {
  const parts: Buffer[] = []
  const { host, port } = parseAddress(driver.address)
  const proxy = createServer((socket) => {
    const onward = connect({ host, port })
    for (const each of [socket, onward]) each.on('error', () => {})
    socket.on('data', (bytes) => parts.push(bytes))
    socket.pipe(onward).pipe(socket)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(proxy.address() as AddressInfo).port}` // It listens on TCP.
  const client = connectGrpc({ address, security: { token: TOKEN, tls: null } })
  for (let i = 0; i < 3; i++) await client.client(Driver).getStatus({})
  await client.client(Driver).listJobs({ limit: 5 })
  client.close()
  proxy.close()
  return Buffer.concat(parts)
}

/** The status of a call whose message is these bytes. */
async function callWithBytes(path: string, bytes: Buffer, token: string): Promise<number> {
  const client = new Client(driver.address, credentials.createInsecure())
  const metadata = new Metadata()
  metadata.set('millrace-build', buildId())
  metadata.set('authorization', `Bearer ${token}`)
  const asItIs = (value: Buffer) => value
  try {
    return await new Promise<number>((resolve) => {
      const options = { deadline: Date.now() + (token === TOKEN ? 500 : 20_000) }
      const call = client.makeBidiStreamRequest(path, asItIs, asItIs, metadata, options)
      call.on('data', () => {})
      call.on('error', () => {})
      call.on('status', ({ code }) => resolve(code))
      call.write(bytes)
      call.end()
    })
  } finally {
    client.close()
  }
}
