import type { DescMethod, DescService } from '@bufbuild/protobuf'
import type {
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  MethodDefinition,
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  UntypedHandleCall,
} from '@grpc/grpc-js'
import { EngineError } from '../../engine/errors.ts'
import { ChunkSchema } from '../cluster/index.ts'
import type { ChunkHandler } from './chunk-server.ts'
import { methodOf, principalOf } from './guard.ts'
import type { CallContext, Handler, Handlers } from './handlers.ts'
import { Link, streamEnds } from './link.ts'
import { type MessageCodec, messageCodec } from './message-codec.ts'
import { statusOf } from './status.ts'

/** Bytes of a server stream that may wait for a slow caller. */
const STREAM_WINDOW_BYTES = 4 * 2 ** 20

/** A service with its handlers, for `serveGrpc`. */
export interface BoundService {
  /** Methods whose messages are chunks: they have connections of their own. */
  readonly chunks: ReadonlyMap<string, ChunkHandler>
  readonly definition: Readonly<Record<string, MethodDefinition<Buffer, Buffer>>>
  readonly implementation: Record<string, UntypedHandleCall>
}

/** A generated service, such as `Driver` of proto/cluster, answered by these handlers. */
export function bindService<Service extends DescService>(
  service: Service,
  handlers: Handlers<Service>,
): BoundService {
  const definition: Record<string, MethodDefinition<Buffer, Buffer>> = {}
  const implementation: Record<string, UntypedHandleCall> = {}
  const chunks = new Map<string, ChunkHandler>()
  for (const method of service.methods) {
    definition[method.localName] = methodDefinition(method)
    // The cast holds: the types of `handlers` follow those of the methods.
    const handler = handlers[method.localName] as unknown as Handler<DescMethod>
    implementation[method.localName] = implement(method, handler)
    if (isChunkMethod(method)) chunks.set(chunkMethodName(method), chunkHandler(method, handler))
  }
  return { definition, implementation, chunks }
}

/** Whether a method streams chunks to its caller. */
export function isChunkMethod({ methodKind, output }: DescMethod): boolean {
  return methodKind === 'server_streaming' && output.typeName === ChunkSchema.typeName
}

/** `Service/Method`. */
export function chunkMethodName(method: DescMethod): string {
  return methodOf(methodDefinition(method).path)
}

function chunkHandler(method: DescMethod, handler: Handler<DescMethod>): ChunkHandler {
  const input = messageCodec(method.input)
  // The cast holds: `isChunkMethod` has said so.
  const answer = handler as HandlerOf<'server_streaming'>
  return (request, context) => answer(input.decode(request), context)
}

/** How grpc-js sees a method: bytes in, bytes out; messages are made of them here. */
export function methodDefinition(method: DescMethod): MethodDefinition<Buffer, Buffer> {
  const { methodKind } = method
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
    responseStream: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
    requestSerialize: asItIs,
    requestDeserialize: asItIs,
    responseSerialize: asItIs,
    responseDeserialize: asItIs,
  }
}

function asItIs(bytes: Buffer): Buffer {
  return bytes
}

type AnyCodec = MessageCodec<DescMethod['input']>
/** Of a method's kind; the casts of `implement` hold because the kind says which of them a handler is. */
type HandlerOf<Kind extends DescMethod['methodKind']> = Handler<DescMethod & { readonly methodKind: Kind }>

function implement(method: DescMethod, handler: Handler<DescMethod>): UntypedHandleCall {
  const input = messageCodec(method.input)
  const output = messageCodec(method.output)
  switch (method.methodKind) {
    case 'unary':
      return answerUnary(input, output, handler as HandlerOf<'unary'>)
    case 'server_streaming':
      return answerStream(input, output, handler as HandlerOf<'server_streaming'>)
    case 'client_streaming':
      return answerRequests(input, output, handler as HandlerOf<'client_streaming'>)
    case 'bidi_streaming':
      return answerLink(input, output, handler as HandlerOf<'bidi_streaming'>)
  }
}

