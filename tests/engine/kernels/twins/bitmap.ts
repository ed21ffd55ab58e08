/** Ones among the first `length` bits, one by one. */
export function countBitsTwin(bits: Uint8Array, length: number): number {
  return bitIndicesTwin(bits, length).length
}

/** Positions of the ones among the first `length` bits. */
export function bitIndicesTwin(bits: Uint8Array, length: number): number[] {
  const indices: number[] = []
  for (let i = 0; i < length; i++) if (((bits[i >> 3]! >> (i & 7)) & 1) === 1) indices.push(i)
  return indices
}
