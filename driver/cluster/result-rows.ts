import { EngineError } from '../../engine/errors.ts'
import type { ResultReader, Spool } from './links.ts'

/** Where the rows of one partition of a result are. */
export type ResultSource =
  | { readonly kind: 'inline'; readonly chunks: readonly Uint8Array[] }
  | { readonly kind: 'held'; open(): ResultReader }

export interface ResultRowsOptions {
  /** How many bytes the client has room for at first. */
  readonly creditBytes: number
  /** How many bytes may wait here before more is fetched; a partition with more goes to the spool. */
  readonly heldBytes: number
  openSpool(): Spool
  send(partition: number, chunk: Uint8Array): void
  /** All rows of the partition are here: nobody else need keep them. */
  onTaken(partition: number): void
  /** The rows of the partition could not be had. */
  onLost(partition: number, error: EngineError): void
  /** Rows that were here are lost: the job cannot go on. */
  onBroken(error: EngineError): void
}

/** A chunk in memory, or its number in the spool. */
type Held = Uint8Array | { readonly number: number; readonly length: number }

/**
 * The rows of a job on their way to its client: partitions in order, as fast as the client takes them. A
 * partition is given out when all of it is here, so that one whose holder dies half way can be made again
 * without a row being given twice.
 */
export class ResultRows {
  readonly #options: ResultRowsOptions
  readonly #ready = new Map<number, ResultSource & { kind: 'held' }>()
  readonly #whole = new Map<number, Held[]>()
  #spool: Spool | null = null
  #credit: number
  /** In memory and in the spool. */
  #heldBytes = 0
  #spooledBytes = 0
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
    this.#guarded(() =>
      this.#take(
        partition,
        source.chunks.map((chunk) => this.#hold(chunk)),
      ),
    )
  }

  /** The client has room for so many more bytes. */
  grant(bytes: number): void {
    this.#credit += bytes
    this.#guarded(() => {
      this.#give()
      this.#fetch()
    })
  }

  /** No more partitions come; calls back when the client has got everything. */
  end(onEnd: () => void): void {
    this.#onEnd = onEnd
    this.#guarded(() => this.#give())
  }

  /** What is here is not wanted any more. */
  close(): void {
    this.#isClosed = true
    this.#fetching?.reader.close()
    this.#fetching = null
    this.#ready.clear()
    this.#whole.clear()
    this.#heldBytes = 0
    this.#spool?.close()
    this.#spool = null
  }

  /** The spool may fail, and then the rows in it are lost. */
  #guarded(act: () => void): void {
    try {
      act()
    } catch (cause) {
      this.close()
      const reason = cause instanceof Error ? cause.message : String(cause)
      const message = `rows of the result cannot be kept on the disk of the driver: ${reason}`
      this.#options.onBroken(new EngineError('IO_ERROR', message, { cause }))
    }
  }

  #hold(chunk: Uint8Array): Held {
    this.#heldBytes += chunk.length
    if (this.#heldBytes - this.#spooledBytes <= this.#options.heldBytes) return chunk
    this.#spool ??= this.#options.openSpool()
    const held = { number: this.#spool.append(chunk), length: chunk.length }
    this.#spooledBytes += chunk.length
    return held
  }

  #release(held: Held): void {
    this.#heldBytes -= held.length
    if (held instanceof Uint8Array) return
    this.#spooledBytes -= held.length
    if (this.#spooledBytes === 0) this.#spool?.clear()
  }

  #take(partition: number, chunks: Held[]): void {
    this.#whole.set(partition, chunks)
    this.#ready.delete(partition)
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
        const held = chunks[sent++]!
        const chunk = held instanceof Uint8Array ? held : this.#spool!.read(held.number)
        this.#credit -= chunk.length
        this.#release(held)
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
    const chunks: Held[] = []
    const read = (): void =>
      fetching.reader.next((chunk, error) => {
        if (this.#fetching !== fetching) return
        this.#guarded(() => {
          if (chunk === null) this.#fetched(partition, chunks, error)
          else {
            chunks.push(this.#hold(chunk))
            read()
          }
        })
      })
    read()
  }

  #fetched(partition: number, chunks: Held[], error: EngineError | null): void {
    this.#fetching = null
    if (error === null) this.#take(partition, chunks)
    else {
      for (const held of chunks) this.#release(held)
      // Meanwhile they may have been found elsewhere.
      if (!this.#ready.has(partition)) this.#options.onLost(partition, error)
    }
    this.#fetch()
  }
}
