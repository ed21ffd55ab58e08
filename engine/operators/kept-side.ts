import type { RecordBatch, SpilledBatch, SpillWriter } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import type { Schema } from '../types/index.ts'
import { ColumnCollector } from './column-collector.ts'
import type { TaskContext } from './operator.ts'
import { readFrames } from './spill-partitions.ts'

/** All rows of an input, to be gone through as often as wanted: one batch in memory, or several on disk. */
export class KeptSide {
  rowCount = 0
  readonly #nodeId: number
  readonly #context: TaskContext
  readonly #collector: ColumnCollector
  readonly #frames: SpilledBatch[] = []
  #writer: SpillWriter | null = null
  #whole: RecordBatch | null = null

  constructor(nodeId: number, schema: Schema, context: TaskContext) {
    this.#nodeId = nodeId
    this.#context = context
    this.#collector = new ColumnCollector(schema, context)
  }

  /** Takes all rows in; call it once. What lies in memory lies in `region`. */
  async collect(input: AsyncIterable<RecordBatch>, region: Region): Promise<void> {
    for await (const batch of input) {
      this.#context.checkCancelled()
      this.rowCount += batch.rowCount
      if (this.#writer !== null) this.#write(this.#writer, batch)
      else {
        this.#collector.add(batch)
        // While columns are joined, one of them is held twice.
        const { heldBytes } = this.#collector
        if (this.#context.pool.shouldSpill(heldBytes, heldBytes / 4)) this.#spill()
      }
    }
    if (this.#writer === null) this.#whole = this.#collector.join(region)
  }

  /** The rows; a batch is valid until the next. */
  batches(): Iterable<RecordBatch> {
    if (this.#whole !== null) return [this.#whole]
    return this.#writer === null
      ? []
      : readFrames(this.#frames, this.#writer.tables, this.#context, this.#writer)
  }

  /** Gives all memory back, and the file. */
  free(): void {
    this.#collector.free()
    this.#writer?.free()
  }

  #spill(): void {
    this.#writer = this.#context.createSpill(this.#nodeId)
    for (const batch of this.#collector.batches()) this.#write(this.#writer, batch)
    this.#collector.free()
  }

  #write(writer: SpillWriter, batch: RecordBatch): void {
    if (batch.rowCount > 0) this.#frames.push(writer.write(batch))
  }
}
