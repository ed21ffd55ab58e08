import { heapBytes, type Region } from '../memory/index.ts'

/** Values that are looked at for the size of many. */
const SAMPLE = 16

/**
 * Counts values on the heap as memory of a region: by a sample of them, since there are many, and they are
 * mostly alike.
 */
export class HeapMeter {
  readonly #region: Region
  #bytes = 0

  constructor(region: Region) {
    this.#region = region
  }

  /** Counts values that are kept from now on. RESOURCES_EXHAUSTED if the memory limit does not allow it. */
  add(values: readonly unknown[]): void {
    this.#bytes += bytesOf(values)
    this.#region.countHeap(this.#bytes)
  }

  /** Counts these as all that is kept. */
  set(...lists: readonly (readonly unknown[])[]): void {
    this.#bytes = lists.reduce((sum, values) => sum + bytesOf(values), 0)
    this.#region.countHeap(this.#bytes)
  }

  /** Whether others want the memory, or the same again would not do. */
  get isLarge(): boolean {
    const { pool, heldBytes } = this.#region
    return pool.shouldSpill(heldBytes, heldBytes)
  }

  /** Nothing is kept any more. */
  clear(): void {
    this.#bytes = 0
    this.#region.reset()
  }

  free(): void {
    this.#region.free()
  }
}

function bytesOf(values: readonly unknown[]): number {
  const { length } = values
  const step = Math.max(1, Math.floor(length / SAMPLE))
  let [bytes, looked] = [0, 0]
  for (let i = 0; i < length; i += step) {
    bytes += heapBytes(values[i])
    looked++
  }
  return looked === 0 ? 0 : (bytes / looked) * length
}
