import { isAscii } from 'node:buffer'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { FileSystem } from '../connect/index.ts'
import { EngineError } from '../errors.ts'
import { CHUNK_VALUES, type Chunk } from './chunk-codec.ts'
import type { TextPiece } from './user-program.ts'

const PIECE_BYTES = 1 << 20
const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/** The lines of a piece of a file: those that begin in it, to their end. UTF-8; lines end in LF or CRLF. */
export async function* readLines(piece: TextPiece, fileSystem: FileSystem): AsyncIterable<Chunk> {
  const splitter = new LineSplitter()
  // A line that begins exactly at `start` is known by the line feed before it.
  let skipping = piece.start > 0
  let position = skipping ? piece.start - 1 : 0
  for await (const bytes of piece.gzip
    ? unpacked(piece.path, fileSystem)
    : fileSystem.stream(piece.path, position, PIECE_BYTES)) {
    let from = 0
    while (skipping && from < bytes.length) if (bytes[from++] === LINE_FEED) skipping = false
    if (piece.start === 0 && position === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
      from = 3
    let to = bytes.length
    // The last line is the one that began before `end`.
    let ended = false
    if (!piece.gzip && !skipping && position + bytes.length >= piece.end) {
      const last = bytes.indexOf(LINE_FEED, Math.max(from, piece.end - 1 - position))
      const startsBeyond = position + from >= piece.end && splitter.isEmpty
      ended = startsBeyond || last >= 0
      to = startsBeyond ? from : last >= 0 ? last + 1 : to
    }
    const values = splitter.add(bytes.subarray(from, to))
    for (let at = 0; at < values.length; at += CHUNK_VALUES)
      yield { side: 0, values: values.slice(at, at + CHUNK_VALUES) }
    position += bytes.length
    if (ended) break
  }
  const rest = splitter.finish()
  if (rest !== null) yield { side: 0, values: [rest] }
}

async function* unpacked(path: string, fileSystem: FileSystem): AsyncIterable<Uint8Array> {
  const packed = Readable.from(fileSystem.stream(path, 0, PIECE_BYTES), { objectMode: true })
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES })
  packed.on('error', (error) => gunzip.destroy(error))
  try {
    for await (const bytes of packed.pipe(gunzip)) yield bytes as Uint8Array
  } catch (cause) {
    if (cause instanceof EngineError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new EngineError('CORRUPT_FILE', `gzip file "${path}" is damaged: ${reason}`, {
      cause,
      position: { file: path },
    })
  } finally {
    packed.destroy()
    gunzip.destroy()
  }
}

/** Cuts bytes into lines; keeps what is not yet a whole line. */
class LineSplitter {
  #rest: Buffer[] = []

  get isEmpty(): boolean {
    return this.#rest.length === 0
  }

  /** All whole lines are decoded at once and cut as text: one by one each would cost two calls into Node. */
  add(bytes: Uint8Array): string[] {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const end = buffer.lastIndexOf(LINE_FEED)
    if (end < 0) {
      if (buffer.length > 0) this.#rest.push(Buffer.from(buffer))
      return []
    }
    const whole = this.#whole(buffer.subarray(0, end))
    this.#rest = end + 1 < buffer.length ? [Buffer.from(buffer.subarray(end + 1))] : []
    return linesOf(whole)
  }

  /** The last line, if it has no line feed. */
  finish(): string | null {
    return this.#rest.length === 0 ? null : linesOf(this.#whole(Buffer.alloc(0)))[0]!
  }

  #whole(end: Buffer): Buffer {
    return this.#rest.length === 0 ? end : Buffer.concat([...this.#rest, end])
  }
}

function linesOf(bytes: Buffer): string[] {
  const text = isAscii(bytes) ? bytes.toString('latin1') : bytes.toString('utf8')
  const lines = text.split('\n')
  if (!text.includes('\r')) return lines
  return lines.map((line) =>
    line.charCodeAt(line.length - 1) === CARRIAGE_RETURN ? line.slice(0, -1) : line,
  )
}
