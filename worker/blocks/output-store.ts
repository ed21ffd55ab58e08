import type { MemoryPool } from '../../engine/memory/index.ts'
import {
  ChunkWriter,
  freeStored,
  type ShuffleBlock,
  type StoredBlocks,
  type TaggedBlock,
} from '../../engine/shuffle/index.ts'
import {
  type DurableFile,
  listDurable,
  removeDurable,
  removeSession,
  writeDurableFile,
} from './durable-files.ts'
import { blocksOfIndex } from './durable-index.ts'
import { type OutputKey, sessionOf } from './output-key.ts'
import { type OutputSizes, sizesOf } from './output-sizes.ts'

/** An output that someone reads: it stays until `release` is called. */
export interface HeldOutput {
  readonly key: OutputKey
  readonly partitions: readonly (readonly ShuffleBlock[])[]
  release(): void
}

/** Gives the memory or file of an output back. */
type FreeOutput = () => void

interface Entry {
  readonly key: OutputKey
  readonly partitions: readonly (readonly ShuffleBlock[])[]
  readonly free: FreeOutput
  holds: number
  isRemoved: boolean
  /** Only a second one: the output lies elsewhere too. */
  readonly isCopy: boolean
  /** On disk. */
  readonly path: string | null
}

/** Outputs of a job: by stage, then by task and attempt. */
type JobOutputs = Map<number, Map<string, Entry>>

export interface OutputStoreOptions {
  readonly pool: MemoryPool
  /** For outputs that shall outlive the process; null: there are none. */
  readonly folder: string | null
}

/**
 * The outputs of tasks in one process: in the arena, in spill files, or in files of their own. Whoever reads
 * one holds it meanwhile, so that what is freed goes when its last reader has gone.
 */
export class OutputStore {
  readonly pool: MemoryPool
  readonly #folder: string | null
  readonly #jobs = new Map<string, JobOutputs>()
  readonly #waiting = new Map<string, Set<() => void>>()
  /** How many expect the copies of a stage. */
  readonly #expected = new Map<string, number>()

  constructor({ pool, folder }: OutputStoreOptions) {
    this.pool = pool
    this.#folder = folder
  }

  /** Takes an output over. One of the same name gives way. */
  add(key: OutputKey, output: StoredBlocks): OutputSizes {
    return this.#put(key, output.partitions, () => freeStored(output, this.pool), false, null)
  }

