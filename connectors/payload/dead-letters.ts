import { randomUUID } from 'node:crypto'
import type { FileWriter, SourceContext } from '../../engine/connect/index.ts'
import type { BadRecord } from './record-batch.ts'

/**
 * Writes bad records of one task as JSON lines `{topic, partition, offset, reason, value}` (`value_b64` if it
 * is no text). The name says which offset it begins at, so that another try of the batch writes the same file
 * again.
 */
export class DeadLetterLines {
  readonly #folder: string
  readonly #context: SourceContext
  readonly #files = new Map<string, { path: string; text: string }>()

  constructor(folder: string, context: SourceContext) {
    this.#folder = folder.replace(/\/+$/, '')
    this.#context = context
  }

  /** `range`: names the file; records of one range are always the same. */
  add(record: BadRecord, range: string): void {
    const path = `${this.#folder}/topic=${record.topic}/${range}.jsonl`
    const { topic, partition, offset, reason, value, isBase64 } = record
    const line = { topic, partition, offset, reason, [isBase64 ? 'value_b64' : 'value']: value }
    const file = this.#files.get(path) ?? { path, text: '' }
    file.text += `${JSON.stringify(line)}\n`
    this.#files.set(path, file)
  }

  /** Writes what was added; each file is there whole or not at all. */
  async flush(): Promise<void> {
    for (const { path, text } of this.#files.values()) {
      const fileSystem = this.#context.fileSystem(path)
      const temporary = `${this.#folder}/_temporary/${randomUUID()}`
      const writer: FileWriter = await fileSystem.create(temporary)
      try {
        await writer.write(Buffer.from(text))
        await writer.close()
      } catch (error) {
        await writer.abort()
        throw error
      }
      await fileSystem.rename(temporary, path)
    }
    this.#files.clear()
  }
}
