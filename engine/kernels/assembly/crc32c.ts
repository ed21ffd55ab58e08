// CRC-32C (Castagnoli, RFC 3720 appendix B.4), eight bytes a step by eight tables of 256 words. One chain of
// steps waits for its look-ups, so long inputs go as four lanes side by side; a checksum is linear, so those
// of the lanes are put together by four more tables, which move a checksum over the bytes of a lane.

/** The polynomial with its bits reversed. */
const POLYNOMIAL: u32 = 0x82f63b78

/** Bytes of a lane. */
const LANE: i32 = 2048

/** Fills the tables that `crc32c` reads: 12 KiB. */
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
  for (let at: u32 = 0; at < 1024; at++) {
    const byte = at & 255
    const rest = byte & (byte - 1)
    let value: u32 = 0
    if (rest != 0) value = laneEntry(tables, at - byte + rest) ^ laneEntry(tables, at - rest)
    else if (byte != 0) {
      value = byte << ((at >> 8) << 3)
      for (let i = 0; i < LANE; i++) value = entry(tables, 0, value & 255) ^ (value >> 8)
    }
    store<u32>(tables + 8192 + ((<usize>at) << 2), value)
  }
}

// @ts-ignore: decorator
@inline
function entry(tables: usize, table: usize, byte: u32): u32 {
  return load<u32>(tables + (table << 10) + ((<usize>byte) << 2))
}

/** Eight bytes more; indices are scaled as they are cut out, and tables are constant offsets. */
// @ts-ignore: decorator
@inline
function step(tables: usize, value: u32, at: usize): u32 {
  const low = load<u32>(at) ^ value
  const high = load<u32>(at, 4)
  return (
    load<u32>(tables + ((low << 2) & 1020), 7 * 1024) ^
    load<u32>(tables + ((low >> 6) & 1020), 6 * 1024) ^
    load<u32>(tables + ((low >> 14) & 1020), 5 * 1024) ^
    load<u32>(tables + ((low >> 22) & 1020), 4 * 1024) ^
    load<u32>(tables + ((high << 2) & 1020), 3 * 1024) ^
    load<u32>(tables + ((high >> 6) & 1020), 2 * 1024) ^
    load<u32>(tables + ((high >> 14) & 1020), 1024) ^
    load<u32>(tables + ((high >> 22) & 1020))
  )
}

// @ts-ignore: decorator
@inline
function laneEntry(tables: usize, at: u32): u32 {
  return load<u32>(tables + 8192 + ((<usize>at) << 2))
}

/** The checksum after as many zeros as a lane has bytes. */
// @ts-ignore: decorator
@inline
function overLane(tables: usize, value: u32): u32 {
  return (
    entry(tables, 8, value & 255) ^
    entry(tables, 9, (value >> 8) & 255) ^
    entry(tables, 10, (value >> 16) & 255) ^
    entry(tables, 11, value >> 24)
  )
}

/** The checksum of bytes that follow those whose checksum is `before` (0 for none). */
export function crc32c(bytes: usize, length: i32, before: u32, tables: usize): u32 {
  let value = ~before
  let at = bytes
  const end = bytes + <usize>length
  for (; at + 4 * LANE <= end; at += 4 * LANE) {
    let second: u32 = 0
    let third: u32 = 0
    let fourth: u32 = 0
    const lane = at + LANE
    for (let to = at; to < lane; to += 8) {
      value = step(tables, value, to)
      second = step(tables, second, to + LANE)
      third = step(tables, third, to + 2 * LANE)
      fourth = step(tables, fourth, to + 3 * LANE)
    }
    value = overLane(tables, value) ^ second
    value = overLane(tables, value) ^ third
    value = overLane(tables, value) ^ fourth
  }
  for (; at + 8 <= end; at += 8) value = step(tables, value, at)
  for (; at < end; at++) value = entry(tables, 0, (value ^ load<u8>(at)) & 255) ^ (value >> 8)
  return ~value
}
