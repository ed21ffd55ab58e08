import { closeSync, fstatSync, openSync, readdirSync, readSync, rmdirSync, rmSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CRC32C_TABLE_BYTES, crc32c, fillCrc32cTables } from '../../engine/kernels/index.ts'
import type { MemoryPool } from '../../engine/memory/index.ts'
import type { ShuffleBlock } from '../../engine/shuffle/index.ts'
import { type DurableIndex, parseIndex } from './durable-index.ts'
import { DURABLE_MAGIC, durableError, TRAILER_BYTES, writeDurable } from './durable-writer.ts'
import { type OutputKey, sessionOf } from './output-key.ts'

/** A whole output on disk. */
export interface DurableFile {
  readonly path: string
  readonly bytes: number
  readonly index: DurableIndex
}

const WHOLE = /^(\d+)-(\d+)-(\d+)\.blocks$/
const PART = /\.(\d+)\.part$/

/** Names of files have an end. */
const MOST_NAME = 200

/**
 * Writes an output to `<folder>/<session>/<job>/<stage>-<partition>-<attempt>.blocks`, first under another
 * name: what has this name is whole. RESOURCES_EXHAUSTED where the disk is full; nothing is left then. Null
 * for a job whose name makes no name of a folder.
 */
export async function writeDurableFile(
  folder: string,
  key: OutputKey,
  partitions: readonly (readonly ShuffleBlock[])[],
  pool: MemoryPool,
): Promise<DurableFile | null> {
  const jobFolder = folderOf(folder, key.jobId)
  if (jobFolder === null) return null
  const path = join(jobFolder, `${key.stageId}-${key.partition}-${key.attempt}.blocks`)
  const part = `${path}.${process.pid}.part`
  try {
    await mkdir(jobFolder, { recursive: true, mode: 0o700 })
    const { index, bytes } = await writeDurable(part, key, partitions, pool)
    await rename(part, path)
    return { path, bytes, index }
  } catch (error) {
    await rm(part, { force: true })
    throw durableError(folder, error)
  }
}

/** Where outputs of a job lie; null: its name makes no name of a folder. */
export function folderOf(folder: string, jobId: string): string | null {
  const session = sessionOf(jobId)
  const rest = encodeURIComponent(jobId.slice(session.length + 1))
  return isFolderName(rest) && isFolderName(session) ? join(folder, session, rest) : null
}

function isFolderName(name: string): boolean {
  return name !== '' && name.length <= MOST_NAME && !/^\.+$|[/\\]/.test(name)
}

/**
 * The whole outputs below a folder, of all sessions, or of one. Files that are torn or whose index is not
 * what was written are left out and removed, as are parts of processes that are gone.
 */
export function listDurable(folder: string, pool: MemoryPool, sessionId?: string): DurableFile[] {
  const region = pool.createRegion()
  try {
    const tables = region.uint8(CRC32C_TABLE_BYTES)
    fillCrc32cTables(pool, tables)
    const checksum = (bytes: Uint8Array): number => {
      const scratch = pool.createRegion()
      const copy = scratch.uint8(bytes.length)
      copy.set(bytes)
      const sum = crc32c(pool, copy, tables)
      scratch.free()
      return sum
    }
    const files: DurableFile[] = []
    for (const session of sessionId === undefined ? namesIn(folder) : [sessionId])
      for (const job of namesIn(join(folder, session)))
        for (const name of namesIn(join(folder, session, job))) {
          const path = join(folder, session, job, name)
          if (isDeadPart(name)) rmSync(path, { force: true })
          if (!WHOLE.test(name)) continue
          const file = openDurable(path, checksum)
          if (file !== null && path.startsWith(`${folderOf(folder, file.index.key.jobId)}/`)) files.push(file)
          else rmSync(path, { force: true })
        }
    return files
  } finally {
    region.free()
  }
}

/** Removes a file, and the folder of its job after the last one. */
export function removeDurable(path: string): void {
  rmSync(path, { force: true })
  try {
    rmdirSync(dirname(path))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException // Of node:fs.
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT') throw error
  }
}

/** Removes what the jobs of a session left on disk. */
export function removeSession(folder: string, sessionId: string): void {
  if (isFolderName(sessionId)) rmSync(join(folder, sessionId), { recursive: true, force: true })
}

/** Reads the index of a file; null if the file is not as it was written. */
function openDurable(path: string, checksum: (bytes: Uint8Array) => number): DurableFile | null {
  const descriptor = openSync(path, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const trailer = Buffer.alloc(TRAILER_BYTES)
    if (
      size < TRAILER_BYTES ||
      readSync(descriptor, trailer, 0, TRAILER_BYTES, size - TRAILER_BYTES) < TRAILER_BYTES
    )
      return null
    const indexBytes = trailer.readUInt32LE(4)
    const end = size - TRAILER_BYTES - indexBytes
    if (trailer.readUInt32LE(8) !== DURABLE_MAGIC || end < 0) return null
    const text = Buffer.alloc(indexBytes)
    if (readSync(descriptor, text, 0, indexBytes, end) < indexBytes) return null
    if (checksum(text) !== trailer.readUInt32LE(0)) return null
    const index = parseIndex(text.toString('utf8'), end)
    return index === null ? null : { path, bytes: size, index }
  } finally {
    closeSync(descriptor)
  }
}

function isDeadPart(name: string): boolean {
  const pid = Number(PART.exec(name)?.[1] ?? 0)
  if (pid === 0) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' // Of process.kill.
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // Nothing there, so nothing to list.
  }
}
