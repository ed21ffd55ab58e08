// Parts of the kernels about keys: hashing of one value, and values of any fixed width as 64 bits.

// @ts-ignore: decorator
@inline
export function mix64(value: u64): u64 {
  let hash = (value ^ (value >> 32)) * 0xd6e8feb86659fd93
  hash = (hash ^ (hash >> 32)) * 0xd6e8feb86659fd93
  return hash ^ (hash >> 32)
}

// @ts-ignore: decorator
@inline
export function isNull(validity: usize, row: i32): bool {
  return validity != 0 && ((<i32>load<u8>(validity + <usize>(row >> 3)) >> (row & 7)) & 1) == 0
}

/** A hash of `length` bytes, eight at a time; reads up to seven past the end. */
// @ts-ignore: decorator
@inline
export function hashOfBytes(start: usize, length: i32): u64 {
  let hash: u64 = (<u64>length) * 0x9e3779b97f4a7c15
  let at = start
  let left = length
  for (; left >= 8; left -= 8, at += 8) {
    hash = (rotl<u64>(hash, 27) ^ load<u64>(at)) * 0xd6e8feb86659fd93
    hash ^= hash >> 32
  }
  if (left > 0) {
    const last = load<u64>(at) & (((<u64>1) << (<u64>left << 3)) - 1)
    hash = (rotl<u64>(hash, 27) ^ last) * 0xd6e8feb86659fd93
  }
  return mix64(hash)
}

/** How the values of a column are stored; the door has the same numbers. */
// @ts-ignore: decorator
@inline
export const BITS: i32 = 0
// @ts-ignore: decorator
@inline
export const INT8: i32 = 1
// @ts-ignore: decorator
@inline
export const INT16: i32 = 2
// @ts-ignore: decorator
@inline
export const INT32: i32 = 3
// @ts-ignore: decorator
@inline
export const INT64: i32 = 4
// @ts-ignore: decorator
@inline
export const INT128: i32 = 5
// @ts-ignore: decorator
@inline
export const FLOAT32: i32 = 6
// @ts-ignore: decorator
@inline
export const FLOAT64: i32 = 7

/** The bits of a value in 64, equal for equal values of one form. */
// @ts-ignore: decorator
@inline
export function bitsOf(form: i32, values: usize, row: usize): u64 {
  switch (form) {
    case BITS:
      return <u64>((load<u8>(values + (row >> 3)) >> <u8>(row & 7)) & 1)
    case INT8:
      return <u64>(<i64>load<i8>(values + row))
    case INT16:
      return <u64>(<i64>load<i16>(values + (row << 1)))
    case INT32:
      return <u64>(<i64>load<i32>(values + (row << 2)))
    case FLOAT32: {
      const value = load<f32>(values + (row << 2))
      if (value == 0) return 0
      return value != value ? 0x7fc00000 : <u64>reinterpret<u32>(value)
    }
    case FLOAT64: {
      const value = load<f64>(values + (row << 3))
      if (value == 0) return 0
      return value != value ? 0x7ff8000000000000 : reinterpret<u64>(value)
    }
    default:
      return load<u64>(values + (row << 3))
  }
}

/** Sixteen bytes at a time, up to fifteen too many: what lies there is written later, or is the spare. */
// @ts-ignore: decorator
@inline
export function copyShort(from: usize, length: i32, to: usize): void {
  if (length > 256) {
    memory.copy(to, from, <usize>length)
    return
  }
  for (let at: usize = 0; at < <usize>length; at += 16) v128.store(to + at, v128.load(from + at))
}

/** Where the number of a row lies. */
// @ts-ignore: decorator
@inline
export function number(out: usize, row: i32): usize {
  return out + ((<usize>row) << 2)
}

/** May look at up to seven bytes behind both. */
export function sameBytes(a: usize, b: usize, length: u32): bool {
  let at: u32 = 0
  for (; at + 8 <= length; at += 8) if (load<u64>(a + at) != load<u64>(b + at)) return false
  if (at == length) return true
  const mask = (((<u64>1) << (<u64>(length - at) << 3)) - 1)
  return ((load<u64>(a + at) ^ load<u64>(b + at)) & mask) == 0
}
