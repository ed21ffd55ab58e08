/** No attempt's output is there. */
export const NO_HOLDER = -1

/** The rows came with the message of the task's end, or the client has them: they cannot be lost. */
export const DRIVER_HOLDER = -2

/** Sizes by map and partition are remembered up to this many numbers a stage; beyond it only their sums. */
const MOST_SIZES = 4_000_000

/**
 * Which tasks of a stage have left their output, and with whom. Of a kept stage all jobs that read it share
 * one. Numbers in typed arrays: there may be 100,000 tasks.
 */
export class StageOutputs {
  readonly taskCount: number
  /** By task: who has the output. */
  readonly holders: Int32Array
  /** By task: the attempt that made it. */
  readonly attempts: Int32Array
  /** Grows whenever something is where it was not before. */
  version = 0
  doneCount = 0
  /** Bytes of the whole stage by output partition, of tasks that were done once. */
  partitionBytes: Float64Array = new Float64Array(0)
  readonly #nextAttempts: Uint16Array
  readonly #sized: Uint8Array
  #sizes: Float32Array | null = null

  constructor(taskCount: number) {
    this.taskCount = taskCount
    this.holders = new Int32Array(taskCount).fill(NO_HOLDER)
    this.attempts = new Int32Array(taskCount).fill(-1)
    this.#nextAttempts = new Uint16Array(taskCount)
    this.#sized = new Uint8Array(taskCount)
  }

  get isComplete(): boolean {
    return this.doneCount === this.taskCount
  }

  isDone(task: number): boolean {
    return this.holders[task] !== NO_HOLDER
  }

  /** A number no attempt of the task had before. */
  nextAttempt(task: number): number {
    return this.#nextAttempts[task]!++
  }

  set(task: number, holder: number, attempt: number, partitionBytes: readonly number[]): void {
    if (!this.isDone(task)) this.doneCount++
    this.holders[task] = holder
    this.attempts[task] = attempt
    this.version++
    // A task that runs again leaves the same rows, so its sizes count once.
    if (this.#sized[task] === 0 && partitionBytes.length > 0) this.#addSizes(task, partitionBytes)
  }

  /** The output of a task has moved to another holder. */
  move(task: number, holder: number): void {
    this.holders[task] = holder
    this.version++
  }

  clear(task: number): void {
    if (!this.isDone(task)) return
    this.holders[task] = NO_HOLDER
    this.doneCount--
    this.version++
  }

  clearAll(): void {
    this.holders.fill(NO_HOLDER)
    this.doneCount = 0
    this.version++
  }

  /** Bytes that a map task left for a partition; its even share if sizes by map are not remembered. */
  bytesOf(task: number, partition: number): number {
    const partitionCount = this.partitionBytes.length
    if (this.#sizes !== null) return this.#sizes[task * partitionCount + partition]!
    return (this.partitionBytes[partition] ?? 0) / Math.max(1, this.taskCount)
  }

  #addSizes(task: number, partitionBytes: readonly number[]): void {
    const count = partitionBytes.length
    if (this.partitionBytes.length === 0) {
      this.partitionBytes = new Float64Array(count)
      if (this.taskCount * count <= MOST_SIZES) this.#sizes = new Float32Array(this.taskCount * count)
    }
    this.#sized[task] = 1
    for (let partition = 0; partition < count; partition++) {
      const bytes = partitionBytes[partition]!
      this.partitionBytes[partition]! += bytes
      if (this.#sizes !== null) this.#sizes[task * count + partition] = bytes
    }
  }
}
