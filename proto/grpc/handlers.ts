import type { DescMethod, DescService, MessageInitShape, MessageShape } from '@bufbuild/protobuf'
import type { Principal } from './authority.ts'
import type { Link } from './link.ts'

/** One call, as its handler sees it. */
export interface CallContext {
  /** `Service/Method`. */
  readonly method: string
  /** Address of the caller. */
  readonly peer: string
  readonly principal: Principal
  /** Fires when the caller is gone, has cancelled, or its deadline has passed. */
  readonly signal: AbortSignal
}

type Input<M extends Pick<DescMethod, 'input'>> = MessageShape<M['input']>
type Output<M extends Pick<DescMethod, 'output'>> = MessageInitShape<M['output']>

/** How a server answers a method. What a handler throws is the caller's error. */
export type Handler<M extends Pick<DescMethod, 'input' | 'output' | 'methodKind'>> = {
  readonly unary: (request: Input<M>, context: CallContext) => Output<M> | Promise<Output<M>>
  /**
   * Read on as the caller takes the messages; at the end of the call, also an early one, it is returned. The
   * bytes of a chunk may be written over when the next one is asked for.
   */
  readonly server_streaming: (request: Input<M>, context: CallContext) => AsyncIterable<Output<M>>
  readonly client_streaming: (requests: AsyncIterable<Input<M>>, context: CallContext) => Promise<Output<M>>
  /** Calls `link.listen` at once or later; the call lasts as long as the link. */
  readonly bidi_streaming: (link: Link<M['input'], M['output']>, context: CallContext) => void
}[M['methodKind']]

/** A handler for each method of a generated service, such as `typeof Driver` of proto/cluster. */
export type Handlers<Service extends DescService> = {
  readonly [Name in keyof Service['method']]: Handler<Service['method'][Name]>
}

/** How long a call may take, and who may end it. */
export interface CallOptions {
  /** For unary calls 30 seconds unless told; streams have no deadline of their own unless told. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /**
   * Of methods that stream chunks: each lies where the one before it lay, and is valid until the next is
   * asked for. It spares memory that must be cleared and collected: see docs/decisions/0024.
   */
  readonly reuse?: boolean | undefined
}

type Request<M extends Pick<DescMethod, 'input'>> = MessageInitShape<M['input']>
type Response<M extends Pick<DescMethod, 'output'>> = MessageShape<M['output']>

/** How a client calls a method. Errors are EngineErrors; see status.ts. */
export type Caller<M extends Pick<DescMethod, 'input' | 'output' | 'methodKind'>> = {
  readonly unary: (request: Request<M>, options?: CallOptions) => Promise<Response<M>>
  /** Leaving the loop early cancels the call. */
  readonly server_streaming: (request: Request<M>, options?: CallOptions) => AsyncIterable<Response<M>>
  readonly client_streaming: (
    requests: AsyncIterable<Request<M>> | Iterable<Request<M>>,
    options?: CallOptions,
  ) => Promise<Response<M>>
  readonly bidi_streaming: (options?: CallOptions) => Link<M['output'], M['input']>
}[M['methodKind']]

/** A caller for each method of a service. */
export type Callers<Service extends DescService> = {
  readonly [Name in keyof Service['method']]: Caller<Service['method'][Name]>
}
