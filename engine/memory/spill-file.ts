import { closeSync, ftruncateSync, openSync, readSync, writeSync, writevSync } from 'node:fs'
import { EngineError } from '../errors.ts'
import type { SpillFolder } from './spill-folder.ts'

/** Where bytes lie in a spill file. */
export interface SpillExtent {
  readonly offset: number
  readonly bytes: number
  /** CRC-32C of the bytes, where whoever wrote them made one. */
  readonly checksum?: number
}

/**
 * A file that takes bytes out of the arena and gives them back. It is made empty, written at its end, and
 * removed by `remove`; what a killed thread left is removed by the tag in its name. Reads and writes are
 * synchronous: the task could do nothing else meanwhile, and the system's cache takes most of them.
 */
export class SpillFile {
  readonly path: string
  readonly #folder: SpillFolder
  #descriptor: number | null
  #bytes = 0

  /** Made by `SpillFolder.createFile` (`isNew`) and `SpillFolder.openFile`. */
  constructor(path: string, folder: SpillFolder, isNew: boolean) {
    this.path = path
    this.#folder = folder
    this.#descriptor = attempt(folder, () => openSync(path, isNew ? 'wx+' : 'r'))
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes
  }

  /** Writes the pieces one after the other. RESOURCES_EXHAUSTED when the disk or the limit is full. */
  append(pieces: readonly Uint8Array[]): SpillExtent {
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
    const offset = this.#bytes
    this.#folder.charge(bytes)
    try {
      attempt(this.#folder, () => writeAll(this.#open(), pieces, bytes, offset))
    } catch (error) {
      this.#folder.uncharge(bytes)
      if (this.#descriptor !== null) ftruncateSync(this.#descriptor, offset)
      throw error
    }
    this.#bytes += bytes
    return { offset, bytes }
  }

  /** Fills `into` with the bytes from `offset` on. */
  read(into: Uint8Array, offset: number): void {
    let done = 0
    while (done < into.length) {
      const count = attempt(this.#folder, () =>
        readSync(this.#open(), into, done, into.length - done, offset + done),
      )
      if (count === 0) throw new EngineError('IO_ERROR', `spill file "${this.path}" is shorter than written`)
      done += count
    }
  }

  /** Lets go of the file without removing it. */
  close(): void {
    if (this.#descriptor === null) return
    closeSync(this.#descriptor)
    this.#descriptor = null
  }

  /** Closes and removes the file. Safe to call twice. */
  remove(): void {
    this.close()
    this.#folder.removeFile(this.path)
  }

  #open(): number {
    if (this.#descriptor === null)
      throw new EngineError('INTERNAL_ERROR', 'a spill file was used after its end')
    return this.#descriptor
  }
}

function writeAll(descriptor: number, pieces: readonly Uint8Array[], bytes: number, offset: number): void {
  let skip = writevSync(descriptor, pieces, offset)
  if (skip === bytes) return
  // Short writes are how a disk that fills up begins to say so; the next one throws.
  let start = offset
  for (const piece of pieces) {
    let done = Math.min(skip, piece.length)
    skip -= done
    while (done < piece.length) done += writeSync(descriptor, piece, done, piece.length - done, start + done)
    start += piece.length
  }
}

const FULL: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

function attempt<Result>(folder: SpillFolder, work: () => Result): Result {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof EngineError) throw cause
    const { code, message } = cause as NodeJS.ErrnoException
    if (FULL.has(code)) throw folder.fullError(cause)
    throw new EngineError('IO_ERROR', `spilled rows cannot be written or read: ${message}`, {
      hint: 'Another folder can be named with --local-dir.',
      cause,
    })
  }
}
