import type { RecordBatchFileWriter } from 'apache-arrow'
import type { RecordBatch } from '../batch/index.ts'
import type { Schema } from '../types/index.ts'
import { loadArrow } from './load-arrow.ts'
import { toArrow } from './to-arrow.ts'

/** Takes the bytes of a file in order. */
export interface ArrowSink {
  write(bytes: Uint8Array): Promise<void>
}

/**
 * Writes one file of Arrow's IPC format, a record batch for each batch. Batches may be reused after `append`,
 * and what they became is passed on before it returns. https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format
 */
export class ArrowFileWriter {
  readonly #schema: Schema
  readonly #sink: ArrowSink
  readonly #timeZone: string
  #writer: RecordBatchFileWriter | null = null
  #chunks: AsyncIterator<Uint8Array> | null = null
  /** The chunk that was asked for and is not there yet. */
  #next: Promise<IteratorResult<Uint8Array>> | null = null

  constructor(schema: Schema, sink: ArrowSink, timeZone = 'UTC') {
    this.#schema = schema
    this.#sink = sink
    this.#timeZone = timeZone
  }

  async append(batch: RecordBatch): Promise<void> {
    await this.#write([batch])
  }

  /** Writes what is missing; a file without batches has its schema. */
  async finish(): Promise<void> {
    if (this.#writer === null) await this.#write([])
    this.#writer?.close()
    await this.#drain()
  }

  async #write(batches: readonly RecordBatch[]): Promise<void> {
    const table = await toArrow(this.#schema, batches, { timeZone: this.#timeZone })
    this.#writer ??= new (await loadArrow()).RecordBatchFileWriter()
    this.#chunks ??= this.#writer[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
    this.#writer.write(table)
    await this.#drain()
  }

  /** Passes on what the writer has made so far. */
  async #drain(): Promise<void> {
    if (this.#chunks === null) return
    for (;;) {
      this.#next ??= this.#chunks.next()
      const later = new Promise<null>((done) => setImmediate(() => done(null)))
      const chunk = await Promise.race([this.#next, later])
      if (chunk === null) return
      this.#next = null
      if (chunk.done === true) return
      await this.#sink.write(chunk.value)
    }
  }
}
