// CRC-32C (Castagnoli, RFC 3720 appendix B.4), eight bytes a step by eight tables of 256 words.

/** The polynomial with its bits reversed. */
const POLYNOMIAL: u32 = 0x82f63b78

/** Fills the tables that `crc32c` reads: 8 KiB. */
export function crc32cTables(tables: usize): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = (value >> 1) ^ ((value & 1) * POLYNOMIAL)
    store<u32>(tables + ((<usize>byte) << 2), value)
  }
  for (let at: usize = 256; at < 2048; at++) {
    const before = load<u32>(tables + ((at - 256) << 2))
    store<u32>(tables + (at << 2), entry(tables, 0, before & 255) ^ (before >> 8))
  }
}

// @ts-ignore: decorator
@inline
function entry(tables: usize, table: usize, byte: u32): u32 {
  return load<u32>(tables + (table << 10) + ((<usize>byte) << 2))
}

/** The checksum of bytes that follow those whose checksum is `before` (0 for none). */
export function crc32c(bytes: usize, length: i32, before: u32, tables: usize): u32 {
  let value = ~before
  let at = bytes
  const end = bytes + <usize>length
  for (; at + 8 <= end; at += 8) {
    const low = load<u32>(at) ^ value
    const high = load<u32>(at, 4)
    value =
      entry(tables, 7, low & 255) ^
      entry(tables, 6, (low >> 8) & 255) ^
      entry(tables, 5, (low >> 16) & 255) ^
      entry(tables, 4, low >> 24) ^
      entry(tables, 3, high & 255) ^
      entry(tables, 2, (high >> 8) & 255) ^
      entry(tables, 1, (high >> 16) & 255) ^
      entry(tables, 0, high >> 24)
  }
  for (; at < end; at++) value = entry(tables, 0, (value ^ load<u8>(at)) & 255) ^ (value >> 8)
  return ~value
}
