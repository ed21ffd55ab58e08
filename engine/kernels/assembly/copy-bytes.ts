// Copies within decompressors. `slack` bytes up to `limit` may be written beyond what is asked.

/**
 * Copies `length` bytes that do not overlap. Within `inputLimit` and `limit` it moves 16 bytes at a time,
 * which may write up to 15 bytes too many.
 */
// @ts-ignore: decorator
@inline
export function copyLiteral(input: usize, inputLimit: usize, output: usize, limit: usize, length: u32): void {
  if (length <= 64 && inputLimit - input >= 80 && limit - output >= 80) {
    v128.store(output, v128.load(input))
    if (length > 16) {
      v128.store(output, v128.load(input, 16), 16)
      if (length > 32) {
        v128.store(output, v128.load(input, 32), 32)
        v128.store(output, v128.load(input, 48), 48)
      }
    }
    return
  }
  memory.copy(output, input, length)
}

/** Copies `length` bytes from `offset` bytes before; they may overlap what is written. Never past `limit`. */
// @ts-ignore: decorator
@inline
export function copyMatch(output: usize, offset: u32, length: u32, limit: usize): void {
  let from = output - offset
  let to = output
  const end = output + length
  if (limit - end < 32) {
    while (to < end) store<u8>(to++, load<u8>(from++))
    return
  }
  if (offset >= 16) {
    do {
      v128.store(to, v128.load(from))
      to += 16
      from += 16
    } while (to < end)
    return
  }
  // The pattern doubles until eight bytes of it can move at once.
  while (to - from < 8) {
    store<u64>(to, load<u64>(from))
    to += to - from
  }
  while (to < end) {
    store<u64>(to, load<u64>(from))
    to += 8
    from += 8
  }
}
