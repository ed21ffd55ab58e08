import type { SourceContext } from '../../engine/connect/index.ts'
import type { Region } from '../../engine/memory/index.ts'
import type { FormatWriter } from './file-format.ts'

/** What is counted as held goes down in steps of this part of it. */
const STEP = 1 / 2

/** A file that holds less is left alone. */
const LEAST_BYTES = 64 << 10

/**
 * Counts what the open files of a task hold on the heap as memory of the task. When that memory is wanted,
 * those that hold the most write it.
 */
export class HeldWriters {
  readonly #context: SourceContext
  readonly #region: Region
  readonly #bytes = new Map<FormatWriter, number>()
  #total = 0
  #counted = 0

  constructor(context: SourceContext) {
    this.#context = context
    this.#region = context.createRegion()
  }

  /** Looks at a writer that rows were appended to. */
  async note(writer: FormatWriter, scratch: Region): Promise<void> {
    this.#set(writer, writer.heldBytes ?? 0)
    const { pool } = this.#context
    while (pool.shouldSpill(this.#counted, Math.max(0, this.#total - this.#counted))) {
      const largest = this.#largest()
      if (largest === null) break
      await largest.flush!(scratch)
      this.#context.count('rowGroupsCutShort', 1)
      this.#set(largest, largest.heldBytes ?? 0)
      this.#count(1)
    }
    this.#count(STEP)
  }

  /** Forgets a writer that has written all. */
  drop(writer: FormatWriter): void {
    this.#set(writer, 0)
    this.#bytes.delete(writer)
    this.#count(STEP)
  }

  free(): void {
    this.#region.free()
  }

  #set(writer: FormatWriter, bytes: number): void {
    this.#total += bytes - (this.#bytes.get(writer) ?? 0)
    this.#bytes.set(writer, bytes)
  }

  /** The writer that gains most by a flush; null if none holds much. */
  #largest(): FormatWriter | null {
    let most = LEAST_BYTES
    let largest: FormatWriter | null = null
    for (const [writer, bytes] of this.#bytes) {
      if (writer.flush === undefined || bytes <= most) continue
      most = bytes
      largest = writer
    }
    return largest
  }

  /** Counts less than before only if that is less than a part of it. */
  #count(part: number): void {
    if (this.#total < this.#counted * part) {
      this.#region.reset()
      this.#counted = 0
    }
    if (this.#total <= this.#counted) return
    this.#region.countHeap(this.#total)
    this.#counted = this.#total
  }
}
