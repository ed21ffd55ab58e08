import type { Chunk } from './chunk-codec.ts'
import type { UserTask } from './run-program.ts'
import { partPath } from './save-chunks.ts'

/**
 * Writes one line a value into a file of the folder; gives the path. The file gets its name, that of the
 * partition, when all are there.
 */
export async function* saveText(
  chunks: AsyncIterable<Chunk>,
  folder: string,
  partition: number,
  task: UserTask,
): AsyncIterable<Chunk> {
  const path = partPath(folder, partition, task.attempt)
  const writer = await task.fileSystem(path).create(path)
  try {
    for await (const { values } of chunks) {
      let text = ''
      for (const value of values) text += `${lineOf(value)}\n`
      await writer.write(Buffer.from(text))
    }
    await writer.close()
  } catch (error) {
    await writer.abort()
    throw error
  }
  yield { side: 0, values: [path] }
}

function lineOf(value: unknown): string {
  const isPlain =
    typeof value === 'object' && value !== null && (Array.isArray(value) || value.constructor === Object)
  return isPlain ? JSON.stringify(value) : String(value)
}
