import type { Latency } from '../../engine/connect/index.ts'

/** Shorter reads say little: their time is that of the call. */
const LEAST_BYTES = 128 << 10

/** The page cache gives some GB a second, most disks less than this. */
const DISK_BYTES_A_MS = 1 << 20

/** Tells by how long reads took whether bytes come from the page cache or from a disk. */
export class ReadPace {
  #bytes = 0
  #ms = 0

  /** Learns of a read for which the thread waited. What lies further back counts less. */
  note(bytes: number, ms: number): void {
    if (bytes < LEAST_BYTES) return
    this.#bytes = this.#bytes / 4 + bytes
    this.#ms = this.#ms / 4 + ms
  }

  /** `high` if the latest reads were slower than those of a page cache. */
  get latency(): Latency {
    return this.#ms * DISK_BYTES_A_MS > this.#bytes ? 'high' : 'low'
  }
}
