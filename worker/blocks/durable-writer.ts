import { type FileHandle, open } from 'node:fs/promises'
import { encodeBatch, type FlatVector, type RecordBatch, TypeTable } from '../../engine/batch/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { CRC32C_TABLE_BYTES, crc32c, fillCrc32cTables } from '../../engine/kernels/index.ts'
import type { MemoryPool, Region, SpillExtent, SpillFile } from '../../engine/memory/index.ts'
import { isSpilled, type ShuffleBlock, type SpilledBlock } from '../../engine/shuffle/index.ts'
import type { DataType } from '../../engine/types/index.ts'
import type { DurableBlock, DurableExtent, DurableIndex, DurableSpace } from './durable-index.ts'
import type { OutputKey } from './output-key.ts'

/** Frames are gathered to writes of this size. */
const WRITE_BYTES = 1 << 20

/** At the end of a whole file: CRC-32C of the index, its bytes, and this. */
export const DURABLE_MAGIC = 0x3142_524d
export const TRAILER_BYTES = 12

/**
 * Writes a whole output into a new file:
 *
 * ```
 * file  | frame | frame | … | index: JSON | CRC-32C of the index | its bytes | magic |
 * ```
 *
 * Frames are those of engine/batch/wire.ts; the index says where they lie, with a checksum for each. What a
 * spill file has is copied as it is. Gives the index and the size of the file.
 */
export async function writeDurable(
  path: string,
  key: OutputKey,
  partitions: readonly (readonly ShuffleBlock[])[],
  pool: MemoryPool,
): Promise<{ readonly index: DurableIndex; readonly bytes: number }> {
  const handle = await open(path, 'wx')
  const writer = new DurableWriter(handle, pool)
  try {
    const blocks: DurableBlock[][] = []
    for (const partition of partitions) {
      const written: DurableBlock[] = []
      for (const block of partition) written.push(await writer.block(block))
      blocks.push(written)
    }
    const index = { key, spaces: writer.spaces(), partitions: blocks }
    return { index, bytes: await writer.finish(index) }
  } catch (error) {
    pool.spill.uncharge(writer.chargedBytes)
    throw error
  } finally {
    writer.free()
    await handle.close()
  }
}

/** Types and dictionaries of a spill file, as far as they are in the durable file. */
interface CopiedSpace {
  readonly space: number
  readonly file: SpillFile
}

class DurableWriter {
  chargedBytes = 0
  readonly #handle: FileHandle
  readonly #pool: MemoryPool
  readonly #region: Region
  readonly #scratch: Region
  readonly #buffer: Uint8Array
  readonly #crcTables: Uint8Array
  #used = 0
  #flushed = 0
  readonly #spaces: DurableSpace[] = []
  readonly #copied = new Map<string, CopiedSpace>()
  readonly #types = new TypeTable()
  readonly #dictionaryIds = new Map<FlatVector, number>()
  readonly #dictionaries: DurableExtent[] = []
  #ownSpace = -1

