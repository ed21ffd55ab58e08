import { threadId } from 'node:worker_threads'
import { EngineError } from '../errors.ts'
import { findFreePages, findLastFreePages, MAX_ARENA_BYTES, PAGE_BYTES, poisonPages } from './page.ts'
import { Region } from './region.ts'
import { SpillFolder, type SpillFolderHandle, type SpillOptions } from './spill-folder.ts'
import { isScarce, shouldSpill } from './spill-policy.ts'

export interface MemoryPoolOptions extends SpillOptions {
  /** Most bytes that may be held at once, arena pages and heap reservations together. */
  readonly limitBytes: number
  /** First byte of the arena that is handed out; tests put it above 2 GiB. */
  readonly startBytes?: number
  /** Fill freed pages with a pattern, so that a use after free is seen. For tests. */
  readonly poison?: boolean
}

/** What another thread needs to share the pool; survives `postMessage`. */
export interface MemoryPoolHandle {
  readonly memory: WebAssembly.Memory
  readonly state: SharedArrayBuffer
  readonly startPage: number
  readonly limitBytes: number
  readonly poison: boolean
  readonly spill: SpillFolderHandle
}

// Slots of the shared state, before the page tables.
const LOCK = 0
const NEXT_REGION = 1
const USED_PAGES = 2
const PEAK_PAGES = 3
const HEAP_PAGES = 4
const FIRST_FREE = 5
const HIGH_WATER = 6
const HEADER_SLOTS = 16

/**
 * The memory of one process: one shared WebAssembly memory, handed out in pages to regions.
 *
 * ```
 * memory   | unused | page | page | page | ...            reserved whole, touched only when handed out
 * owner    |   -    |  7   |  7   |  0   | region id, 0 = free
 * tag      |   -    |  3   |  3   |  0   | job id, so that all of a killed job can be freed
 * ```
 *
 * The tables and a lock live in a SharedArrayBuffer, so every thread allocates from the same pool.
 * The whole limit is reserved at the start: untouched pages cost nothing, memory never grows,
 * and so a typed-array view never goes stale.
 */
export class MemoryPool {
  readonly memory: WebAssembly.Memory
  readonly bytes: Uint8Array<SharedArrayBuffer>
  readonly buffer: SharedArrayBuffer
  readonly limitBytes: number
  readonly handle: MemoryPoolHandle
  /** Where rows go that memory does not hold. */
  readonly spill: SpillFolder
  readonly #slots: Int32Array
  readonly #owners: Int32Array
  readonly #tags: Int32Array
  readonly #startPage: number
  readonly #endPage: number

  private constructor(handle: MemoryPoolHandle) {
    this.handle = handle
    this.memory = handle.memory
    this.buffer = handle.memory.buffer as unknown as SharedArrayBuffer
    this.bytes = new Uint8Array(this.buffer)
    this.limitBytes = handle.limitBytes
    this.spill = SpillFolder.attach(handle.spill)
    this.#startPage = handle.startPage
    this.#endPage = this.buffer.byteLength / PAGE_BYTES
    this.#slots = new Int32Array(handle.state, 0, HEADER_SLOTS)
    this.#owners = new Int32Array(handle.state, HEADER_SLOTS * 4, this.#endPage)
    this.#tags = new Int32Array(handle.state, (HEADER_SLOTS + this.#endPage) * 4, this.#endPage)
  }

