import { isAscii } from 'node:buffer'
import type { ByteInput } from './byte-input.ts'

/** The charsets of text files that are read. */
export type Charset = 'utf-8' | 'utf-16le' | 'utf-16be' | 'iso-8859-1' | 'windows-1252'

const NAMES: Readonly<Record<string, Charset | 'utf-16'>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
  'utf-16': 'utf-16',
  utf16: 'utf-16',
  'utf-16le': 'utf-16le',
  'utf-16be': 'utf-16be',
  'iso-8859-1': 'iso-8859-1',
  iso8859_1: 'iso-8859-1',
  latin1: 'iso-8859-1',
  'latin-1': 'iso-8859-1',
  'windows-1252': 'windows-1252',
  cp1252: 'windows-1252',
}

/** The charset of a name, any case; undefined for others. `utf-16` goes by the byte order mark. */
export function charsetOf(name: string): Charset | 'utf-16' | undefined {
  return NAMES[name.trim().toLowerCase()]
}

/** Windows-1252 where it differs from Latin-1: 0x80 to 0x9f. Bytes without a meaning stay controls. */
const WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178'

/** Raw bytes read at once. */
const PIECE_BYTES = 256 << 10

/** An input of UTF-8 over raw bytes in another charset. `start` is the offset of its first byte. */
export function charsetInput(
  raw: { read(into: Uint8Array): Promise<number>; close(): Promise<void> },
  charset: Charset,
  file: string,
  start: number,
): ByteInput {
  if (charset === 'utf-8') {
    const rawLength = (_bytes: Uint8Array, from: number, to: number): number => to - from
    return { file, offset: start, read: (into) => raw.read(into), rawLength, close: () => raw.close() }
  }
  const wide = charset.startsWith('utf-16')
  const decode = wide ? utf16Decoder(charset) : singleByteDecoder(charset === 'windows-1252')
  const scratch = new Uint8Array(PIECE_BYTES)
  let rest: Uint8Array = new Uint8Array(0)
  let ended = false
  return {
    file,
    offset: start,
    async read(into) {
      while (rest.length === 0 && !ended) {
        const count = await raw.read(scratch)
        ended = count === 0
        rest = decode(scratch.subarray(0, count), ended)
      }
      const count = Math.min(into.length, rest.length)
      into.set(rest.subarray(0, count))
      rest = rest.subarray(count)
      return count
    },
    rawLength: wide ? utf16Length : characterCount,
    close: () => raw.close(),
  }
}

function singleByteDecoder(windows: boolean): (bytes: Uint8Array) => Uint8Array {
  const high = Array.from({ length: 128 }, (_, index) => {
    return windows && index < 32 ? WINDOWS_1252.charCodeAt(index) : 128 + index
  })
  return (bytes) => {
    if (isAscii(bytes)) return bytes
    const out = new Uint8Array(bytes.length * 3)
    let at = 0
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!
      if (byte < 128) {
        out[at++] = byte
        continue
      }
      const code = high[byte - 128]!
      if (code < 0x800) out[at++] = 0xc0 | (code >> 6)
      else {
        out[at++] = 0xe0 | (code >> 12)
        out[at++] = 0x80 | ((code >> 6) & 0x3f)
      }
      out[at++] = 0x80 | (code & 0x3f)
    }
    return out.subarray(0, at)
  }
}

function utf16Decoder(charset: string): (bytes: Uint8Array, atEnd: boolean) => Uint8Array {
  const decoder = new TextDecoder(charset, { ignoreBOM: true })
  return (bytes, atEnd) => Buffer.from(decoder.decode(bytes, { stream: !atEnd }))
}

function characterCount(bytes: Uint8Array, start: number, end: number): number {
  let count = 0
  for (let i = start; i < end; i++) if ((bytes[i]! & 0xc0) !== 0x80) count++
  return count
}

function utf16Length(bytes: Uint8Array, start: number, end: number): number {
  let count = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if ((byte & 0xc0) !== 0x80) count += byte >= 0xf0 ? 4 : 2
  }
  return count
}
