import { decompressLz4Block, type KernelHost } from '../../../kernels/index.ts'

/**
 * LZ4's block format, and the frames that Hadoop puts around blocks.
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 */

/** The codec `lz4` of Parquet: Hadoop's frames, else one bare block, as writers disagreed. */
export function decompressLegacyLz4(host: KernelHost, input: Uint8Array, out: Uint8Array): boolean {
  return decodeHadoop(host, input, out) || decompressLz4Block(host, input, out)
}

/** Frames of: decompressed size, compressed size (both big-endian), block. */
function decodeHadoop(host: KernelHost, input: Uint8Array, out: Uint8Array): boolean {
  let i = 0
  let o = 0
  while (i + 8 <= input.length) {
    const size = bigEndian32(input, i)
    const stored = bigEndian32(input, i + 4)
    i += 8
    if (stored > input.length - i || size > out.length - o) return false
    if (!decompressLz4Block(host, input.subarray(i, i + stored), out.subarray(o, o + size))) return false
    i += stored
    o += size
  }
  return i === input.length && o === out.length
}

function bigEndian32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

const HASH_BITS = 14

/** One block. Greedy: each position is looked up by the hash of its four bytes. */
export function compressLz4Block(input: Uint8Array): Uint8Array {
  const out = new Uint8Array(input.length + Math.ceil(input.length / 255) + 16)
  const table = new Int32Array(1 << HASH_BITS).fill(-1)
  // The last five bytes are literals, and the last match starts twelve bytes before the end.
  const limit = input.length - 12
  let o = 0
  let anchor = 0
  for (let i = 0; i < limit; ) {
    const word = input[i]! | (input[i + 1]! << 8) | (input[i + 2]! << 16) | (input[i + 3]! << 24)
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS)
    const candidate = table[slot]!
    table[slot] = i
    if (candidate < 0 || i - candidate > 65_535 || !sameWord(input, candidate, word)) {
      i++
      continue
    }
    let length = 4
    const longest = input.length - 5 - i
    while (length < longest && input[candidate + length] === input[i + length]) length++
    o = writeSequence(out, o, input, anchor, i, i - candidate, length)
    i += length
    anchor = i
  }
  o = writeSequence(out, o, input, anchor, input.length, 0, 0)
  return out.subarray(0, o)
}

function sameWord(input: Uint8Array, at: number, word: number): boolean {
  return (input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24)) === word
}

/** Literals [from, to), then a match unless `offset` is 0; gives the new end. */
function writeSequence(
  out: Uint8Array,
  at: number,
  input: Uint8Array,
  from: number,
  to: number,
  offset: number,
  matchLength: number,
): number {
  const literals = to - from
  const extra = matchLength - 4
  let o = at
  out[o++] = (Math.min(15, literals) << 4) | (offset === 0 ? 0 : Math.min(15, extra))
  if (literals >= 15) o = writeLength(out, o, literals - 15)
  out.set(input.subarray(from, to), o)
  o += literals
  if (offset === 0) return o
  out[o++] = offset & 255
  out[o++] = offset >> 8
  return extra >= 15 ? writeLength(out, o, extra - 15) : o
}

function writeLength(out: Uint8Array, at: number, length: number): number {
  let o = at
  let rest = length
  for (; rest >= 255; rest -= 255) out[o++] = 255
  out[o++] = rest
  return o
}
