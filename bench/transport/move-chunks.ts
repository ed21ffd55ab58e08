import { type ChildProcess, fork, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { createSecureContext } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { create, toBinary } from '@bufbuild/protobuf'
import { Client, credentials, Metadata } from '@grpc/grpc-js'
import { Blocks, FetchRequestSchema } from '../../proto/cluster/index.ts'
import { buildId, connectGrpc } from '../../proto/grpc/index.ts'
import { CHUNK_BYTES, type SenderReady, TOKEN, WAYS, type WayName } from './chunk-ways.ts'

/** How the chunks were moved; megabytes are 10^6 bytes. */
export interface MovedChunks {
  readonly seconds: number
  readonly chunks: number
  readonly details: Readonly<Record<string, number>>
}

interface Sender {
  readonly child: ChildProcess
  readonly ready: SenderReady
}

let sender: Promise<Sender> | null = null

/** Chunks that make so many bytes. */
export function chunksOf(bytes: number): number {
  return Math.ceil(bytes / CHUNK_BYTES)
}

/** Moves chunks from another process, which is started when it is first needed, to this one. */
export async function moveChunks(bytes: number, name: WayName): Promise<MovedChunks> {
  sender ??= startSender()
  const { child, ready } = await sender
  const chunks = chunksOf(bytes)
  const sentBefore = await cpuMsOf(child)
  const before = process.cpuUsage()
  const start = performance.now()
  const received = await (WAYS[name].http2 ? overHttp2(ready, name, chunks) : overOwn(ready, name, chunks))
  const ms = performance.now() - start
  if (received !== chunks * CHUNK_BYTES) throw new Error(`${received} bytes came`)
  const { user, system } = process.cpuUsage(before)
  const gigabytes = received / 1e9
  const details = {
    megabytesPerSecond: received / 1e6 / (ms / 1000),
    senderCpuMsPerGigabyte: ((await cpuMsOf(child)) - sentBefore) / gigabytes,
    readerCpuMsPerGigabyte: (user + system) / 1000 / gigabytes,
  }
  return { seconds: ms / 1000, chunks, details }
}

async function startSender(): Promise<Sender> {
  // The host speaks over its standard output.
  const stdio: StdioOptions = ['ignore', 'ignore', 'inherit', 'ipc']
  const child = fork(fileURLToPath(new URL('./chunk-sender.js', import.meta.url)), { stdio })
  const [ready] = (await once(child, 'message')) as [SenderReady] // Its first words.
  // It ends when this process does.
  child.unref()
  child.channel?.unref()
  return { child, ready }
}

async function cpuMsOf(child: ChildProcess): Promise<number> {
  const answer = once(child, 'message')
  child.send('cpu')
  return ((await answer) as [number])[0] // It answers nothing else.
}

async function overOwn(ready: SenderReady, name: WayName, chunks: number): Promise<number> {
  const { tls, reuse } = WAYS[name]
  const trusted = { ca: ready.certificate, certificate: null, key: null, pinned: true }
  const connection = connectGrpc({
    address: tls ? ready.tls : ready.plain,
    security: { token: TOKEN, tls: tls ? trusted : null },
  })
  let received = 0
  const request = { jobId: 'j', ranges: [{ map: chunks }] }
  for await (const { bytes } of connection.client(Blocks).fetch(request, { reuse })) received += bytes.length
  connection.close()
  return received
}

/** As other clients of gRPC do it: grpc-js, with messages that are passed through as bytes. */
async function overHttp2(ready: SenderReady, name: WayName, chunks: number): Promise<number> {
  const { tls } = WAYS[name]
  const trust = tls
    ? credentials.createFromSecureContext(createSecureContext({ ca: ready.certificate }), {
        checkServerIdentity: () => undefined,
      })
    : credentials.createInsecure()
  const client = new Client(tls ? ready.tls : ready.plain, trust, {
    'grpc-node.flow_control_window': 8 * 2 ** 20,
    'grpc.max_receive_message_length': 2 * CHUNK_BYTES,
    'grpc.ssl_target_name_override': 'millrace',
  })
  const metadata = new Metadata()
  metadata.set('millrace-build', buildId())
  metadata.set('authorization', `Bearer ${TOKEN}`)
  const asItIs = (bytes: Buffer): Buffer => bytes
  const request = toBinary(FetchRequestSchema, create(FetchRequestSchema, { ranges: [{ map: chunks }] }))
  const path = `/${Blocks.typeName}/Fetch`
  const call = client.makeServerStreamRequest(path, asItIs, asItIs, Buffer.from(request), metadata)
  let received = 0
  // The cast holds: `asItIs` gives them. A message is a field of bytes behind four or five others.
  for await (const message of call as AsyncIterable<Buffer>)
    received += message.length - (message.length > CHUNK_BYTES + 4 ? 5 : 4)
  client.close()
  return received
}