function answerUnary(
  input: AnyCodec,
  output: AnyCodec,
  handler: HandlerOf<'unary'>,
): handleUnaryCall<Buffer, Buffer> {
  return (call, reply) => {
    const answer = async () => output.encode(await handler(input.decode(call.request), contextOf(call)))
    answer().then(
      (bytes) => reply(null, bytes),
      (error: unknown) => reply(statusOf(error)),
    )
  }
}

function answerStream(
  input: AnyCodec,
  output: AnyCodec,
  handler: HandlerOf<'server_streaming'>,
): handleServerStreamingCall<Buffer, Buffer> {
  return (call) => {
    const context = contextOf(call)
    const answer = async () => {
      const messages = handler(input.decode(call.request), context)
      const writer = new PacedWriter(call, context.signal)
      for await (const message of messages) {
        if (context.signal.aborted) return
        await writer.write(output.encode(message))
      }
    }
    answer().then(
      () => call.end(),
      (error: unknown) => call.emit('error', statusOf(error)),
    )
  }
}

function answerRequests(
  input: AnyCodec,
  output: AnyCodec,
  handler: HandlerOf<'client_streaming'>,
): handleClientStreamingCall<Buffer, Buffer> {
  return (call, reply) => {
    async function* requests() {
      // The cast holds: the stream carries what `requestDeserialize` gave.
      for await (const bytes of call as AsyncIterable<Buffer>) yield input.decode(bytes)
    }
    handler(requests(), contextOf(call)).then(
      (message) => reply(null, output.encode(message)),
      (error: unknown) => reply(statusOf(error)),
    )
  }
}

function answerLink(
  input: AnyCodec,
  output: AnyCodec,
  handler: HandlerOf<'bidi_streaming'>,
): handleBidiStreamingCall<Buffer, Buffer> {
  return (call) => {
    const context = contextOf(call)
    const link = new Link(context.peer, linkStream(call), input, output)
    let isOurs = false
    call.on('finish', () => {
      isOurs = true
    })
    call.on('data', (bytes: Buffer) => link.receive(bytes))
    call.pause()
    // A call that the caller broke off ends too, and is known to be broken when the events of this turn are
    // over.
    call.on('end', () => setImmediate(() => link.peerEnded()))
    // Comes at the end of every call, also of one that we ended.
    call.on('cancelled', () => link.close(isOurs ? null : goneError(context.peer)))
    try {
      handler(link, context)
    } catch (error) {
      call.emit('error', statusOf(error))
    }
  }
}

function linkStream(call: ServerDuplexStream<Buffer, Buffer>) {
  return {
    ...streamEnds(call),
    fail: (error: EngineError) => {
      call.emit('error', statusOf(error))
    },
  }
}

function goneError(peer: string): EngineError {
  return new EngineError('CLUSTER_UNREACHABLE', `the connection from "${peer}" is gone`)
}

type AnyCall = Pick<ServerUnaryCall<Buffer, Buffer>, 'getPath' | 'getPeer' | 'metadata'> & {
  on(event: 'cancelled', listener: () => void): unknown
}

function contextOf(call: AnyCall): CallContext {
  const controller = new AbortController()
  call.on('cancelled', () => controller.abort())
  return {
    method: methodOf(call.getPath()),
    peer: call.getPeer(),
    principal: principalOf(call.metadata),
    signal: controller.signal,
  }
}

/** Writes to a caller no faster than it reads. */
class PacedWriter {
  readonly #call: ServerWritableStream<Buffer, Buffer>
  #queuedBytes = 0
  #wake: (() => void) | null = null

  constructor(call: ServerWritableStream<Buffer, Buffer>, signal: AbortSignal) {
    this.#call = call
    signal.addEventListener('abort', () => this.#wake?.(), { once: true })
  }

  /** Resolves when the next one may be written, or the caller is gone. */
  async write(bytes: Buffer): Promise<void> {
    this.#queuedBytes += bytes.length
    this.#call.write(bytes, () => {
      this.#queuedBytes -= bytes.length
      if (this.#queuedBytes < STREAM_WINDOW_BYTES) this.#wake?.()
    })
    if (this.#queuedBytes < STREAM_WINDOW_BYTES || this.#call.cancelled) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = null
  }
}
