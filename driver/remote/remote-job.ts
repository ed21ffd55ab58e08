import type { WrittenPart } from '../../engine/connect/index.ts'
import { type ErrorData, errorToData } from '../../engine/errors.ts'
import type { MemoryPool } from '../../engine/memory/index.ts'
import { mergeMetrics, type PlanMetrics } from '../../engine/run/index.ts'
import type { JobEnd, RowPiece } from '../../proto/cluster/index.ts'
import { decodePlain, encodePlain } from '../../proto/messages/index.ts'
import { errorOfTask, type JobGraph, type JobRequest, type ResultBatch } from '../stages/index.ts'
import type { Attachment } from './attachment.ts'
import { RowDecoder } from './row-decoder.ts'

/** Bytes of a job graph in one message. */
const PIECE_BYTES = 1 << 20

/** Bytes of rows that may be under way to us, and wait here until they are asked for. */
const CREDIT_BYTES = 16 << 20

/** A cancelled job whose end the driver does not tell is no longer waited for after this long. */
const CANCEL_MS = 15_000

const CANCELLED: ErrorData = { code: 'CANCELLED', message: 'the job was cancelled' }

/** What goes with a job to a cluster. */
export interface RemoteRequest extends JobRequest {
  /** Of the scheduler; empty: the usual one. */
  readonly pool: string
}

/** One job at the driver: what is sent for it, and the rows that come back. */
export class RemoteJob {
  readonly metrics: PlanMetrics = {}
  readonly parts: WrittenPart[] = []
  readonly adaptations: string[] = []
  readonly #attach: () => Attachment
  readonly #graph: JobGraph
  readonly #request: RemoteRequest
  readonly #pool: MemoryPool
  /** Rows that have come and were not asked for yet; no more than we gave credit for. */
  readonly #pieces: RowPiece[] = []
  #decoder: RowDecoder | null = null
  /** Bytes of rows that were taken, and that the driver has not been told of. */
  #freeBytes = 0
  #attachment: Attachment | null = null
  #job = 0
  #error: ErrorData | null = null
  /** The driver has nothing more to say of the job. */
  #isOver = false
  #wake: () => void = () => {}

  constructor(attach: () => Attachment, graph: JobGraph, request: RemoteRequest, pool: MemoryPool) {
    this.#attach = attach
    this.#graph = graph
    this.#request = request
    this.#pool = pool
  }

  /** The rows in the order of partitions. Stop iterating and the job is cancelled. */
  async *run(): AsyncGenerator<ResultBatch, void, void> {
    const { signal } = this.#request
    const onAbort = (): void => this.#fail(CANCELLED)
    if (signal?.aborted === true) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      if (this.#error === null) await this.#submit(this.#attach())
      for (let piece = await this.#next(); piece !== null; piece = await this.#next())
        yield* this.#batches(piece)
      if (this.#error !== null) throw errorOfTask(this.#error)
    } finally {
      signal?.removeEventListener('abort', onAbort)
      await this.#end()
    }
  }

  async #submit(attachment: Attachment): Promise<void> {
    let isReady = false
    attachment.ready.then(
      () => {
        isReady = true
        this.#wake()
      },
      (error: unknown) => this.#fail(errorToData(error)),
    )
    while (!isReady && this.#error === null) await this.#change()
    if (this.#error === null) await this.#send(attachment)
  }

  async #send(attachment: Attachment): Promise<void> {
    const { settings, label, pool } = this.#request
    const { timeZone, nowMicros, randomSeed, batchRows } = settings
    const graph = encodePlain(this.#graph)
    const header = {
      label: label ?? '',
      pool,
      settings: encodePlain({ timeZone, nowMicros, randomSeed, batchRows }),
      creditBytes: CREDIT_BYTES,
    }
    const job = attachment.addJob({
      onRows: (piece) => this.#onRows(piece),
      onParts: ({ parts }) => this.#addParts(parts),
      onProgress: (progress) => this.#request.onProgress?.(progress),
      onEnd: (end) => this.#onEnd(end),
      onLost: (error) => {
        this.#isOver = true
        this.#fail(error)
      },
    })
    this.#job = job
    this.#attachment = attachment
    for (let from = 0; from === 0 || from < graph.length; from += PIECE_BYTES) {
      if (this.#error !== null) return
      const last = from + PIECE_BYTES >= graph.length
      const piece = { job, graph: graph.subarray(from, from + PIECE_BYTES), last }
      await attachment.send({ case: 'job', value: from === 0 ? { ...piece, header } : piece })
    }
  }

  #onRows(piece: RowPiece): void {
    if (this.#error === null) this.#pieces.push(piece)
    this.#wake()
  }

  #onEnd({ error, metrics, parts, adaptations }: JobEnd): void {
    // What a driver of our own build encoded has the types that it had there.
    if (metrics.length > 0) mergeMetrics(this.metrics, decodePlain(metrics) as PlanMetrics)
    this.#addParts(parts)
    if (adaptations.length > 0) this.adaptations.push(...(decodePlain(adaptations) as string[]))
    this.#isOver = true
    if (error.length > 0) this.#fail(decodePlain(error) as ErrorData)
    this.#wake()
  }

  #addParts(parts: Uint8Array): void {
    if (parts.length > 0) this.parts.push(...(decodePlain(parts) as WrittenPart[]))
  }

  #fail(error: ErrorData): void {
    this.#error ??= error
    this.#pieces.length = 0
    this.#wake()
  }

  /** The next piece; null at the end and after a failure. */
  async #next(): Promise<RowPiece | null> {
    for (;;) {
      const piece = this.#pieces.shift()
      if (piece !== undefined) return piece
      if (this.#isOver || this.#error !== null) return null
      await this.#change()
    }
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }

  /** When all batches of a chunk are released, the driver may send as many bytes more. */
  *#batches({ chunk, partition }: RowPiece): Generator<ResultBatch, void, void> {
    this.#decoder ??= new RowDecoder(this.#pool)
    const batches = this.#decoder.read(partition, chunk)
    let open = batches.length + 1
    const give = (): void => {
      open--
      if (open === 0) this.#credit(chunk.length)
    }
    for (const { batch, free } of batches) {
      let isReleased = false
      const release = (): void => {
        if (isReleased) return
        isReleased = true
        free()
        give()
      }
      if (this.#error === null) yield { batch, release }
    }
    give()
  }

  /** The driver hears of room when there is much of it: until then it has enough to send. */
  #credit(bytes: number): void {
    this.#freeBytes += bytes
    if (this.#freeBytes < CREDIT_BYTES / 4 || this.#isOver) return
    void this.#attachment?.send({ case: 'credit', value: { job: this.#job, bytes: this.#freeBytes } })
    this.#freeBytes = 0
  }

  /** Whoever stops iterating wants no more of it. Returns when the cluster has let go of the job. */
  async #end(): Promise<void> {
    if (this.#attachment !== null && !this.#isOver) {
      this.#error ??= CANCELLED
      this.#pieces.length = 0
      void this.#attachment.send({ case: 'cancel', value: { job: this.#job } })
      const timer = setTimeout(() => {
        this.#isOver = true
        this.#wake()
      }, CANCEL_MS)
      while (!this.#isOver) await this.#change()
      clearTimeout(timer)
    }
    this.#attachment?.forget(this.#job)
    this.#decoder?.free()
  }
}