  /** Reserves the arena. CONFIG_INVALID if the limit does not fit into one WebAssembly memory. */
  static create(options: MemoryPoolOptions): MemoryPool {
    const startPage = Math.max(1, Math.ceil((options.startBytes ?? 0) / PAGE_BYTES))
    const pages = Math.ceil(options.limitBytes / PAGE_BYTES)
    if (pages < 16)
      throw new EngineError('CONFIG_INVALID', `a memory limit of ${options.limitBytes} bytes is too small`, {
        hint: 'Give at least 1 MiB, such as --memory 512m.',
      })
    if (startPage + pages > MAX_ARENA_BYTES / PAGE_BYTES + 1)
      throw new EngineError(
        'CONFIG_INVALID',
        `a memory limit of ${options.limitBytes} bytes is above 4 GiB`,
        {
          hint: 'One process holds at most 4 GiB.',
        },
      )
    const total = Math.min(startPage + pages, MAX_ARENA_BYTES / PAGE_BYTES)
    const memory = new WebAssembly.Memory({ initial: total, maximum: 65_536, shared: true })
    const state = new SharedArrayBuffer((HEADER_SLOTS + 2 * total) * 4)
    const slots = new Int32Array(state)
    slots[NEXT_REGION] = 1
    slots[FIRST_FREE] = startPage
    slots[HIGH_WATER] = startPage
    const { limitBytes, poison = false } = options
    const spill = SpillFolder.create(options).handle
    return new MemoryPool({ memory, state, startPage, limitBytes, poison, spill })
  }

  /** The same pool, seen from another thread. */
  static attach(handle: MemoryPoolHandle): MemoryPool {
    return new MemoryPool(handle)
  }

