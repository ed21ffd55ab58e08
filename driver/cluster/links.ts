import type { EngineError } from '../../engine/errors.ts'

/** Time as the event loop sees it. The simulator gives one of its own. */
export interface Clock {
  /** Monotonic. */
  nowMs(): number
  /** Milliseconds since 1970, for people. */
  wallMs(): number
  /** Calls back once, not before `atMs` of `nowMs`; the result takes the call back. */
  at(atMs: number, wake: () => void): () => void
  /** Calls back once what has arrived already has been handled. */
  soon(run: () => void): void
}

/** Where names come from. Tokens are secrets: nobody can guess them. */
export interface IdSource {
  sessionId(): string
  token(): string
  /** What a token is known by: those who show it are looked up by this, so that time tells nothing of it. */
  hashOf(token: string): string
}

/** The other end of a stream. */
export interface Peer<Message> {
  /** Sends in order, or drops it when the stream has ended. Never throws. */
  send(message: Message): void
  /** Ends the stream from here, with what the other side did wrong. The link's `closed` is not called. */
  close(error: EngineError | null): void
}

/** What the event loop wants to hear of a stream. */
export interface Link<Message> {
  /** A message has arrived. Of one that must not be it throws the error to close the stream with. */
  receive(message: Message): void
  /** The stream has ended from the other side. */
  closed(reason: string): void
}

/** Whole output of one task of the last stage of a job. */
export interface ResultRequest {
  readonly sessionId: string
  /** Opens the blocks of the session. */
  readonly sessionToken: string
  readonly jobId: string
  readonly stageId: number
  readonly partition: number
  readonly attempt: number
  /** The executor that holds it, or the worker that serves it from its disk. */
  readonly holderId: string
  readonly address: string
  readonly certificate: string
}

/** Chunks of an output, one after the other. */
export interface ResultReader {
  /**
   * Calls back once: with a chunk, with null at the end, or with an error. Not to be called again before
   * that.
   */
  next(done: (chunk: Uint8Array | null, error: EngineError | null) => void): void
  /** The rest is not wanted. No callback comes after it. */
  close(): void
}

export type FetchResult = (request: ResultRequest) => ResultReader

/**
 * A file for rows of a result that wait for a client that is slow. Its methods may throw: a disk may be full.
 */
export interface Spool {
  /** Keeps a chunk; gives the number to read it by. */
  append(chunk: Uint8Array): number
  read(number: number): Uint8Array
  /** Nothing of what was kept is wanted any more: its place may be used again. */
  clear(): void
  close(): void
}
