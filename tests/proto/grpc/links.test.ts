import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import {
  type ClientMessage,
  type ClientMessageSchema,
  Driver,
  type DriverMessage,
  type DriverMessageSchema,
} from '../../../proto/cluster/index.ts'
import {
  bindService,
  clusterAuthority,
  connectGrpc,
  type GrpcConnection,
  type GrpcServer,
  type Link,
  NO_SECURITY,
  parseAddress,
  serveGrpc,
} from '../../../proto/grpc/index.ts'
import { until } from './waiting.ts'

type ServerLink = Link<typeof ClientMessageSchema, typeof DriverMessageSchema>

let server: GrpcServer
let connection: GrpcConnection
let onAttach: (link: ServerLink) => void = () => {}

beforeAll(async () => {
  const unavailable = () => {
    throw new EngineError('UNSUPPORTED_FEATURE', 'not here')
  }
  const driver = bindService(Driver, {
    attach: (link) => onAttach(link),
    getStatus: unavailable,
    listJobs: unavailable,
    kill: unavailable,
    submitProgram: unavailable,
    listPrograms: unavailable,
    readOutput: unavailable,
    decommission: unavailable,
  })
  const authority = clusterAuthority({ token: null, certificates: false })
  server = await serveGrpc({ listen: '127.0.0.1:0', services: [driver], authority, tls: null })
  connection = connectGrpc({ address: server.address, security: NO_SECURITY })
})

afterAll(async () => {
  connection.close()
  await server.close(100)
})

test('a link carries messages both ways, in order, and ends on both sides', async () => {
  const serverEnd = new Promise<EngineError | null>((resolve) => {
    onAttach = (link) =>
      link.listen({
        message: ({ kind }) => {
          if (kind.case === 'drop')
            link.send({ kind: { case: 'size', value: { slots: Number(kind.value.key) } } })
        },
        closed: resolve,
      })
  })
  const link = connection.client(Driver).attach()
  const slots: number[] = []
  const end = new Promise<EngineError | null>((resolve) =>
    link.listen({
      message: ({ kind }: DriverMessage) => {
        if (kind.case === 'size') slots.push(kind.value.slots)
        if (slots.length === 1000) link.end()
      },
      closed: resolve,
    }),
  )
  for (let i = 0; i < 1000; i++) link.send({ kind: { case: 'drop', value: { key: String(i) } } })
  expect(await end).toBe(null)
  expect(await serverEnd).toBe(null)
  expect(slots).toEqual(Array.from({ length: 1000 }, (_, i) => i))
  expect(link.send({})).toBe(false)
})

test('the client hears why the server ends a link', async () => {
  onAttach = (link) => link.abort(new EngineError('PERMISSION_DENIED', 'not you'))
  expect((await endOf(connection))?.message).toBe('not you')
})

test('a client that cancels ends the link on both sides', async () => {
  const attached = new Promise<void>((resolve) => {
    onAttach = (link) => link.listen({ message: () => {}, closed: () => resolve() })
  })
  const controller = new AbortController()
  const link = connection.client(Driver).attach({ signal: controller.signal })
  const closed = new Promise<EngineError | null>((resolve) =>
    link.listen({ message: () => {}, closed: resolve }),
  )
  link.send({ kind: { case: 'drop', value: { key: '1' } } })
  setTimeout(() => controller.abort(), 30)
  expect((await closed)?.code).toBe('CANCELLED')
  await attached
})

test('both sides hear that the connection broke', async () => {
  const sockets: Socket[] = []
  const { port } = parseAddress(server.address)
  const proxy = createServer((socket) => {
    const onward = connect(port, '127.0.0.1')
    for (const each of [socket, onward]) each.on('error', () => {})
    socket.pipe(onward).pipe(socket)
    sockets.push(socket, onward)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  // The cast holds: it listens on TCP.
  const address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const client = connectGrpc({ address, security: NO_SECURITY })
  try {
    const attached = new Promise<EngineError | null>((resolve) => {
      onAttach = (link) => link.listen({ message: () => breakOff(), closed: resolve })
    })
    const breakOff = () => {
      for (const socket of sockets) socket.destroy()
    }
    const link = client.client(Driver).attach()
    link.send({ kind: { case: 'drop', value: { key: '1' } } })
    const closed = await new Promise<EngineError | null>((resolve) =>
      link.listen({ message: () => {}, closed: resolve }),
    )
    expect(closed?.code).toBe('CLUSTER_UNREACHABLE')
    expect(closed?.message).toContain(address)
    expect((await attached)?.code).toBe('CLUSTER_UNREACHABLE')
  } finally {
    client.close()
    proxy.close()
  }
})

test('what arrives waits for a listener; one who sends too fast is told to wait', async () => {
  let serverLink: ServerLink | null = null
  onAttach = (link) => {
    serverLink = link
  }
  const link = connection.client(Driver).attach()
  link.listen({ message: () => {}, closed: () => {} })
  const message = {
    kind: { case: 'code', value: { codeId: 'c', content: new Uint8Array(2 ** 20) } },
  } as const
  let sent = 0
  while (link.send(message)) sent++
  expect(sent).toBeLessThan(8)
  for (let i = 0; i < 30; i++) link.send(message)
  const drained = link.drained()
  await until(() => serverLink !== null)
  await sleep(50)
  let received = 0
  // The cast holds: `until` waited for it.
  const waiting = serverLink as unknown as ServerLink
  waiting.listen({
    message: ({ kind }: ClientMessage) => {
      if (kind.case === 'code') received++
    },
    closed: () => {},
  })
  await drained
  link.end()
  await until(() => received === sent + 31)
})

test('one who never reads is given up', async () => {
  onAttach = () => {}
  const link = connection.client(Driver).attach()
  const closed = new Promise<EngineError | null>((resolve) =>
    link.listen({ message: () => {}, closed: resolve }),
  )
  const content = new Uint8Array(8 * 2 ** 20)
  for (let i = 0; i < 40; i++) link.send({ kind: { case: 'code', value: { codeId: 'c', content } } })
  expect((await closed)?.code).toBe('RESOURCES_EXHAUSTED')
})

async function endOf(to: GrpcConnection): Promise<EngineError | null> {
  const link = to.client(Driver).attach()
  return await new Promise((resolve) => link.listen({ message: () => {}, closed: resolve }))
}
