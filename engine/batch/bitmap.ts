/** Bit `index` of a bitmap, least significant bit first as in Arrow. */
export function getBit(bits: Uint8Array, index: number): boolean {
  return (bits[index >> 3]! & (1 << (index & 7))) !== 0
}

/** Sets bit `index` to one. */
export function setBit(bits: Uint8Array, index: number): void {
  bits[index >> 3]! |= 1 << (index & 7)
}

/** Sets bit `index` to zero. */
export function clearBit(bits: Uint8Array, index: number): void {
  bits[index >> 3]! &= ~(1 << (index & 7))
}

/** Number of ones in the first `length` bits. */
export function countOnes(bits: Uint8Array, length: number): number {
  let count = 0
  const whole = length >> 3
  for (let i = 0; i < whole; i++) count += ONES[bits[i]!]!
  const rest = length & 7
  return rest === 0 ? count : count + ONES[bits[whole]! & ((1 << rest) - 1)]!
}

/** Ones in each byte. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1
  return count
})

/** Positions of the ones in the first `length` bits, in order, into `out`; gives their number. */
export function onesToIndices(bits: Uint8Array, length: number, out: Int32Array): number {
  let count = 0
  for (let base = 0; base < length; base += 8) {
    let byte = bits[base >> 3]!
    if (length - base < 8) byte &= (1 << (length - base)) - 1
    if (byte === 0xff) {
      for (let bit = 0; bit < 8; bit++) out[count++] = base + bit
      continue
    }
    while (byte !== 0) {
      const lowest = byte & -byte
      out[count++] = base + 31 - Math.clz32(lowest)
      byte ^= lowest
    }
  }
  return count
}

/** out = a AND b over the bytes that hold `length` bits. `out` may be one of the inputs. */
export function andBits(a: Uint8Array, b: Uint8Array, out: Uint8Array, length: number): void {
  const end = (length + 7) >> 3
  for (let i = 0; i < end; i++) out[i] = a[i]! & b[i]!
}

/** Copies `length` bits from bit `from` of `source` to bit 0 of `out`. */
export function copyBits(source: Uint8Array, from: number, out: Uint8Array, length: number): void {
  const end = (length + 7) >> 3
  const first = from >> 3
  const shift = from & 7
  if (shift === 0) {
    out.set(source.subarray(first, first + end))
    return
  }
  for (let i = 0; i < end; i++)
    out[i] = (source[first + i]! >> shift) | (((source[first + i + 1] ?? 0) << (8 - shift)) & 0xff)
}
