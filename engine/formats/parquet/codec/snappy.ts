/**
 * Snappy's raw format: a length, then literals and copies from what was written before.
 * https://github.com/google/snappy/blob/main/format_description.txt
 */

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

/** The only element of compressed bytes, if that is a literal of `length` bytes; else null. */
export function snappyLiteral(input: Uint8Array, length: number): Uint8Array | null {
  let at = 0
  while (at < 5 && input[at]! >= 128) at++
  const code = input[at + 1]! >> 2
  if ((input[at + 1]! & 3) !== 0) return null
  const from = at + 2 + Math.max(0, code - 59)
  if (input.length - from !== length || length === 0) return null
  // What is announced, in front of the tag and behind it, must be that length, or the page is malformed.
  const announced = littleEndian(input, 0, at + 1, 7)
  const literal = (code < 60 ? code : littleEndian(input, at + 2, from, 8)) + 1
  return announced === length && literal === length ? input.subarray(from) : null
}

/** The number of which `input[from .. end)` hold `bits` each, lowest first. */
function littleEndian(input: Uint8Array, from: number, end: number, bits: number): number {
  let value = 0
  for (let i = end - 1; i >= from; i--) value = value * 2 ** bits + (input[i]! & (2 ** bits - 1))
  return value
}
