import type { ByteBuffer } from '../byte-buffer.ts'

/**
 * Appends numbers of `width` bits in the hybrid of runs and bit-packed groups; see `RleDecoder`.
 * Eight equal numbers or more become a run.
 */
export function encodeRle(
  values: Int32Array | Uint8Array,
  count: number,
  width: number,
  out: ByteBuffer,
): void {
  for (let at = 0; at < count; ) {
    const run = runLength(values, at, count)
    if (run >= 8) {
      out.varint(run * 2)
      for (let shift = 0; shift < width; shift += 8) out.byte((values[at]! >>> shift) & 255)
      at += run
      continue
    }
    let end = at
    do end += 8
    while (end < count && !startsRun(values, end, count))
    out.varint(((end - at) >> 3) * 2 + 1)
    packBits(values, at, Math.min(end, count), end, width, out)
    at = Math.min(end, count)
  }
}

function runLength(values: Int32Array | Uint8Array, at: number, count: number): number {
  const value = values[at]
  let end = at + 1
  while (end < count && values[end] === value) end++
  return end - at
}

function startsRun(values: Int32Array | Uint8Array, at: number, count: number): boolean {
  if (at + 8 > count) return false
  const value = values[at]
  for (let i = 1; i < 8; i++) if (values[at + i] !== value) return false
  return true
}

/** Numbers [from, end) and zeros up to `paddedEnd`, lowest bit first. */
export function packBits(
  values: Int32Array | Uint8Array,
  from: number,
  end: number,
  paddedEnd: number,
  width: number,
  out: ByteBuffer,
): void {
  const start = out.length
  out.reserve(Math.ceil(((paddedEnd - from) * width) / 8))
  const bytes = out.bytes
  if (width <= 16) {
    out.length = packNarrow(values, from, end, paddedEnd, width, bytes, start)
    return
  }
  let at = start
  let pending = 0
  let bits = 0
  for (let i = from; i < paddedEnd; i++) {
    const value = i < end ? values[i]! : 0
    // Sixteen bits at a time, so that what is pending fits into 32.
    for (let shift = 0; shift < width; shift += 16) {
      const take = Math.min(16, width - shift)
      pending |= ((value >>> shift) & ((1 << take) - 1)) << bits
      bits += take
      while (bits >= 8) {
        bytes[at++] = pending & 255
        pending >>>= 8
        bits -= 8
      }
    }
  }
  if (bits > 0) bytes[at++] = pending & 255
  out.length = at
}

/** Numbers of up to 16 bits, two bytes at a time; gives where the bytes end. */
function packNarrow(
  values: Int32Array | Uint8Array,
  from: number,
  end: number,
  paddedEnd: number,
  width: number,
  bytes: Uint8Array,
  start: number,
): number {
  const mask = (1 << width) - 1
  let at = start
  let pending = 0
  let bits = 0
  for (let i = from; i < end; i++) {
    pending |= (values[i]! & mask) << bits
    bits += width
    if (bits < 16) continue
    bytes[at] = pending
    bytes[at + 1] = pending >>> 8
    at += 2
    pending >>>= 16
    bits -= 16
  }
  // What is missing of the last group is zeros.
  for (bits += (paddedEnd - end) * width; bits > 0; bits -= 8) {
    bytes[at++] = pending
    pending >>>= 8
  }
  return at
}
