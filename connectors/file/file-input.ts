import { createGunzip, type Gunzip } from 'node:zlib'
import type { FileSystem } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'

/** Compressed bytes read at once, and unpacked bytes given at once. */
const PIECE_BYTES = 1 << 20

/** A stretch of a file: bytes [start, end) as they lie in it. */
export interface FileRange {
  readonly path: string
  readonly start: number
  readonly end: number
}

/** Where bytes come from, before their charset is dealt with. `offset` counts unpacked bytes. */
export interface RawInput {
  read(into: Uint8Array): Promise<number>
  close(): Promise<void>
}

/** The bytes of a stretch of a plain file. */
export async function plainInput(fileSystem: FileSystem, range: FileRange): Promise<RawInput> {
  const file = await fileSystem.open(range.path)
  let position = range.start
  const end = Math.min(range.end, file.sizeBytes)
  return {
    async read(into) {
      const count = Math.min(into.length, end - position)
      if (count <= 0) return 0
      await file.read(position, into.subarray(0, count))
      position += count
      return count
    },
    close: () => file.close(),
  }
}

/**
 * The bytes that a gzip file of one member or several unpacks to; CORRUPT_FILE if it is cut off or damaged.
 */
export async function gzipInput(fileSystem: FileSystem, path: string): Promise<RawInput> {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES })
  const pieces = unpack(fileSystem, path, gunzip)
  let rest: Uint8Array = new Uint8Array(0)
  return {
    async read(into) {
      while (rest.length === 0) {
        const next = await pieces.next()
        if (next.done === true) return 0
        rest = next.value
      }
      const count = Math.min(into.length, rest.length)
      into.set(rest.subarray(0, count))
      rest = rest.subarray(count)
      return count
    },
    async close() {
      await pieces.return(undefined)
    },
  }
}

/** Feeds the file to zlib while what it gives is read; both sides wait for each other. */
async function* unpack(
  fileSystem: FileSystem,
  path: string,
  gunzip: Gunzip,
): AsyncGenerator<Uint8Array, void> {
  let failed: unknown = null
  const feed = async (): Promise<void> => {
    for await (const piece of fileSystem.stream(path, 0, PIECE_BYTES)) {
      if (gunzip.destroyed) return
      if (!gunzip.write(piece)) await drained(gunzip)
    }
    gunzip.end()
  }
  const feeding = feed().catch((error: unknown) => {
    failed = error
    gunzip.destroy()
  })
  try {
    for await (const piece of gunzip) yield piece as Uint8Array
    if (failed !== null) throw failed
  } catch (error) {
    throw failed ?? corruptGzip(path, gunzip.bytesWritten, error)
  } finally {
    gunzip.destroy()
    await feeding
  }
}

function drained(gunzip: Gunzip): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      gunzip.off('drain', done).off('close', done).off('error', done)
      resolve()
    }
    gunzip.on('drain', done).on('close', done).on('error', done)
  })
}

function corruptGzip(path: string, offset: number, cause: unknown): EngineError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new EngineError(
    'CORRUPT_FILE',
    `gzip file "${path}" is damaged at about byte ${offset}: ${reason}`,
    {
      cause,
      position: { file: path, offset },
      hint: 'The file may have been cut off while it was copied; check it with gzip -t.',
    },
  )
}

/** What the first bytes of a file tell. */
export interface FileKind {
  readonly gzip: boolean
  /** UTF-16 by its byte order mark: cannot be cut at bytes. */
  readonly wide: boolean
}

/** Whether a file is gzip, by name or first bytes, or UTF-16. */
export async function fileKind(fileSystem: FileSystem, path: string, sizeBytes: number): Promise<FileKind> {
  if (/\.gz$/i.test(path)) return { gzip: true, wide: false }
  if (sizeBytes < 3) return { gzip: false, wide: false }
  const file = await fileSystem.open(path)
  try {
    const head = new Uint8Array(3)
    await file.read(0, head)
    const gzip = head[0] === 0x1f && head[1] === 0x8b && head[2] === 8
    return { gzip, wide: (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff) }
  } finally {
    await file.close()
  }
}
