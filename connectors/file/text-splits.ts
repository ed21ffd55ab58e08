import type { FileSystem, RandomAccessFile, SourceContext, Split } from '../../engine/connect/index.ts'
import { type ByteInput, type Charset, charsetInput } from '../../engine/formats/index.ts'
import { type FileKind, fileKind, gzipInput, plainInput, type RawInput } from './file-input.ts'
import type { DataFile } from './list-files.ts'

/** Bytes of a split of a plain text file. */
export const SPLIT_BYTES = 16 << 20

/**
 * A piece of a text file: the lines that begin in [start, end). A packed file is one piece.
 *
 * ```
 * file  | line | line | li|ne | line |
 *       0                 16 MiB         the third line belongs to the first split, which reads on to its end
 * ```
 */
export interface TextSplit {
  readonly file: DataFile
  readonly start: number
  readonly end: number
  readonly kind: FileKind
}

/** How the text of a file is written down. */
export interface TextEncodingOptions {
  readonly charset: Charset | 'utf-16'
  /** Byte that ends a line; -1: LF, CR or CRLF. */
  readonly lineBreak: number
  /** Whether a record may hold line breaks: then a file is one split. */
  readonly multiLine: boolean
}

/** The splits of files. */
export async function planTextSplits(
  files: readonly DataFile[],
  text: TextEncodingOptions,
  context: SourceContext,
): Promise<readonly Split[]> {
  const splits: Split[] = []
  for (const file of files) {
    if (file.sizeBytes === 0) continue
    const kind = await fileKind(context.fileSystem(file.path), file.path, file.sizeBytes)
    const whole = kind.gzip || kind.wide || text.multiLine || text.charset.startsWith('utf-16')
    const count = whole ? 1 : Math.ceil(file.sizeBytes / SPLIT_BYTES)
    const step = Math.ceil(file.sizeBytes / count)
    for (let start = 0; start < file.sizeBytes; start += step) {
      const end = Math.min(file.sizeBytes, start + step)
      const data: TextSplit = { file, start, end, kind }
      splits.push({ sizeBytes: end - start, data })
    }
  }
  return splits
}

/** The bytes of a whole file, as `openSplit` gives them. */
export async function openWhole(
  file: DataFile,
  options: TextEncodingOptions,
  context: SourceContext,
): Promise<ByteInput> {
  const kind = await fileKind(context.fileSystem(file.path), file.path, file.sizeBytes)
  return openSplit({ file, start: 0, end: file.sizeBytes, kind }, options, context)
}

/** Opens the text of a split, as UTF-8, without a byte order mark. */
export async function openSplit(
  split: TextSplit,
  text: TextEncodingOptions,
  context: SourceContext,
): Promise<ByteInput> {
  const { file, kind } = split
  const fileSystem = context.fileSystem(file.path)
  const raw = kind.gzip
    ? { input: await gzipInput(fileSystem, file.path), start: 0 }
    : await linesOf(fileSystem, split, text.lineBreak)
  const counted = countBytes(raw.input, kind.gzip ? file.sizeBytes : undefined, context)
  if (raw.start > 0) return charsetInput(counted, narrow(text.charset), file.path, raw.start)
  return withoutMark(counted, text.charset, file.path)
}

/** The stretch of whole lines that a split owns. */
async function linesOf(
  fileSystem: FileSystem,
  { file, start, end }: TextSplit,
  lineBreak: number,
): Promise<{ readonly input: RawInput; readonly start: number }> {
  const handle = await fileSystem.open(file.path)
  try {
    const from = await lineStart(handle, start, lineBreak)
    const to = end >= handle.sizeBytes ? handle.sizeBytes : await lineStart(handle, end, lineBreak)
    return { input: await plainInput(fileSystem, { path: file.path, start: from, end: to }), start: from }
  } finally {
    await handle.close()
  }
}

/** Where the first line begins at or after `position`; the size of the file if none does. */
async function lineStart(file: RandomAccessFile, position: number, lineBreak: number): Promise<number> {
  if (position === 0) return 0
  const piece = new Uint8Array(64 << 10)
  let offset = position - 1
  let afterReturn = false
  while (offset < file.sizeBytes) {
    const bytes = piece.subarray(0, Math.min(piece.length, file.sizeBytes - offset))
    await file.read(offset, bytes)
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!
      if (afterReturn) return offset + (byte === 10 ? i + 1 : i)
      if (lineBreak >= 0 ? byte === lineBreak : byte === 10) return offset + i + 1
      if (lineBreak < 0 && byte === 13) afterReturn = true
    }
    offset += bytes.length
  }
  return file.sizeBytes
}

function countBytes(raw: RawInput, packedBytes: number | undefined, context: SourceContext): RawInput {
  if (packedBytes !== undefined) context.count('bytesRead', packedBytes)
  return {
    async read(into) {
      const count = await raw.read(into)
      if (packedBytes === undefined) context.count('bytesRead', count)
      return count
    },
    close: () => raw.close(),
  }
}

function narrow(charset: Charset | 'utf-16'): Charset {
  return charset === 'utf-16' ? 'utf-16be' : charset
}

/** Skips a byte order mark, which also tells which Unicode it is. */
async function withoutMark(raw: RawInput, charset: Charset | 'utf-16', file: string): Promise<ByteInput> {
  const head = new Uint8Array(3)
  let length = 0
  while (length < 3) {
    const count = await raw.read(head.subarray(length))
    if (count === 0) break
    length += count
  }
  const [first, second, third] = head
  const unicode = charset.startsWith('utf')
  let skip = 0
  let found = narrow(charset)
  if (unicode && length >= 2 && first === 0xff && second === 0xfe) [skip, found] = [2, 'utf-16le']
  else if (unicode && length >= 2 && first === 0xfe && second === 0xff) [skip, found] = [2, 'utf-16be']
  else if (charset === 'utf-8' && length === 3 && first === 0xef && second === 0xbb && third === 0xbf)
    skip = 3
  let rest = head.subarray(skip, length)
  const whole: RawInput = {
    async read(into) {
      if (rest.length === 0) return raw.read(into)
      const count = Math.min(into.length, rest.length)
      into.set(rest.subarray(0, count))
      rest = rest.subarray(count)
      return count
    },
    close: () => raw.close(),
  }
  return charsetInput(whole, found, file, skip)
}
