import type { FileSystem } from '../connect/index.ts'
import { EngineError } from '../errors.ts'
import { type Chunk, decodeChunk, encodeChunk } from './chunk-codec.ts'
import type { UserTask } from './run-program.ts'

const PIECE_BYTES = 1 << 20
const LENGTH_BYTES = 4

/** The file that an attempt of a task writes into a folder: no two attempts have the same. */
export function partPath(folder: string, partition: number, attempt: number): string {
  return `${folder}/part-${String(partition).padStart(5, '0')}-${attempt}`
}

/** Writes the values of a partition into a file, as `| length uint32 | chunk | …`; gives the path. */
export async function* saveChunks(
  chunks: AsyncIterable<Chunk>,
  folder: string,
  partition: number,
  task: UserTask,
): AsyncIterable<Chunk> {
  const path = partPath(folder, partition, task.attempt)
  const writer = await task.fileSystem(path).create(path)
  try {
    for await (const { values } of chunks) {
      const bytes = encodeChunk(values)
      const length = new Uint8Array(LENGTH_BYTES)
      new DataView(length.buffer).setUint32(0, bytes.length, true)
      await writer.write(length)
      await writer.write(bytes)
    }
    await writer.close()
  } catch (error) {
    await writer.abort()
    throw error
  }
  yield { side: 0, values: [path] }
}

/** The values of such a file. CORRUPT_FILE if it ends within a chunk. */
export async function* readSavedChunks(path: string, fileSystem: FileSystem): AsyncIterable<Chunk> {
  let rest: Uint8Array = new Uint8Array()
  for await (const bytes of fileSystem.stream(path, 0, PIECE_BYTES)) {
    const all = Buffer.concat([rest, bytes])
    // A slice of a Buffer would be no copy, and what is decoded keeps its slices.
    rest = new Uint8Array(all.buffer, all.byteOffset, all.length)
    let at = 0
    for (let end = chunkEnd(rest, at); end <= rest.length; end = chunkEnd(rest, at)) {
      yield decodeChunk(rest.subarray(at + LENGTH_BYTES, end))
      at = end
    }
    rest = rest.subarray(at)
  }
  if (rest.length > 0)
    throw new EngineError('CORRUPT_FILE', `checkpoint file "${path}" ends within a value`, {
      position: { file: path },
    })
}

/** Where the chunk that begins at an offset ends; beyond everything if its length is not there yet. */
function chunkEnd(bytes: Uint8Array, at: number): number {
  if (bytes.length < at + LENGTH_BYTES) return Number.POSITIVE_INFINITY
  return at + LENGTH_BYTES + new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true)
}
