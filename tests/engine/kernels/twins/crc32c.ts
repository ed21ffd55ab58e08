/** CRC-32C, bit by bit. */
export function crc32cTwin(bytes: Uint8Array, before = 0): number {
  let value = ~before
  for (const byte of bytes) {
    value ^= byte
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0x82f63b78 : 0)
  }
  return ~value >>> 0
}