  constructor(handle: FileHandle, pool: MemoryPool) {
    this.#handle = handle
    this.#pool = pool
    this.#region = pool.createRegion()
    this.#scratch = pool.createRegion()
    this.#buffer = this.#region.uint8(WRITE_BYTES)
    this.#crcTables = this.#region.uint8(CRC32C_TABLE_BYTES)
    fillCrc32cTables(pool, this.#crcTables)
  }

  async block(block: ShuffleBlock): Promise<DurableBlock> {
    return isSpilled(block) ? await this.#copy(block) : await this.#batch(block)
  }

  spaces(): readonly DurableSpace[] {
    return this.#spaces
  }

  async finish(index: DurableIndex): Promise<number> {
    const text = Buffer.from(JSON.stringify(index))
    const [, , checksum] = await this.#append([text])
    const trailer = Buffer.alloc(TRAILER_BYTES)
    trailer.writeUInt32LE(checksum, 0)
    trailer.writeUInt32LE(text.length, 4)
    trailer.writeUInt32LE(DURABLE_MAGIC, 8)
    await this.#append([trailer])
    await this.#flush()
    return this.#flushed
  }

  free(): void {
    for (const { file } of this.#copied.values()) file.close()
    this.#region.free()
    this.#scratch.free()
  }

  /** Dictionaries are written before the batch that needs them, once. */
  async #batch(batch: RecordBatch): Promise<DurableBlock> {
    if (this.#ownSpace < 0)
      this.#ownSpace = this.#spaces.push({ types: this.#types.types, dictionaries: this.#dictionaries }) - 1
    this.#scratch.reset()
    const frames: Uint8Array[][] = []
    const encode = (rows: RecordBatch): void => {
      const tables = {
        typeId: (type: DataType) => this.#types.idOf(type),
        dictionaryId: (dictionary: FlatVector): number => {
          let id = this.#dictionaryIds.get(dictionary)
          if (id !== undefined) return id
          encode({ rowCount: dictionary.length, columns: [dictionary] })
          id = this.#dictionaryIds.size
          this.#dictionaryIds.set(dictionary, id)
          return id
        },
      }
      // Those of its dictionaries come before it: they end first.
      frames.push(encodeBatch(rows, tables, this.#scratch))
    }
    encode(batch)
    const last = frames.pop()!
    for (const frame of frames) this.#dictionaries.push(await this.#append(frame))
    return [this.#ownSpace, batch.rowCount, ...(await this.#append(last))]
  }

  async #copy(block: SpilledBlock): Promise<DurableBlock> {
    const { tables, rowCount } = block
    let copied = this.#copied.get(tables.path)
    if (copied === undefined) {
      const file = this.#pool.spill.openFile(tables.path)
      const dictionaries: DurableExtent[] = []
      const space = this.#spaces.push({ types: tables.types, dictionaries }) - 1
      copied = { space, file }
      this.#copied.set(tables.path, copied)
      for (const dictionary of tables.dictionaries)
        dictionaries.push(await this.#append(piecesOf(file, dictionary, this.#scratch)))
    }
    return [copied.space, rowCount, ...(await this.#append(piecesOf(copied.file, block, this.#scratch)))]
  }

  /** Copies parts to the end of the file; they stay valid until then. */
  async #append(parts: Iterable<Uint8Array>): Promise<DurableExtent> {
    const offset = this.#flushed + this.#used
    let checksum = 0
    for (const part of parts)
      for (let from = 0; from < part.length; ) {
        if (this.#used === WRITE_BYTES) await this.#flush()
        const count = Math.min(part.length - from, WRITE_BYTES - this.#used)
        const into = this.#buffer.subarray(this.#used, this.#used + count)
        into.set(part.subarray(from, from + count))
        checksum = crc32c(this.#pool, into, this.#crcTables, checksum)
        this.#used += count
        from += count
      }
    return [offset, this.#flushed + this.#used - offset, checksum]
  }

  async #flush(): Promise<void> {
    this.#pool.spill.charge(this.#used)
    this.chargedBytes += this.#used
    for (let done = 0; done < this.#used; ) {
      const { bytesWritten } = await this.#handle.write(this.#buffer, done, this.#used - done, null)
      done += bytesWritten
    }
    this.#flushed += this.#used
    this.#used = 0
  }
}

/** An extent of a spill file, a bit at a time in the same buffer. */
function* piecesOf(file: SpillFile, { offset, bytes }: SpillExtent, scratch: Region): Iterable<Uint8Array> {
  scratch.reset()
  const buffer = scratch.uint8(Math.min(bytes, WRITE_BYTES))
  for (let done = 0; done < bytes; done += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, bytes - done))
    file.read(piece, offset + done)
    yield piece
  }
}

const FULL: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** What went wrong while an output was written to `folder`. */
export function durableError(folder: string, cause: unknown): EngineError {
  if (cause instanceof EngineError) return cause
  const { code, message } = cause as NodeJS.ErrnoException // Of node:fs.
  if (FULL.has(code))
    return new EngineError('RESOURCES_EXHAUSTED', `no space for outputs of tasks is left in "${folder}"`, {
      hint: 'Free space there, or name another folder with --local-dir.',
      cause,
    })
  return new EngineError('IO_ERROR', `the output of a task cannot be written to "${folder}": ${message}`, {
    hint: 'Another folder can be named with --local-dir.',
    cause,
  })
}