  /** Bytes held now: pages of regions and heap reservations. */
  get usedBytes(): number {
    return (Atomics.load(this.#slots, USED_PAGES) + Atomics.load(this.#slots, HEAP_PAGES)) * PAGE_BYTES
  }

  /** Most bytes ever held at once. */
  get peakBytes(): number {
    return Atomics.load(this.#slots, PEAK_PAGES) * PAGE_BYTES
  }

  /** Whether an operator should spill what it holds, see spill-policy.ts. */
  shouldSpill(heldBytes: number, extraBytes = 0, keepFree = 0): boolean {
    return shouldSpill(this, heldBytes, extraBytes, keepFree)
  }

  /** Whether little of the limit is free: what could wait should wait. */
  get isScarce(): boolean {
    return isScarce(this)
  }

  /** A new, empty region. `tag` names the job it belongs to. */
  createRegion(tag = 0): Region {
    return new Region(this, Atomics.add(this.#slots, NEXT_REGION, 1), tag)
  }

  /**
   * Hands `pageCount` adjacent pages to a region; gives their byte address. RESOURCES_EXHAUSTED beyond the
   * limit.
   */
  allocatePages(regionId: number, tag: number, pageCount: number): number {
    this.#lock()
    try {
      return this.#hand(regionId, tag, pageCount, this.#findFree(pageCount))
    } finally {
      this.#unlock()
    }
  }

  /**
   * As allocatePages, but at the far end of the arena, where nobody writes while there is other memory: such
   * pages stand for memory elsewhere.
   */
  allocateFarPages(regionId: number, tag: number, pageCount: number): number {
    this.#lock()
    try {
      return this.#hand(regionId, tag, pageCount, findLastFreePages(this.#owners, this.#startPage, pageCount))
    } finally {
      this.#unlock()
    }
  }

  /** Gives back pages by address, as the owning region does. */
  freePages(address: number, pageCount: number): void {
    this.#lock()
    try {
      this.#release(address / PAGE_BYTES, pageCount)
    } finally {
      this.#unlock()
    }
  }

  /** Frees a region of any thread by its id. Its owner must not use it any more. */
  freeRegion(regionId: number): void {
    this.#forPages(this.#owners, regionId, (page) => this.#release(page, 1))
  }

  /** Gives the pages of one region to another. */
  moveRegion(fromId: number, toId: number): void {
    this.#forPages(this.#owners, fromId, (page) => {
      this.#owners[page] = toId
    })
  }

  /** Frees every region and removes every spill file of a job, also those of threads that were killed. */
  freeTag(tag: number): void {
    this.#forPages(this.#tags, tag, (page) => this.#release(page, 1))
    this.spill.removeTag(tag)
  }

  /**
   * Counts heap memory against the limit; RESOURCES_EXHAUSTED beyond it. Rounded up to pages; give the same
   * to `unreserve`.
   */
  reserve(bytes: number): void {
    this.#lock()
    try {
      this.#charge(HEAP_PAGES, Math.ceil(bytes / PAGE_BYTES))
    } finally {
      this.#unlock()
    }
  }

  /** Gives back what `reserve` counted. */
  unreserve(bytes: number): void {
    Atomics.sub(this.#slots, HEAP_PAGES, Math.ceil(bytes / PAGE_BYTES))
  }

  /**
   * Unlocks the pool if a thread that was killed still holds its lock, and counts again what it may have left
   * half done.
   */
  breakLockOf(deadThreadId: number): void {
    if (Atomics.load(this.#slots, LOCK) !== deadThreadId + 1) return
    this.#slots[HIGH_WATER] = this.#endPage
    this.#slots[FIRST_FREE] = this.#startPage
    let used = 0
    for (let page = this.#startPage; page < this.#endPage; page++) if (this.#owners[page] !== 0) used++
    Atomics.store(this.#slots, USED_PAGES, used)
    this.#unlock()
  }

  /** Hands out free pages from `first` on; -1: there are none. */
  #hand(regionId: number, tag: number, pageCount: number, first: number): number {
    this.#charge(USED_PAGES, pageCount)
    if (first < 0) {
      Atomics.sub(this.#slots, USED_PAGES, pageCount)
      throw this.#exhausted(pageCount * PAGE_BYTES)
    }
    this.#owners.fill(regionId, first, first + pageCount)
    this.#tags.fill(tag, first, first + pageCount)
    if (first === this.#slots[FIRST_FREE]) this.#slots[FIRST_FREE] = first + pageCount
    if (first + pageCount > this.#slots[HIGH_WATER]!) this.#slots[HIGH_WATER] = first + pageCount
    return first * PAGE_BYTES
  }

  #charge(slot: number, pageCount: number): void {
    const used = this.#slots[USED_PAGES]! + this.#slots[HEAP_PAGES]! + pageCount
    if (used * PAGE_BYTES > this.limitBytes + PAGE_BYTES) throw this.#exhausted(pageCount * PAGE_BYTES)
    Atomics.add(this.#slots, slot, pageCount)
    if (used > this.#slots[PEAK_PAGES]!) this.#slots[PEAK_PAGES] = used
  }

  #exhausted(bytes: number): EngineError {
    const text = `out of memory: ${bytes} bytes asked for, ${this.usedBytes} of ${this.limitBytes} in use`
    return new EngineError('RESOURCES_EXHAUSTED', text, {
      hint: 'Raise the limit with --memory, or read fewer columns or rows.',
    })
  }

  /** First fit, so that low addresses are used again and untouched pages stay untouched. */
  #findFree(pageCount: number): number {
    const first = this.#owners.indexOf(0, this.#slots[FIRST_FREE])
    if (first >= 0) this.#slots[FIRST_FREE] = first
    return first < 0 ? -1 : findFreePages(this.#owners, first, pageCount)
  }

  #release(firstPage: number, pageCount: number): void {
    this.#owners.fill(0, firstPage, firstPage + pageCount)
    this.#tags.fill(0, firstPage, firstPage + pageCount)
    if (this.handle.poison) poisonPages(this.buffer, firstPage * PAGE_BYTES, pageCount)
    Atomics.sub(this.#slots, USED_PAGES, pageCount)
    if (firstPage < this.#slots[FIRST_FREE]!) this.#slots[FIRST_FREE] = firstPage
  }

  /** Does something with every page that a table gives to `id`, under the lock. */
  #forPages(table: Int32Array, id: number, action: (page: number) => void): void {
    this.#lock()
    try {
      const end = this.#slots[HIGH_WATER]!
      for (let page = this.#startPage; page < end; page++) if (table[page] === id) action(page)
    } finally {
      this.#unlock()
    }
  }

  /** Critical sections are a few microseconds, so waiting threads try again soon. */
  #lock(): void {
    const self = threadId + 1
    for (;;) {
      const holder = Atomics.compareExchange(this.#slots, LOCK, 0, self)
      if (holder === 0) return
      Atomics.wait(this.#slots, LOCK, holder, 1)
    }
  }

  #unlock(): void {
    Atomics.store(this.#slots, LOCK, 0)
    Atomics.notify(this.#slots, LOCK, 1)
  }
}
