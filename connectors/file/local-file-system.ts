import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  read,
  readSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs'
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMainThread, threadId } from 'node:worker_threads'
import type { FileInfo, FileSystem, FileWriter, RandomAccessFile } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { ReadPace } from './read-pace.ts'

/** The file system of this machine; takes plain paths and `file:` URLs. */
export const localFileSystem: FileSystem = {
  get latency() {
    return pace.latency
  },
  open: async (path) => openLocal(localPath(path)),
  stream: (path, offset, pieceBytes) => streamLocal(localPath(path), offset, pieceBytes),
  stat: (path) => statLocal(localPath(path)),
  list: (path) => listLocal(localPath(path)),
  create: (path, { exclusive = false } = {}) => createLocal(localPath(path), exclusive),
  async rename(from, to) {
    await mkdir(dirname(localPath(to)), { recursive: true })
    await guarded(from, () => rename(localPath(from), localPath(to)))
  },
  remove: (path) => guarded(path, () => rm(localPath(path), { recursive: true, force: true })),
  makeFolder: async (path) => {
    await guarded(path, () => mkdir(localPath(path), { recursive: true }))
  },
}

/** That of this thread. */
const pace = new ReadPace()

/** Most bytes of one read by libuv, which cannot be stopped. */
const PIECE_BYTES = 8 << 20

function localPath(path: string): string {
  return path.startsWith('file:') ? fileURLToPath(path) : path
}

/**
 * Worker threads read synchronously, straight into the arena: nothing else waits there, and it is faster.
 * What they read ahead is left to the threads of libuv.
 */
async function openLocal(path: string): Promise<RandomAccessFile> {
  const info = await guarded(path, async () => statSync(path))
  if (info.isDirectory()) throw new EngineError('IO_ERROR', `"${path}" is a folder, not a file`)
  if (isMainThread) {
    const handle = await guarded(path, () => open(path))
    return {
      path,
      sizeBytes: info.size,
      latency: 'low',
      async read(offset, into) {
        let done = 0
        while (done < into.length) {
          const { bytesRead } = await guarded(path, () =>
            handle.read(into, done, into.length - done, offset + done),
          )
          if (bytesRead === 0) throw endsEarly(path, offset + done)
          done += bytesRead
        }
      },
      close: () => handle.close(),
    }
  }
  const descriptor = await guarded(path, async () => openSync(path, 'r'))
  return {
    path,
    sizeBytes: info.size,
    get latency() {
      return pace.latency
    },
    async read(offset, into, { isAhead = false, signal } = {}) {
      if (isAhead) return guarded(path, () => readBeside(path, descriptor, offset, into, signal))
      const start = performance.now()
      readFully(path, descriptor, offset, into)
      pace.note(into.length, performance.now() - start)
    },
    async close() {
      closeSync(descriptor)
    },
  }
}

function readFully(path: string, descriptor: number, offset: number, into: Uint8Array): void {
  let done = 0
  while (done < into.length) {
    const count = readSync(descriptor, into, done, into.length - done, offset + done)
    if (count === 0) throw endsEarly(path, offset + done)
    done += count
  }
}

/** Reads while this thread goes on; it hears of the end at its next turn of the event loop. */
async function readBeside(
  path: string,
  descriptor: number,
  offset: number,
  into: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let done = 0; done < into.length; ) {
    signal?.throwIfAborted()
    const length = Math.min(PIECE_BYTES, into.length - done)
    const count = await new Promise<number>((resolve, reject) => {
      read(descriptor, into, done, length, offset + done, (error, bytes) =>
        error === null ? resolve(bytes) : reject(error),
      )
    })
    if (count === 0) throw endsEarly(path, offset + done)
    done += count
  }
}

function endsEarly(path: string, offset: number): EngineError {
  return new EngineError('IO_ERROR', `"${path}" ends at byte ${offset}, before all that was expected`, {
    position: { file: path, offset },
  })
}

async function* streamLocal(path: string, offset: number, pieceBytes: number): AsyncIterable<Uint8Array> {
  const handle = await guarded(path, () => open(path))
  try {
    let position = offset
    for (;;) {
      const piece = new Uint8Array(pieceBytes)
      const { bytesRead } = await guarded(path, () => handle.read(piece, 0, pieceBytes, position))
      if (bytesRead === 0) return
      position += bytesRead
      yield piece.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

/** One file's facts take microseconds; by way of libuv's threads they took 2 ms of every query. */
async function statLocal(path: string): Promise<FileInfo | null> {
  return await infoOf(path, () => statSync(path))
}

async function infoOf(path: string, ask: () => Stats | Promise<Stats>): Promise<FileInfo | null> {
  try {
    const info = await ask()
    return { path, sizeBytes: info.size, modifiedMs: info.mtimeMs, isDirectory: info.isDirectory() }
  } catch (error) {
    if (isMissing(error)) return null
    throw ioError(path, error)
  }
}

async function listLocal(path: string): Promise<readonly FileInfo[]> {
  const names = (await guarded(path, () => readdir(path))).sort()
  const paths = names.map((name) => join(path, name))
  const infos = await Promise.all(paths.map((member) => infoOf(member, () => stat(member))))
  return infos.filter((info) => info !== null)
}

let lastTemporary = 0

/**
 * A file under a hidden name, which gets its own when it is closed: whole, or, after a crash, not at all.
 * Worker threads write synchronously, as they read.
 */
async function createLocal(path: string, exclusive: boolean): Promise<FileWriter> {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true })
  if (exclusive && existsSync(path)) throw ioError(path, existsError())
  const temporary = join(folder, `.${basename(path)}.${process.pid}-${threadId}-${++lastTemporary}`)
  const publish = (): Promise<void> => guarded(path, () => publishLocal(temporary, path, exclusive))
  if (!isMainThread) {
    const descriptor = await guarded(path, async () => openSync(temporary, 'wx'))
    let isOpen = true
    const end = (): void => {
      if (isOpen) closeSync(descriptor)
      isOpen = false
    }
    return {
      write: (bytes) =>
        guarded(path, async () => {
          for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done)
        }),
      async close() {
        await guarded(path, async () => end())
        await publish()
      },
      async abort() {
        end()
        await rm(temporary, { force: true })
      },
    }
  }
  const handle = await guarded(path, () => open(temporary, 'wx'))
  return {
    async write(bytes) {
      let done = 0
      while (done < bytes.length) done += (await guarded(path, () => handle.write(bytes, done))).bytesWritten
    },
    async close() {
      await handle.close()
      await publish()
    },
    async abort() {
      await handle.close()
      await rm(temporary, { force: true })
    },
  }
}

/** A link fails where a name is taken; a rename takes it. */
async function publishLocal(temporary: string, path: string, exclusive: boolean): Promise<void> {
  if (!exclusive) {
    await rename(temporary, path)
    return
  }
  try {
    await link(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}

function existsError(): Error {
  return Object.assign(new Error('the file exists'), { code: 'EEXIST' })
}

/** Runs a file operation; system errors become ours, with the path. */
async function guarded<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    throw ioError(path, error)
  }
}

function isMissing(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

function ioError(path: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error
  if (isMissing(error))
    return new EngineError('FILE_NOT_FOUND', `path "${path}" does not exist`, {
      cause: error,
      position: { file: path },
    })
  if (codeOf(error) === 'EEXIST')
    return new EngineError('PATH_ALREADY_EXISTS', `path "${path}" already exists`, { cause: error })
  const reason = error instanceof Error ? error.message : String(error)
  return new EngineError('IO_ERROR', `cannot access "${path}": ${reason}`, {
    cause: error,
    position: { file: path },
  })
}
