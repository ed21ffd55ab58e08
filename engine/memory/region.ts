import { assert } from '../errors.ts'
import type { MemoryPool } from './memory-pool.ts'
import { PAGE_BYTES, poisonPages } from './page.ts'

/** Buffers start on cache lines, and SIMD kernels may read this far past an end. */
const ALIGN_BYTES = 64

/** Regions take pages in steps that double up to this. */
const MAX_STEP_PAGES = 32

interface Extent {
  readonly address: number
  readonly pageCount: number
}

/**
 * Memory that is freed as a whole: a batch's scratch, an operator, a task, a job's cache.
 * Allocation moves a pointer; single buffers are never freed. What is allocated is NOT zeroed unless said.
 *
 * A batch is valid until its consumer asks the producer for the next one. Who keeps rows copies them into
 * a region of its own (`copyVector(vector, region)`).
 */
export class Region {
  readonly pool: MemoryPool
  readonly id: number
  readonly tag: number
  #extents: Extent[] = []
  #extentIndex = -1
  #next = 0
  #end = 0
  #heldPages = 0
  /** Those that only stand for heap memory. */
  #heapPages = 0
  #freed = false
  /** Buffers with pages of their own, by address. */
  readonly #large = new Map<number, Extent>()

  /** Made by `pool.createRegion()`. */
  constructor(pool: MemoryPool, id: number, tag: number) {
    this.pool = pool
    this.id = id
    this.tag = tag
  }

  /** Address of `bytes` new bytes, aligned to 64, with 64 readable bytes behind them. */
  allocate(bytes: number): number {
    assert(!this.#freed, `region ${this.id} was used after it was freed`)
    const size = (bytes + 2 * ALIGN_BYTES - 1) & -ALIGN_BYTES
    const need = size < bytes ? Math.ceil(bytes / ALIGN_BYTES + 1) * ALIGN_BYTES : size
    if (this.#next + need > this.#end) this.#nextExtent(need)
    const address = this.#next
    this.#next += need
    return address
  }

  /**
   * As `allocate`, for a buffer that may grow: a large one has pages of its own, which `giveBack` returns
   * before the region ends.
   */
  allocateGrowing(bytes: number): number {
    if (bytes < PAGE_BYTES) return this.allocate(bytes)
    assert(!this.#freed, `region ${this.id} was used after it was freed`)
    const pageCount = Math.ceil((bytes + ALIGN_BYTES) / PAGE_BYTES)
    const extent = { address: this.pool.allocatePages(this.id, this.tag, pageCount), pageCount }
    this.#large.set(extent.address, extent)
    this.#heldPages += pageCount
    return extent.address
  }

  /** Returns the pages of a large buffer of `allocateGrowing`; a small one stays until the region ends. */
  giveBack(address: number): void {
    const extent = this.#large.get(address)
    if (extent === undefined) return
    this.#large.delete(address)
    this.#heldPages -= extent.pageCount
    this.pool.freePages(extent.address, extent.pageCount)
  }

  /**
   * Counts what the region's owner keeps on the heap, `bytes` in all, as held by the region. It never
   * becomes less before the region is reset.
   */
  countHeap(bytes: number): void {
    const pages = Math.ceil(bytes / PAGE_BYTES)
    if (pages <= this.#heapPages) return
    const pageCount = Math.max(pages - this.#heapPages, Math.min(this.#heapPages, MAX_STEP_PAGES))
    const extent = { address: this.pool.allocateFarPages(this.id, this.tag, pageCount), pageCount }
    this.#large.set(extent.address, extent)
    this.#heapPages += pageCount
    this.#heldPages += pageCount
  }

  /** Bytes of pages that the region holds. */
  get heldBytes(): number {
    return this.#heldPages * PAGE_BYTES
  }

  int8(length: number): Int8Array {
    return new Int8Array(this.pool.buffer, this.allocate(length), length)
  }

  uint8(length: number): Uint8Array {
    return new Uint8Array(this.pool.buffer, this.allocate(length), length)
  }

  int16(length: number): Int16Array {
    return new Int16Array(this.pool.buffer, this.allocate(length * 2), length)
  }

  int32(length: number): Int32Array {
    return new Int32Array(this.pool.buffer, this.allocate(length * 4), length)
  }

  int64(length: number): BigInt64Array {
    return new BigInt64Array(this.pool.buffer, this.allocate(length * 8), length)
  }

  float32(length: number): Float32Array {
    return new Float32Array(this.pool.buffer, this.allocate(length * 4), length)
  }

  float64(length: number): Float64Array {
    return new Float64Array(this.pool.buffer, this.allocate(length * 8), length)
  }

  /** A bitmap of `length` bits, all zero or all one. Bits behind the end are zero or undefined alike. */
  bitmap(length: number, ones = false): Uint8Array {
    const bits = this.uint8((length + 7) >> 3)
    // Words are filled eight times as fast as bytes of shared memory; what is allocated ends on a cache line.
    if (bits.length < 256) return bits.fill(ones ? 0xff : 0)
    new BigInt64Array(this.pool.buffer, bits.byteOffset, (bits.length + 7) >> 3).fill(ones ? -1n : 0n)
    return bits
  }

  /** Forgets all allocations but keeps the pages, for the next batch. Large growth is given back. */
  reset(): void {
    this.#heapPages = 0
    for (const address of [...this.#large.keys()]) this.giveBack(address)
    if (this.#extents.length === 0) return
    if (this.pool.handle.poison)
      for (const { address, pageCount } of this.#extents) poisonPages(this.pool.buffer, address, pageCount)
    this.#extentIndex = 0
    const first = this.#extents[0]!
    this.#next = first.address
    this.#end = first.address + first.pageCount * PAGE_BYTES
  }

  /** Takes over the memory of another region of the same job, which must not be used any more. */
  absorb(other: Region): void {
    this.pool.moveRegion(other.id, this.id)
    this.#extents.unshift(...other.#extents)
    this.#extentIndex += other.#extents.length
    this.#heldPages += other.#heldPages
    for (const [address, extent] of other.#large) this.#large.set(address, extent)
    other.release()
  }

  /** Gives all pages back to the pool. Safe to call twice. */
  free(): void {
    if (this.#freed) return
    this.#freed = true
    for (const address of [...this.#large.keys()]) this.giveBack(address)
    for (const extent of this.#extents) this.pool.freePages(extent.address, extent.pageCount)
    this.#extents = []
    this.#heldPages = 0
  }

  /**
   * Lets go of the pages without freeing them: another thread now owns them and frees them
   * with `pool.freeRegion(id)`. The region must not be used here any more.
   */
  release(): number {
    this.#freed = true
    this.#extents = []
    this.#heldPages = 0
    this.#large.clear()
    return this.id
  }

  #nextExtent(need: number): void {
    while (this.#extentIndex + 1 < this.#extents.length) {
      const extent = this.#extents[++this.#extentIndex]!
      if (extent.pageCount * PAGE_BYTES < need) continue
      this.#open(extent)
      return
    }
    const step = Math.min(MAX_STEP_PAGES, 1 << Math.min(5, this.#extents.length))
    const pageCount = Math.max(step, Math.ceil(need / PAGE_BYTES))
    const extent = { address: this.pool.allocatePages(this.id, this.tag, pageCount), pageCount }
    this.#extents.push(extent)
    this.#heldPages += pageCount
    this.#extentIndex = this.#extents.length - 1
    this.#open(extent)
  }

  #open(extent: Extent): void {
    this.#next = extent.address
    this.#end = extent.address + extent.pageCount * PAGE_BYTES
  }
}
