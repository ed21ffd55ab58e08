import { once } from 'node:events'
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EngineError } from '../engine/errors.ts'

/** Where bytes go; waits when the receiver is slow. Bytes may change once a call has ended. */
export interface ByteOutput {
  write(bytes: string | Uint8Array): Promise<void>
  /** All is written. */
  end(): Promise<void>
  /** Nothing of it shall be seen, as far as it can be taken back. */
  abort(): Promise<void>
}

/** A file, or (null) standard output. IO_ERROR names a file that cannot be written. */
export function byteOutput(path: string | null): ByteOutput {
  return path === null ? standardOutput : new FileOutput(path)
}

/** Writes to standard output and waits while its reader is behind. */
export const standardOutput: ByteOutput = {
  async write(bytes) {
    // What waits to be written must not change, and memory of the arena is used again.
    const kept = typeof bytes === 'string' || bytes.buffer instanceof ArrayBuffer ? bytes : Buffer.from(bytes)
    if (kept.length > 0 && !process.stdout.write(kept)) await once(process.stdout, 'drain')
  },
  end: () => Promise.resolve(),
  abort: () => Promise.resolve(),
}

/**
 * A new file takes its name when it is whole: a query that fails leaves what was there before. Devices and
 * pipes are written to directly.
 */
class FileOutput implements ByteOutput {
  readonly #path: string
  readonly #written: string
  #file: FileHandle | null = null

  constructor(path: string) {
    this.#path = path
    const known = statSync(path, { throwIfNoEntry: false })
    if (known?.isDirectory() === true)
      throw new EngineError('IO_ERROR', `"${path}" is a folder, not a file to write to`)
    this.#written = known === undefined || known.isFile() ? `${path}.${process.pid}.part` : path
  }

  async write(bytes: string | Uint8Array): Promise<void> {
    const data = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    if (data.length > 0) await this.#guard(async () => await (await this.#open()).appendFile(data))
  }

  async end(): Promise<void> {
    await this.#guard(async () => {
      await (await this.#open()).close()
      this.#file = null
      if (this.#written !== this.#path) renameSync(this.#written, this.#path)
    })
  }

  async abort(): Promise<void> {
    if (this.#file === null) return
    await this.#file.close()
    this.#file = null
    if (this.#written !== this.#path) rmSync(this.#written, { force: true })
  }

  async #open(): Promise<FileHandle> {
    if (this.#file !== null) return this.#file
    mkdirSync(dirname(this.#path), { recursive: true })
    this.#file = await open(this.#written, 'w')
    return this.#file
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new EngineError('IO_ERROR', `cannot write to "${this.#path}": ${reason}`, { cause })
    }
  }
}
