import type { EngineError } from '../../engine/errors.ts'
import type { ResultReader } from './links.ts'

/** Where the rows of one partition of a result are. */
export type ResultSource =
  | { readonly kind: 'inline'; readonly chunks: readonly Uint8Array[] }
  | { readonly kind: 'held'; open(): ResultReader }

export interface ResultRowsOptions {
  /** How many bytes the client has room for at first. */
  readonly creditBytes: number
  /** How many bytes may wait here before more is fetched. */
  readonly heldBytes: number
  send(partition: number, chunk: Uint8Array): void
  /** All rows of the partition are here: nobody else need keep them. */
  onTaken(partition: number): void
  /** The rows of the partition could not be had. */
  onLost(partition: number, error: EngineError): void
}

/**
 * The rows of a job on their way to its client: partitions in order, as fast as the client takes them. A
 * partition is given out when all of it is here, so that one whose holder dies half way can be made again
 * without a row being given twice.
 */
export class ResultRows {
  readonly #options: ResultRowsOptions
  readonly #ready = new Map<number, ResultSource & { kind: 'held' }>()
  readonly #whole = new Map<number, Uint8Array[]>()
  #credit: number
  #heldBytes = 0
  /** The partition that is given out. */
  #next = 0
  #fetching: { readonly partition: number; readonly reader: ResultReader } | null = null
  #onEnd: (() => void) | null = null
  #isClosed = false

  constructor(options: ResultRowsOptions) {
    this.#options = options
    this.#credit = options.creditBytes
  }

  /** Bytes that wait for the client. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** A partition is whole, somewhere. */
  ready(partition: number, source: ResultSource): void {
    if (this.#isClosed || partition < this.#next || this.#whole.has(partition)) return
    if (source.kind === 'held') {
      this.#ready.set(partition, source)
      this.#fetch()
      return
    }
    for (const chunk of source.chunks) this.#heldBytes += chunk.length
    this.#take(partition, [...source.chunks])
  }

  /** The client has room for so many more bytes. */
  grant(bytes: number): void {
    this.#credit += bytes
    this.#give()
    this.#fetch()
  }

  /** No more partitions come; calls back when the client has got everything. */
  end(onEnd: () => void): void {
    this.#onEnd = onEnd
    this.#give()
  }

  /** What is here is not wanted any more. */
  close(): void {
    this.#isClosed = true
    this.#fetching?.reader.close()
    this.#fetching = null
    this.#ready.clear()
    this.#whole.clear()
    this.#heldBytes = 0
  }

  #take(partition: number, chunks: Uint8Array[]): void {
    this.#whole.set(partition, chunks)
    this.#options.onTaken(partition)
    this.#give()
  }

  /** A chunk goes if there is any credit, since the client cannot know how large the next one is. */
  #give(): void {
    for (;;) {
      if (this.#isClosed) return
      const chunks = this.#whole.get(this.#next)
      if (chunks === undefined) break
      let sent = 0
      while (sent < chunks.length && this.#credit > 0) {
        const chunk = chunks[sent++]!
        this.#credit -= chunk.length
        this.#heldBytes -= chunk.length
        this.#options.send(this.#next, chunk)
      }
      chunks.splice(0, sent)
      if (chunks.length > 0) return
      this.#whole.delete(this.#next++)
    }
    const onEnd = this.#onEnd
    if (onEnd === null || this.#whole.size > 0) return
    this.#onEnd = null
    onEnd()
  }

  /**
   * Fetches the next partition that waits: always the one that the client waits for, others while there is
   * room.
   */
  #fetch(): void {
    if (this.#isClosed || this.#fetching !== null || this.#ready.size === 0) return
    const partition = Math.min(...this.#ready.keys())
    if (partition !== this.#next && this.#heldBytes >= this.#options.heldBytes) return
    const source = this.#ready.get(partition)!
    this.#ready.delete(partition)
    const fetching = { partition, reader: source.open() }
    this.#fetching = fetching
    const chunks: Uint8Array[] = []
    const read = (): void =>
      fetching.reader.next((chunk, error) => {
        if (this.#fetching !== fetching) return
        if (chunk !== null) {
          chunks.push(chunk)
          this.#heldBytes += chunk.length
          read()
          return
        }
        this.#fetching = null
        if (error === null) this.#take(partition, chunks)
        else {
          for (const { length } of chunks) this.#heldBytes -= length
          this.#options.onLost(partition, error)
        }
        this.#fetch()
      })
    read()
  }
}
