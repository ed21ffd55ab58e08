/**
 * Snappy's raw format: a length, then literals and copies from what was written before.
 * https://github.com/google/snappy/blob/main/format_description.txt
 */

/** Fills `out` exactly; gives false if the input is malformed or of another length. */
export function decompressSnappy(input: Uint8Array, out: Uint8Array): boolean {
  const header = readLength(input)
  if (header === null || header.length !== out.length) return false
  return decodeSnappy(input, header.next, out)
}

function readLength(input: Uint8Array): { length: number; next: number } | null {
  let length = 0
  for (let i = 0; i < Math.min(5, input.length); i++) {
    length += (input[i]! & 0x7f) * 2 ** (7 * i)
    if (input[i]! < 0x80) return { length, next: i + 1 }
  }
  return null
}

function decodeSnappy(input: Uint8Array, start: number, out: Uint8Array): boolean {
  const inputEnd = input.length
  const outEnd = out.length
  let i = start
  let o = 0
  while (i < inputEnd) {
    const tag = input[i++]!
    let length = tag >> 2
    let offset = 0
    switch (tag & 3) {
      case 0: {
        if (length >= 60) {
          const extra = length - 59
          if (i + extra > inputEnd) return false
          length = input[i]!
          if (extra > 1) length |= input[i + 1]! << 8
          if (extra > 2) length |= input[i + 2]! << 16
          if (extra > 3) length += input[i + 3]! * 0x1000000
          i += extra
        }
        length++
        if (length > inputEnd - i || length > outEnd - o) return false
        if (length < 40) for (const end = o + length; o < end; ) out[o++] = input[i++]!
        else {
          out.set(input.subarray(i, i + length), o)
          o += length
          i += length
        }
        continue
      }
      case 1:
        if (i >= inputEnd) return false
        length = (length & 7) + 4
        offset = ((tag & 0xe0) << 3) | input[i++]!
        break
      case 2:
        if (i + 2 > inputEnd) return false
        length++
        offset = input[i]! | (input[i + 1]! << 8)
        i += 2
        break
      default:
        if (i + 4 > inputEnd) return false
        length++
        offset = (input[i]! | (input[i + 1]! << 8) | (input[i + 2]! << 16) | (input[i + 3]! << 24)) >>> 0
        i += 4
    }
    if (offset === 0 || offset > o || length > outEnd - o) return false
    for (let from = o - offset, end = o + length; o < end; ) out[o++] = out[from++]!
  }
  return o === outEnd
}

/** Positions are remembered by this many bits of their hash. */
const HASH_BITS = 14

/** Matches reach back this far, within blocks as the reference does. */
const MAX_OFFSET = 65_535

/** Compresses greedily: each position is looked up by the hash of its four bytes. */
export function compressSnappy(input: Uint8Array): Uint8Array {
  const out = new Uint8Array(32 + input.length + Math.ceil(input.length / 6))
  let o = 0
  for (let rest = input.length; ; rest >>>= 7) {
    out[o++] = rest >= 128 ? (rest & 127) | 128 : rest
    if (rest < 128) break
  }
  const table = new Int32Array(1 << HASH_BITS).fill(-1)
  const limit = input.length - 4
  let anchor = 0
  // Where nothing matches, steps grow, so that incompressible bytes cost little.
  let misses = 32
  for (let i = 0; i < limit; ) {
    const word = input[i]! | (input[i + 1]! << 8) | (input[i + 2]! << 16) | (input[i + 3]! << 24)
    const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS)
    const from = table[slot]!
    table[slot] = i
    if (from < 0 || i - from > MAX_OFFSET || !startsWith(input, from, word)) {
      i += misses++ >> 5
      continue
    }
    misses = 32
    let length = 4
    while (i + length < input.length && input[from + length] === input[i + length]) length++
    o = writeLiteral(out, o, input, anchor, i)
    o = writeCopy(out, o, i - from, length)
    i += length
    anchor = i
  }
  return out.subarray(0, writeLiteral(out, o, input, anchor, input.length))
}

function startsWith(input: Uint8Array, at: number, word: number): boolean {
  return (input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24)) === word
}

function writeLiteral(out: Uint8Array, at: number, input: Uint8Array, from: number, to: number): number {
  const length = to - from
  if (length === 0) return at
  let o = at
  const last = length - 1
  if (last < 60) out[o++] = last << 2
  else {
    const extra = last < 256 ? 1 : last < 65_536 ? 2 : last < 16_777_216 ? 3 : 4
    out[o++] = (59 + extra) << 2
    for (let i = 0; i < extra; i++) out[o++] = (last >>> (8 * i)) & 255
  }
  out.set(input.subarray(from, to), o)
  return o + length
}

/** Copies of 1 to 64 bytes, with the short form where it fits. */
function writeCopy(out: Uint8Array, at: number, offset: number, length: number): number {
  let o = at
  let rest = length
  while (rest > 0) {
    const piece = Math.min(rest, 64)
    if (piece >= 4 && piece <= 11 && offset < 2048) {
      out[o++] = ((offset >> 8) << 5) | ((piece - 4) << 2) | 1
      out[o++] = offset & 255
    } else {
      out[o++] = ((piece - 1) << 2) | 2
      out[o++] = offset & 255
      out[o++] = offset >> 8
    }
    rest -= piece
  }
  return o
}
