import type { RecordBatch } from '../../engine/batch/index.ts'

/** One batch of a result task, in a region that the taker frees. */
export interface QueuedBatch {
  readonly batch: RecordBatch
  readonly regionId: number
  readonly taskId: number
}

/**
 * Result batches of all partitions, given in the order of partitions. Bounded, because a task stops
 * sending when its window is full; tasks start in order, so the partition that is read always runs.
 */
export class ResultQueue {
  readonly #batches: QueuedBatch[][]
  readonly #ended: boolean[]
  #partition = 0
  #over = false
  #wake: (() => void) | null = null

  constructor(partitionCount: number) {
    this.#batches = Array.from({ length: partitionCount }, () => [])
    this.#ended = Array.from({ length: partitionCount }, () => false)
  }

  push(partition: number, batch: QueuedBatch): void {
    this.#batches[partition]!.push(batch)
    this.#notify()
  }

  endPartition(partition: number): void {
    this.#ended[partition] = true
    this.#notify()
  }

  /** Nothing more will come; after a failure what is queued is dropped by the job. */
  end(): void {
    this.#over = true
    this.#notify()
  }

  /** The next batch, or null at the end. */
  async next(): Promise<QueuedBatch | null> {
    for (;;) {
      const batch = this.#batches[this.#partition]?.shift()
      if (batch !== undefined) return batch
      if (this.#partition >= this.#batches.length) {
        if (this.#over) return null
      } else if (this.#ended[this.#partition] === true) {
        this.#partition++
        continue
      } else if (this.#over) return null
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #notify(): void {
    this.#wake?.()
    this.#wake = null
  }
}
