// Filters that the build side of a join sends to the scan of the other side. `spec`: two i64, the least key
// and the size of the range; outside of it no key passes. Within, either one bit a key of the range tells
// (`bits`), or a blocked bloom filter of `words` 64-bit words with four bits of one word a key, or all pass.

// @ts-ignore: decorators are AssemblyScript's
@inline
function isValid(validity: usize, row: i32): bool {
  return validity == 0 || ((load<u8>(validity + (<usize>(row >> 3))) >> (<u8>(row & 7))) & 1) != 0
}

// @ts-ignore
@inline
function hash(key: i64): u64 {
  let hash = <u64>key
  hash = (hash ^ (hash >> 32)) * 0xff51afd7ed558ccd
  hash = (hash ^ (hash >> 32)) * 0xc4ceb9fe1a85ec53
  return hash ^ (hash >> 32)
}

// @ts-ignore
@inline
function wordOf(bloom: usize, hash: u64, words: u32): usize {
  return bloom + ((<usize>(((hash >> 32) * <u64>words) >> 32)) << 3)
}

// @ts-ignore
@inline
function maskOf(hash: u64): u64 {
  const one: u64 = 1
  return (
    (one << (hash & 63)) |
    (one << ((hash >> 6) & 63)) |
    (one << ((hash >> 12) & 63)) |
    (one << ((hash >> 18) & 63))
  )
}

function insertBits<K>(keys: usize, validity: usize, length: i32, spec: usize, bits: usize): void {
  const least = load<i64>(spec)
  for (let i = 0; i < length; i++) {
    if (!isValid(validity, i)) continue
    const place = <i64>load<K>(keys + (<usize>i) * sizeof<K>()) - least
    const at = bits + (<usize>(place >> 3))
    store<u8>(at, load<u8>(at) | (<u8>1 << (<u8>(place & 7))))
  }
}

export function joinFilterBits8(keys: usize, validity: usize, length: i32, spec: usize, bits: usize): void {
  insertBits<i8>(keys, validity, length, spec, bits)
}
export function joinFilterBits16(keys: usize, validity: usize, length: i32, spec: usize, bits: usize): void {
  insertBits<i16>(keys, validity, length, spec, bits)
}
export function joinFilterBits32(keys: usize, validity: usize, length: i32, spec: usize, bits: usize): void {
  insertBits<i32>(keys, validity, length, spec, bits)
}
export function joinFilterBits64(keys: usize, validity: usize, length: i32, spec: usize, bits: usize): void {
  insertBits<i64>(keys, validity, length, spec, bits)
}

function insertBloom<K>(keys: usize, validity: usize, length: i32, bloom: usize, words: u32): void {
  for (let i = 0; i < length; i++) {
    if (!isValid(validity, i)) continue
    const hashed = hash(<i64>load<K>(keys + (<usize>i) * sizeof<K>()))
    const word = wordOf(bloom, hashed, words)
    store<u64>(word, load<u64>(word) | maskOf(hashed))
  }
}

export function joinFilterBloom32(keys: usize, validity: usize, length: i32, bloom: usize, words: u32): void {
  insertBloom<i32>(keys, validity, length, bloom, words)
}
export function joinFilterBloom64(keys: usize, validity: usize, length: i32, bloom: usize, words: u32): void {
  insertBloom<i64>(keys, validity, length, bloom, words)
}

/** `test` with bits and without NULLs, without a branch to be guessed wrong. `hasRows` is a constant. */
// @ts-ignore: decorator
@inline
function testBits<K>(
  keys: usize,
  hasRows: bool,
  rows: usize,
  count: i32,
  least: i64,
  size: i64,
  bits: usize,
  out: usize,
): i32 {
  let to = out
  for (let i = 0; i < count; i++) {
    const row = hasRows ? load<i32>(rows + ((<usize>i) << 2)) : i
    const place = <u64>(<i64>load<K>(keys + (<usize>row) * sizeof<K>()) - least)
    const isWithin = <u64>(place < <u64>size)
    // Key 0 of the range stands in for one outside of it.
    const at = place & (0 - isWithin)
    store<i32>(to, row)
    to += <usize>((<u64>load<u8>(bits + <usize>(at >> 3)) >> (at & 7)) & isWithin) << 2
  }
  return <i32>((to - out) >> 2)
}

/**
 * Writes the rows that pass to `out` (int32) in order; gives their number. `rows` 0: all of [0, count), else
 * those, and `out` may be the same. `words` 0: `set` has bits (or is 0: all in the range pass).
 */
function test<K>(
  keys: usize,
  validity: usize,
  rows: usize,
  count: i32,
  spec: usize,
  set: usize,
  words: u32,
  out: usize,
): i32 {
  const least = load<i64>(spec)
  const size = load<i64>(spec, 8)
  if (validity == 0 && set != 0 && words == 0) {
    if (rows == 0) return testBits<K>(keys, false, rows, count, least, size, set, out)
    return testBits<K>(keys, true, rows, count, least, size, set, out)
  }
  let kept = 0
  for (let i = 0; i < count; i++) {
    const row = rows == 0 ? i : load<i32>(rows + ((<usize>i) << 2))
    const key = <i64>load<K>(keys + (<usize>row) * sizeof<K>())
    const place = <u64>(key - least)
    let passes = place < <u64>size && isValid(validity, row)
    if (passes && set != 0) {
      if (words == 0) passes = ((load<u8>(set + (<usize>(place >> 3))) >> (<u8>(place & 7))) & 1) != 0
      else {
        const hashed = hash(key)
        const mask = maskOf(hashed)
        passes = (load<u64>(wordOf(set, hashed, words)) & mask) == mask
      }
    }
    store<i32>(out + ((<usize>kept) << 2), row)
    kept += i32(passes)
  }
  return kept
}

export function joinFilterTest8(
  keys: usize, validity: usize, rows: usize, count: i32, spec: usize, set: usize, words: u32, out: usize,
): i32 {
  return test<i8>(keys, validity, rows, count, spec, set, words, out)
}
export function joinFilterTest16(
  keys: usize, validity: usize, rows: usize, count: i32, spec: usize, set: usize, words: u32, out: usize,
): i32 {
  return test<i16>(keys, validity, rows, count, spec, set, words, out)
}
export function joinFilterTest32(
  keys: usize, validity: usize, rows: usize, count: i32, spec: usize, set: usize, words: u32, out: usize,
): i32 {
  return test<i32>(keys, validity, rows, count, spec, set, words, out)
}
export function joinFilterTest64(
  keys: usize, validity: usize, rows: usize, count: i32, spec: usize, set: usize, words: u32, out: usize,
): i32 {
  return test<i64>(keys, validity, rows, count, spec, set, words, out)
}
