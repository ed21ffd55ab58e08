import { randomUUID } from 'node:crypto'
import type { RecordBatch } from '../batch/index.ts'
import type { FileSystem, FileWriter } from '../connect/index.ts'
import { EngineError } from '../errors.ts'
import type { MemoryPool, Region } from '../memory/index.ts'
import { ChunkReader, ChunkWriter } from '../shuffle/index.ts'

/**
 * Rows of an operator's state in a file, on any file system: pieces of the form in which rows also travel
 * between processes, so each has its checksum. All words are uint32, little-endian.
 *
 * ```
 * file  | magic | size | chunk | size | chunk | … | 0 |
 * ```
 */
const MAGIC = 0x3153_524d

/** Writes one file. It is there when `finish` has ended, and not at all after `abort`. */
export class StateFileWriter {
  readonly path: string
  readonly #out: FileWriter
  readonly #chunks: ChunkWriter
  #rowCount = 0
  #bytes = 4

  private constructor(path: string, out: FileWriter, chunks: ChunkWriter) {
    this.path = path
    this.#out = out
    this.#chunks = chunks
  }

  /** A file of a name of its own, since another attempt may write at the same time. */
  static async create(
    fileSystem: FileSystem,
    folder: string,
    batchId: number,
    partition: number,
    pool: MemoryPool,
  ): Promise<StateFileWriter> {
    const path = `${folder}/${batchId}-${partition}-${randomUUID().slice(0, 8)}.state`
    const out = await fileSystem.create(path, { exclusive: true })
    await out.write(wordBytes(MAGIC))
    return new StateFileWriter(path, out, new ChunkWriter(pool, { compress: true }))
  }

  async append(batch: RecordBatch): Promise<void> {
    this.#rowCount += batch.rowCount
    for (const chunk of this.#chunks.write([{ range: 0, partition: 0, block: batch }])) {
      await this.#out.write(wordBytes(chunk.length))
      await this.#out.write(chunk.slice())
      this.#bytes += 4 + chunk.length
    }
  }

  async finish(): Promise<{ readonly rowCount: number; readonly bytes: number }> {
    this.#chunks.free()
    await this.#out.write(wordBytes(0))
    await this.#out.close()
    return { rowCount: this.#rowCount, bytes: this.#bytes + 4 }
  }

  async abort(): Promise<void> {
    this.#chunks.free()
    await this.#out.abort()
  }
}

function wordBytes(word: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(word).buffer)
}

/**
 * The rows of a file, batch by batch, in `region`, where they stay. CHECKPOINT_CORRUPT, with the place, if it
 * is not what was written.
 */
export async function* readStateFile(
  fileSystem: FileSystem,
  path: string,
  pool: MemoryPool,
  region: Region,
): AsyncIterable<RecordBatch> {
  const file = await fileSystem.open(path)
  const reader = new ChunkReader(pool)
  const corrupt = (offset: number, cause?: unknown): EngineError =>
    new EngineError('CHECKPOINT_CORRUPT', `file "${path}" of the state is damaged at byte ${offset}`, {
      hint: 'Restore it from a copy, or start the query anew with another checkpoint.',
      position: { file: path, offset },
      cause,
    })
  try {
    const word = new Uint8Array(4)
    const wordAt = async (offset: number): Promise<number> => {
      if (offset + 4 > file.sizeBytes) throw corrupt(offset)
      await file.read(offset, word)
      return new DataView(word.buffer).getUint32(0, true)
    }
    if ((await wordAt(0)) !== MAGIC) throw corrupt(0)
    for (let offset = 4; ; ) {
      const size = await wordAt(offset)
      if (size === 0) return
      if (offset + 4 + size > file.sizeBytes) throw corrupt(offset)
      const chunk = new Uint8Array(size)
      await file.read(offset + 4, chunk)
      let rows: ReturnType<ChunkReader['read']>
      try {
        rows = reader.read(chunk, region)
      } catch (cause) {
        throw corrupt(offset, cause)
      }
      for (const { batch } of rows) yield batch
      offset += 4 + size
    }
  } finally {
    reader.free()
    await file.close()
  }
}
