import { createHash } from 'node:crypto'
import type { FileWriter, SourceContext } from '../../engine/connect/index.ts'
import type { ByteInput, DeadLetter } from '../../engine/formats/index.ts'
import { openSplit, type TextEncodingOptions, type TextSplit } from './text-splits.ts'

/** Text that is held back before it is written. */
const BUFFER_CHARS = 256 << 10

/**
 * Writes the bad records of one split as JSON lines `{file, line, byteOffset, reason, record}`. The name
 * comes from
 * the split, so that a second attempt replaces what the first wrote. No bad record, no file.
 */
export class DeadLetterFile {
  readonly #path: string
  readonly #context: SourceContext
  #writer: FileWriter | null = null
  #text = ''

  constructor(folder: string, { file, start }: TextSplit, context: SourceContext) {
    const name = file.path.split('/').at(-1) ?? 'file'
    const hash = createHash('sha256').update(file.path).digest('hex').slice(0, 8)
    this.#path = `${folder.replace(/\/+$/, '')}/${name}-${hash}-${start}.jsonl`
    this.#context = context
  }

  async write(letter: DeadLetter): Promise<void> {
    this.#text += `${JSON.stringify(letter)}\n`
    if (this.#text.length >= BUFFER_CHARS) await this.#flush()
  }

  async close(): Promise<void> {
    if (this.#text !== '') await this.#flush()
    await this.#writer?.close()
  }

  async abort(): Promise<void> {
    await this.#writer?.abort()
  }

  async #flush(): Promise<void> {
    this.#writer ??= await this.#context.fileSystem(this.#path).create(this.#path)
    await this.#writer.write(Buffer.from(this.#text))
    this.#text = ''
  }
}

/** Line numbers of rising offsets of one file. It reads the file again, once, as far as it is asked. */
export class LineCounter {
  readonly #open: () => Promise<ByteInput>
  readonly #known: boolean
  readonly #piece = new Uint8Array(1 << 18)
  #input: ByteInput | null = null
  #pieceOffset = 0
  #pieceLength = 0
  #at = 0
  #line = 1
  #afterReturn = false

  constructor(split: TextSplit, text: TextEncodingOptions, context: SourceContext) {
    const whole = { ...split, start: 0, end: split.file.sizeBytes }
    this.#known = !split.kind.wide && !text.charset.startsWith('utf-16')
    // Line breaks are one byte in every other charset, so the bytes are counted as they lie in the file.
    this.#open = () => openSplit(whole, { ...text, charset: 'utf-8' }, silent(context))
  }

  /** Line, from 1, of an offset that is not below those asked before; undefined where it cannot be told. */
  async lineOf(offset: number): Promise<number | undefined> {
    if (!this.#known) return undefined
    if (this.#input === null) {
      this.#input = await this.#open()
      this.#pieceOffset = this.#input.offset
    }
    for (;;) {
      const end = Math.min(this.#pieceLength, offset - this.#pieceOffset)
      for (; this.#at < end; this.#at++) this.#see(this.#piece[this.#at]!)
      if (this.#pieceOffset + this.#at >= offset) return this.#line
      this.#pieceOffset += this.#pieceLength
      this.#pieceLength = await this.#input.read(this.#piece)
      this.#at = 0
      if (this.#pieceLength === 0) return this.#line
    }
  }

  async close(): Promise<void> {
    await this.#input?.close()
  }

  #see(byte: number): void {
    if (byte === 13 || (byte === 10 && !this.#afterReturn)) this.#line++
    this.#afterReturn = byte === 13
  }
}

/** The same context, that counts nothing: bytes read a second time are no metric. */
function silent(context: SourceContext): SourceContext {
  return {
    pool: context.pool,
    settings: context.settings,
    createRegion: () => context.createRegion(),
    checkCancelled: () => context.checkCancelled(),
    count() {},
    fileSystem: (path) => context.fileSystem(path),
  }
}
