import type { ByteBuffer } from '../byte-buffer.ts'
import { packBits } from './rle-encoder.ts'

const BLOCK = 128
const MINIBLOCKS = 4
const PER_MINIBLOCK = BLOCK / MINIBLOCKS

/** Appends numbers as DELTA_BINARY_PACKED; differences wrap around at `bits`. The kernels read them. */
export function encodeDelta(values: BigInt64Array, bits: 32 | 64, out: ByteBuffer): void {
  out.varint(BLOCK)
  out.varint(MINIBLOCKS)
  out.varint(values.length)
  zigzag(values[0] ?? 0n, out)
  for (let from = 1; from < values.length; from += BLOCK) encodeBlock(values, from, bits, out)
}

function encodeBlock(values: BigInt64Array, from: number, bits: 32 | 64, out: ByteBuffer): void {
  const deltas: bigint[] = []
  let min: bigint | null = null
  for (let i = from; i < Math.min(values.length, from + BLOCK); i++) {
    const delta = BigInt.asIntN(bits, values[i]! - values[i - 1]!)
    deltas.push(delta)
    if (min === null || delta < min) min = delta
  }
  const smallest = min ?? 0n
  zigzag(smallest, out)
  const offsets = deltas.map((delta) => BigInt.asUintN(bits, delta - smallest))
  const parts = Array.from({ length: MINIBLOCKS }, (_, part) =>
    offsets.slice(part * PER_MINIBLOCK, (part + 1) * PER_MINIBLOCK),
  )
  const widths = parts.map((part) => part.reduce((width, value) => Math.max(width, bitLength(value)), 0))
  for (const width of widths) out.byte(width)
  for (const [index, part] of parts.entries()) if (part.length > 0) packWide(part, widths[index]!, out)
}

/** One miniblock, padded with zeros. */
function packWide(values: readonly bigint[], width: number, out: ByteBuffer): void {
  if (width <= 32) {
    const words = Int32Array.from(values, (value) => Number(BigInt.asIntN(32, value)))
    packBits(words, 0, words.length, PER_MINIBLOCK, width, out)
    return
  }
  let pending = 0n
  let bits = 0n
  for (const value of values) {
    pending |= value << bits
    bits += BigInt(width)
  }
  for (let i = 0; i < (PER_MINIBLOCK * width) / 8; i++) out.byte(Number((pending >> BigInt(8 * i)) & 255n))
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length
}

function zigzag(value: bigint, out: ByteBuffer): void {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  for (; rest >= 128n; rest >>= 7n) out.byte(Number(rest & 127n) | 128)
  out.byte(Number(rest))
}
