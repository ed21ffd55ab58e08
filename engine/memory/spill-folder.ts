import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EngineError } from '../errors.ts'
import { SpillFile } from './spill-file.ts'

export interface SpillOptions {
  /** Folder in which a folder for spilled rows is made when it is first needed; the system's by default. */
  readonly localDir?: string | undefined
  /** Most bytes on disk at once; as many as the disk has by default. */
  readonly localDirBytes?: number | undefined
}

/** What another thread needs to share the folder; survives `postMessage`. */
export interface SpillFolderHandle {
  readonly path: string
  readonly parent: string
  readonly limitBytes: number
  readonly state: SharedArrayBuffer
}

// Slots of the shared state.
const NEXT_FILE = 0
const LIVE_FILES = 1
const USED_BYTES = 2
const SLOTS = 3

const PREFIX = 'millrace-'

/**
 * The folder of one process for rows that memory does not hold: `millrace-PID-RANDOM` in the local directory,
 * made with the first file and removed by `remove`. Files carry the job's tag in their names, so that a job
 * removes what its killed threads left; folders of processes that are gone are removed by the next one that
 * spills.
 */
export class SpillFolder {
  readonly handle: SpillFolderHandle
  readonly #slots: BigInt64Array

  private constructor(handle: SpillFolderHandle) {
    this.handle = handle
    this.#slots = new BigInt64Array(handle.state)
  }

  /** Names a folder; nothing is made yet. */
  static create(options: SpillOptions): SpillFolder {
    const parent = options.localDir ?? tmpdir()
    const path = join(parent, `${PREFIX}${process.pid}-${randomBytes(6).toString('hex')}`)
    const limitBytes = options.localDirBytes ?? Number.POSITIVE_INFINITY
    return new SpillFolder({ path, parent, limitBytes, state: new SharedArrayBuffer(SLOTS * 8) })
  }

  /** The same folder, seen from another thread. */
  static attach(handle: SpillFolderHandle): SpillFolder {
    return new SpillFolder(handle)
  }

  get path(): string {
    return this.handle.path
  }

  /** Files that are there now. */
  get fileCount(): number {
    return Number(Atomics.load(this.#slots, LIVE_FILES))
  }

  /** Bytes on disk now. */
  get usedBytes(): number {
    return Number(Atomics.load(this.#slots, USED_BYTES))
  }

  /** A new, empty file of a job. */
  createFile(tag: number): SpillFile {
    const number = Atomics.add(this.#slots, NEXT_FILE, 1n)
    if (number === 0n) sweep(this.handle.parent)
    this.#makeFolder()
    const file = new SpillFile(join(this.path, `${tag}-${number}.spill`), this, true)
    Atomics.add(this.#slots, LIVE_FILES, 1n)
    return file
  }

  /** A file that another thread wrote, for reading. */
  openFile(path: string): SpillFile {
    return new SpillFile(path, this, false)
  }

  /** Counts bytes against the limit. RESOURCES_EXHAUSTED beyond it. */
  charge(bytes: number): void {
    const used = Number(Atomics.add(this.#slots, USED_BYTES, BigInt(bytes))) + bytes
    if (used <= this.handle.limitBytes) return
    this.uncharge(bytes)
    throw this.fullError(undefined)
  }

  /** Gives back what `charge` counted and was not written. */
  uncharge(bytes: number): void {
    Atomics.sub(this.#slots, USED_BYTES, BigInt(bytes))
  }

  /** Removes a file by its path, whoever wrote it. */
  removeFile(path: string): void {
    const bytes = statSync(path, { throwIfNoEntry: false })?.size
    if (bytes === undefined) return
    rmSync(path, { force: true })
    this.uncharge(bytes)
    Atomics.sub(this.#slots, LIVE_FILES, 1n)
  }

  /** Removes the files of a job that are still there. */
  removeTag(tag: number): void {
    if (this.fileCount === 0) return
    for (const name of namesIn(this.path))
      if (name.startsWith(`${tag}-`)) this.removeFile(join(this.path, name))
  }

  /** Removes everything. */
  remove(): void {
    if (Atomics.load(this.#slots, NEXT_FILE) > 0n) rmSync(this.path, { recursive: true, force: true })
    Atomics.store(this.#slots, LIVE_FILES, 0n)
    Atomics.store(this.#slots, USED_BYTES, 0n)
  }

  fullError(cause: unknown): EngineError {
    const { parent, limitBytes } = this.handle
    const limit = cause === undefined ? `: the limit of ${limitBytes} bytes is reached` : ''
    return new EngineError(
      'RESOURCES_EXHAUSTED',
      `no space for spilled rows is left in "${parent}"${limit}`,
      {
        hint: 'Free space there, name another folder with --local-dir, or give more --memory.',
        cause,
      },
    )
  }

  #makeFolder(): void {
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o700 })
    } catch (cause) {
      throw new EngineError(
        'CONFIG_INVALID',
        `folder "${this.handle.parent}" for spilled rows cannot be used`,
        {
          hint: 'Name a folder that can be written with --local-dir.',
          cause,
        },
      )
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // Nothing there, so nothing to remove.
  }
}

/** Removes folders of processes that are gone. */
function sweep(parent: string): void {
  for (const name of namesIn(parent)) {
    const pid = Number(/^millrace-(\d+)-[0-9a-f]{12}$/.exec(name)?.[1])
    if (pid > 0 && !isAlive(pid)) rmSync(join(parent, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
