import type { MessageInitShape } from '@bufbuild/protobuf'
import type { EngineError } from '../../engine/errors.ts'
import type { ClientMessageSchema, DriverMessage, SessionHelloSchema } from '../../proto/cluster/index.ts'

/** One message to the driver; fields that are left out have their defaults. */
export type ToDriver = Exclude<
  MessageInitShape<typeof ClientMessageSchema>['kind'],
  undefined | { readonly case?: undefined }
>

/** What a session says of itself. */
export type Hello = MessageInitShape<typeof SessionHelloSchema>

/** One message of the driver. */
export type FromDriver = Exclude<DriverMessage['kind'], { readonly case: undefined }>

/** The stream of one session to its driver. */
export interface DriverLink {
  /**
   * Sends in order; what comes after the end of the stream is dropped. Resolves when there is room for more.
   */
  send(message: ToDriver): Promise<void>
  /** Ends the stream, and with it the session; resolves when the driver has heard of it, or after a while. */
  close(): Promise<void>
}

/** Hears of a stream. */
export interface LinkListener {
  onMessage(message: FromDriver): void
  /** The stream has ended, without our wish; comes once, and nothing after it. */
  onEnd(error: EngineError): void
}

/** Opens a stream. What goes wrong later comes to `onEnd`, also that nobody answers. */
export type OpenLink = (listener: LinkListener) => Promise<DriverLink>
