import { create, type DescMethod, type DescService } from '@bufbuild/protobuf'
import {
  type Client,
  type ClientDuplexStream,
  type CallOptions as GrpcCallOptions,
  type Metadata,
  type ServiceError,
  type StatusObject,
  status,
} from '@grpc/grpc-js'
import { EngineError } from '../../engine/errors.ts'
import { ChunkSchema } from '../cluster/index.ts'
import type { ChunkClient } from './chunk-client.ts'
import type { Caller, Callers, CallOptions } from './handlers.ts'
import { Link, streamEnds } from './link.ts'
import { type MessageCodec, messageCodec } from './message-codec.ts'
import { chunkMethodName, isChunkMethod, methodDefinition } from './service.ts'
import { errorOfStatus } from './status.ts'

/** How long a unary call may take unless told. */
const UNARY_TIMEOUT_MS = 30_000

/** A connection and what every call over it shows. */
export interface Channel {
  readonly address: string
  readonly client: Client
  readonly chunks: ChunkClient
  readonly metadata: Metadata
}

type AnyCodec = MessageCodec<DescMethod['input']>
type CallerOf<Kind extends DescMethod['methodKind']> = Caller<DescMethod & { readonly methodKind: Kind }>

/** One method of one service over one connection. */
interface Route {
  readonly method: DescMethod
  readonly channel: Channel
  readonly path: string
  readonly input: AnyCodec
  readonly output: AnyCodec
}

export function callersOf<Service extends DescService>(channel: Channel, service: Service): Callers<Service> {
  const callers: Record<string, unknown> = {}
  for (const method of service.methods) {
    const route: Route = {
      channel,
      method,
      path: methodDefinition(method).path,
      input: messageCodec(method.input),
      output: messageCodec(method.output),
    }
    callers[method.localName] = isChunkMethod(method)
      ? callForChunks(route)
      : CALLERS[method.methodKind](route)
  }
  // The cast holds: each caller is that of its method's kind and messages.
  return callers as unknown as Callers<Service>
}

const CALLERS: { readonly [Kind in DescMethod['methodKind']]: (route: Route) => CallerOf<Kind> } = {
  unary: callUnary,
  server_streaming: callForStream,
  client_streaming: callWithRequests,
  bidi_streaming: callForLink,
}

function asItIs(bytes: Buffer): Buffer {
  return bytes
}

function callUnary({ channel, path, input, output }: Route): CallerOf<'unary'> {
  return async (request, options = {}) => {
    const bytes = input.encode(request)
    const grpcOptions = deadlineOf({ timeoutMs: UNARY_TIMEOUT_MS, ...options })
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const { client, metadata } = channel
      const call = client.makeUnaryRequest(path, asItIs, asItIs, bytes, metadata, grpcOptions, reply)
      const forget = cancelWith(options.signal, () => call.cancel())
      function reply(error: ServiceError | null, value?: Buffer): void {
        forget()
        if (error === null) resolve(value ?? Buffer.alloc(0))
        else reject(errorOfCall(error, channel.address, options.signal))
      }
    })
    return output.decode(answer)
  }
}

function callForStream({ channel, path, input, output }: Route): CallerOf<'server_streaming'> {
  return async function* (request, options = {}) {
    const { client, metadata, address } = channel
    const bytes = input.encode(request)
    const call = client.makeServerStreamRequest(path, asItIs, asItIs, bytes, metadata, deadlineOf(options))
    const forget = cancelWith(options.signal, () => call.cancel())
    try {
      // The cast holds: the stream carries what `asItIs` gave.
      for await (const message of call as AsyncIterable<Buffer>) yield output.decode(message)
    } catch (error) {
      throw isStatus(error) ? errorOfCall(error, address, options.signal) : error
    } finally {
      forget()
      call.cancel()
    }
  }
}

/** Over a connection for chunks; see chunk-wire.ts. */
function callForChunks({ channel, method, input }: Route): CallerOf<'server_streaming'> {
  const name = chunkMethodName(method)
  return async function* (request, { timeoutMs, signal, reuse = false } = {}) {
    const message = input.encode(request)
    const chunks = channel.chunks.call({ method: name, message, timeoutMs, signal, reuse })
    for await (const bytes of chunks) yield create(ChunkSchema, { bytes })
  }
}

function callWithRequests({ channel, path, input, output }: Route): CallerOf<'client_streaming'> {
  return async (requests, options = {}) => {
    const { client, metadata, address } = channel
    let forget = () => {}
    let isOver = false
    const answer = new Promise<Buffer>((resolve, reject) => {
      const call = client.makeClientStreamRequest(path, asItIs, asItIs, metadata, deadlineOf(options), reply)
      forget = cancelWith(options.signal, () => call.cancel())
      function reply(error: ServiceError | null, value?: Buffer): void {
        isOver = true
        if (error === null) resolve(value ?? Buffer.alloc(0))
        else reject(errorOfCall(error, address, options.signal))
      }
      const sendAll = async () => {
        for await (const request of requests) {
          if (isOver) return
          // The next one waits until this one has left; an end of the call calls back too.
          await new Promise<void>((sent) => call.write(input.encode(request), () => sent()))
        }
        call.end()
      }
      sendAll().catch((error: unknown) => {
        call.cancel()
        reject(error)
      })
    })
    try {
      return output.decode(await answer)
    } finally {
      forget()
    }
  }
}

function callForLink({ channel, path, input, output }: Route): CallerOf<'bidi_streaming'> {
  return (options = {}) => {
    const { client, metadata, address } = channel
    const call = client.makeBidiStreamRequest(path, asItIs, asItIs, metadata, deadlineOf(options))
    const link = new Link(address, linkStream(call), output, input)
    const forget = cancelWith(options.signal, () => link.abort(cancelledError(address)))
    let final: StatusObject | null = null
    let isRead = false
    const finish = () => {
      // What the server sent before a good end is still to be read; an error says that some may be missing.
      if (final === null || (final.code === status.OK && !isRead)) return
      forget()
      link.close(final.code === status.OK ? null : errorOfCall(final, address, options.signal))
    }
    call.on('data', (bytes: Buffer) => link.receive(bytes))
    call.pause()
    call.on('end', () => {
      isRead = true
      finish()
    })
    call.on('error', () => {}) // `status` tells the same.
    call.on('status', (end: StatusObject) => {
      final = end
      finish()
    })
    return link
  }
}

function linkStream(call: ClientDuplexStream<Buffer, Buffer>) {
  return {
    ...streamEnds(call),
    fail: () => {
      call.cancel()
    },
  }
}

function deadlineOf({ timeoutMs }: CallOptions): GrpcCallOptions {
  return timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs }
}

/** Calls `cancel` when the signal fires; the function that is given takes that back. */
function cancelWith(signal: AbortSignal | undefined, cancel: () => void): () => void {
  if (signal === undefined) return () => {}
  if (signal.aborted) queueMicrotask(cancel)
  signal.addEventListener('abort', cancel, { once: true })
  return () => signal.removeEventListener('abort', cancel)
}

function errorOfCall(
  error: Pick<StatusObject, 'code' | 'details' | 'metadata'>,
  address: string,
  signal: AbortSignal | undefined,
): EngineError {
  if (signal?.aborted === true && error.code === status.CANCELLED) return cancelledError(address)
  return errorOfStatus(error, address)
}

function cancelledError(address: string): EngineError {
  return new EngineError('CANCELLED', `the call to "${address}" was cancelled`)
}

function isStatus(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error
}