  /**
   * As `add`, but written to a file of its own, and out of memory. If that fails, the output is freed, and
   * the error says why.
   */
  async addDurable(key: OutputKey, output: StoredBlocks): Promise<OutputSizes> {
    if (this.#folder === null) return this.add(key, output)
    this.remove(key)
    try {
      const file = await writeDurableFile(this.#folder, key, output.partitions, this.pool)
      if (file === null) return this.add(key, output)
      const { bytes, path } = file
      const free = (): void => {
        removeDurable(path)
        this.pool.spill.uncharge(bytes)
      }
      const sizes = this.#put(key, blocksOfIndex(path, file.index), free, false, path)
      freeStored(output, this.pool)
      return sizes
    } catch (error) {
      freeStored(output, this.pool)
      throw error
    }
  }

  /** A second copy of an output that was fetched whole from elsewhere, for others to fetch it here. */
  addCopy(key: OutputKey, partitions: readonly (readonly ShuffleBlock[])[], free: () => void): void {
    if (this.#find(key) !== undefined) free()
    else this.#put(key, partitions, free, true, null)
  }

  /** Takes over what other processes left on disk; gives their names. Files that are not whole go. */
  openDurable(sessionId?: string): OutputKey[] {
    if (this.#folder === null) return []
    const files = listDurable(this.#folder, this.pool, sessionId)
    return files.map((file) => this.#open(file))
  }

  /** The output, held; null if it is not there. */
  hold(key: OutputKey): HeldOutput | null {
    const entry = this.#find(key)
    if (entry === undefined) return null
    entry.holds++
    let isHeld = true
    const release = (): void => {
      if (!isHeld) return
      isHeld = false
      entry.holds--
      this.#freeIfOver(entry)
    }
    return { key, partitions: entry.partitions, release }
  }

  /**
   * Resolves when the output is there or cannot be expected any more, at the latest after `timeoutMs`. Only
   * an output that `expect` named is waited for.
   */
  async arrival(key: OutputKey, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const name = stageName(key)
    if (!this.#expected.has(name) || this.#find(key) !== undefined || signal.aborted) return
    const waiting = this.#waiting.get(name) ?? new Set()
    this.#waiting.set(name, waiting)
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.#expected.has(name) && this.#find(key) === undefined && !signal.aborted) return
        end()
      }
      const end = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        waiting.delete(look)
        if (waiting.size === 0) this.#waiting.delete(name)
        resolve()
      }
      const timer = setTimeout(end, timeoutMs)
      signal.addEventListener('abort', end)
      waiting.add(look)
    })
  }

  /**
   * Says that copies of a stage's outputs are on their way here; call the result when they came or will not.
   */
  expect(stage: Pick<OutputKey, 'jobId' | 'stageId'>): () => void {
    const name = stageName(stage)
    this.#expected.set(name, (this.#expected.get(name) ?? 0) + 1)
    return () => {
      const left = this.#expected.get(name)! - 1
      if (left > 0) this.#expected.set(name, left)
      else this.#expected.delete(name)
      this.#wake(name)
    }
  }

  /** Chunks of one partition in ordinary memory, or null if they are more than `mostBytes` in all. */
  inlineChunks(key: OutputKey, partition: number, mostBytes: number): Uint8Array[] | null {
    const held = this.hold(key)
    if (held === null) return null
    const writer = new ChunkWriter(this.pool, { bodyBytes: 1 << 16 })
    try {
      const blocks = held.partitions[partition] ?? []
      const tagged = blocks.map((block): TaggedBlock => ({ range: 0, partition, block }))
      const chunks: Uint8Array[] = []
      let bytes = 0
      for (const chunk of writer.write(tagged)) {
        bytes += chunk.length
        if (bytes > mostBytes) return null
        chunks.push(Uint8Array.from(chunk))
      }
      return chunks
    } finally {
      writer.free()
      held.release()
    }
  }

  /** Frees one output, for example since it is corrupt. */
  remove(key: OutputKey): void {
    const stages = this.#jobs.get(key.jobId)
    const entries = stages?.get(key.stageId)
    const entry = entries?.get(entryName(key))
    if (entry === undefined) return
    entries!.delete(entryName(key))
    if (entries!.size === 0) stages!.delete(key.stageId)
    if (stages!.size === 0) this.#jobs.delete(key.jobId)
    entry.isRemoved = true
    this.#freeIfOver(entry)
  }

  /** Frees the output that lies in this file, where a reader found other bytes than were written. */
  removeCorrupt(path: string): void {
    for (const entry of [...this.#entries()]) if (entry.path === path) this.remove(entry.key)
  }

  freeStage(jobId: string, stageId: number): void {
    for (const entry of this.#jobs.get(jobId)?.get(stageId)?.values() ?? []) this.remove(entry.key)
  }

  freeJob(jobId: string): void {
    for (const stageId of [...(this.#jobs.get(jobId)?.keys() ?? [])]) this.freeStage(jobId, stageId)
  }

  /** Frees all of a session, and removes its folder with what any process left there. */
  freeSession(sessionId: string): void {
    for (const jobId of [...this.#jobs.keys()]) if (sessionOf(jobId) === sessionId) this.freeJob(jobId)
    if (this.#folder !== null) removeSession(this.#folder, sessionId)
  }

  /** Frees copies: whoever wants them finds them where they came from. */
  freeCopies(): void {
    for (const { key, isCopy } of [...this.#entries()]) if (isCopy) this.remove(key)
  }

  /** Those of which the file outlives the process. */
  durableKeys(): OutputKey[] {
    return [...this.#entries()].filter(({ path }) => path !== null).map(({ key }) => key)
  }

  /** Frees everything that is in memory; what is on disk stays for whoever serves it next. */
  close(): void {
    for (const entry of [...this.#entries()]) if (entry.path === null) this.remove(entry.key)
    this.#jobs.clear()
  }

  #open(file: DurableFile): OutputKey {
    const { key } = file.index
    // Known from before; to free it would remove the file.
    if (this.#find(key)?.path === file.path) return key
    const free = (): void => removeDurable(file.path)
    this.#put(key, blocksOfIndex(file.path, file.index), free, false, file.path)
    return key
  }

  #put(
    key: OutputKey,
    partitions: Entry['partitions'],
    free: FreeOutput,
    isCopy: boolean,
    path: string | null,
  ): OutputSizes {
    this.remove(key)
    const stages: JobOutputs = this.#jobs.get(key.jobId) ?? new Map()
    this.#jobs.set(key.jobId, stages)
    const entries = stages.get(key.stageId) ?? new Map<string, Entry>()
    stages.set(key.stageId, entries)
    entries.set(entryName(key), { key, partitions, free, holds: 0, isRemoved: false, isCopy, path })
    this.#wake(stageName(key))
    return { ...sizesOf(partitions), durable: path !== null }
  }

  #wake(name: string): void {
    for (const look of [...(this.#waiting.get(name) ?? [])]) look()
  }

  #find({ jobId, stageId, partition, attempt }: OutputKey): Entry | undefined {
    return this.#jobs.get(jobId)?.get(stageId)?.get(`${partition}/${attempt}`)
  }

  *#entries(): Iterable<Entry> {
    for (const stages of this.#jobs.values()) for (const entries of stages.values()) yield* entries.values()
  }

  #freeIfOver(entry: Entry): void {
    if (entry.isRemoved && entry.holds === 0) entry.free()
  }
}

function entryName({ partition, attempt }: OutputKey): string {
  return `${partition}/${attempt}`
}

function stageName({ jobId, stageId }: Pick<OutputKey, 'jobId' | 'stageId'>): string {
  return `${jobId} ${stageId}`
}
