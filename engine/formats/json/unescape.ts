import { hexDigit } from './json-cursor.ts'

/** What `\n` and its like stand for, by the letter. */
const LETTERS: Readonly<Record<number, number>> = { 98: 8, 102: 12, 110: 10, 114: 13, 116: 9 }

/**
 * Copies a string without its escapes to `out[at…]`, as UTF-8; gives where it ends there. Never longer than
 * the string.
 */
export function unescapeJson(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  let to = at
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte !== 92) {
      out[to++] = byte
      continue
    }
    const letter = bytes[++i]!
    if (letter !== 117) {
      out[to++] = LETTERS[letter] ?? letter
      continue
    }
    let code = hexOf(bytes, i + 1)
    i += 4
    if (code >= 0xd800 && code < 0xdc00 && bytes[i + 1] === 92 && bytes[i + 2] === 117) {
      const low = hexOf(bytes, i + 3)
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
        i += 6
      }
    }
    to = putCode(code >= 0xd800 && code < 0xe000 ? 0xfffd : code, out, to)
  }
  return to
}

function hexOf(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let i = at; i < at + 4; i++) value = value * 16 + hexDigit(bytes[i]!)
  return value
}

/** Writes one character as UTF-8. */
function putCode(code: number, out: Uint8Array, at: number): number {
  if (code < 0x80) {
    out[at] = code
    return at + 1
  }
  if (code < 0x800) {
    out[at] = 0xc0 | (code >> 6)
    out[at + 1] = 0x80 | (code & 0x3f)
    return at + 2
  }
  if (code < 0x10000) {
    out[at] = 0xe0 | (code >> 12)
    out[at + 1] = 0x80 | ((code >> 6) & 0x3f)
    out[at + 2] = 0x80 | (code & 0x3f)
    return at + 3
  }
  out[at] = 0xf0 | (code >> 18)
  out[at + 1] = 0x80 | ((code >> 12) & 0x3f)
  out[at + 2] = 0x80 | ((code >> 6) & 0x3f)
  out[at + 3] = 0x80 | (code & 0x3f)
  return at + 4
}

/** The text of a string. */
export function stringOf(bytes: Uint8Array, start: number, end: number, escaped: boolean): string {
  if (!escaped) return Buffer.from(bytes.subarray(start, end)).toString('utf8')
  const out = new Uint8Array(end - start)
  return Buffer.from(out.subarray(0, unescapeJson(bytes, start, end, out, 0))).toString('utf8')
}
