// Hashes of rows: 64 bits, mixed well in all of them. NULL has a hash of its own, -0.0 is 0.0, every NaN one
// NaN, and a 128-bit value that fits 64 bits hashes as if it had those. The first column of a row is written,
// further ones are combined with what is there.
import {
  BITS,
  FLOAT32,
  FLOAT64,
  INT16,
  INT32,
  INT64,
  INT8,
  bitsOf,
  hashOfBytes,
  isNull,
  mix64,
} from './key-bits'

// @ts-ignore: decorator
@inline
function put(out: usize, hash: u64, combine: i32): void {
  if (combine) hash = mix64(rotl<u64>(load<u64>(out), 29) * 0x9e3779b97f4a7c15 + hash)
  store<u64>(out, hash)
}

// @ts-ignore: decorator
@inline
const NULL_HASH: u64 = 0x2545f4914f6cdd1d

// @ts-ignore: decorator
@inline
function hashForm(form: i32, values: usize, validity: usize, count: i32, out: usize, combine: i32): void {
  for (let i = 0; i < count; i++) {
    const hash = isNull(validity, i) ? NULL_HASH : mix64(bitsOf(form, values, <usize>i))
    put(out + ((<usize>i) << 3), hash, combine)
  }
}

/** Hashes of fixed-width values; `form` as in the list above. */
export function hashFixed(
  form: i32,
  values: usize,
  validity: usize,
  count: i32,
  out: usize,
  combine: i32,
): void {
  // One loop a form: the form is a constant within each.
  if (form == BITS) hashForm(BITS, values, validity, count, out, combine)
  else if (form == INT8) hashForm(INT8, values, validity, count, out, combine)
  else if (form == INT16) hashForm(INT16, values, validity, count, out, combine)
  else if (form == INT32) hashForm(INT32, values, validity, count, out, combine)
  else if (form == INT64) hashForm(INT64, values, validity, count, out, combine)
  else if (form == FLOAT32) hashForm(FLOAT32, values, validity, count, out, combine)
  else if (form == FLOAT64) hashForm(FLOAT64, values, validity, count, out, combine)
  else hash128(values, validity, count, out, combine)
}

// @ts-ignore: decorator
@inline
function hash128(values: usize, validity: usize, count: i32, out: usize, combine: i32): void {
  for (let i = 0; i < count; i++) {
    const low = load<u64>(values + ((<usize>i) << 4))
    const high = load<u64>(values + ((<usize>i) << 4), 8)
    let hash = mix64(low)
    if (high != <u64>(<i64>low >> 63)) hash = mix64(hash + high)
    put(out + ((<usize>i) << 3), isNull(validity, i) ? NULL_HASH : hash, combine)
  }
}

/** Hashes of strings. `codes` 0: row i is string i; else string codes[i]. */
export function hashStrings(
  offsets: usize,
  bytes: usize,
  codes: usize,
  validity: usize,
  count: i32,
  out: usize,
  combine: i32,
): void {
  for (let i = 0; i < count; i++) {
    let hash = NULL_HASH
    if (!isNull(validity, i)) {
      const row = codes == 0 ? <usize>i : <usize>load<u32>(codes + ((<usize>i) << 2))
      const start = load<i32>(offsets + (row << 2))
      hash = hashOfBytes(bytes + <usize>start, load<i32>(offsets + (row << 2), 4) - start)
    }
    put(out + ((<usize>i) << 3), hash, combine)
  }
}

/** Hashes of dictionary rows by those of their entries. */
export function hashCodes(
  codes: usize,
  entries: usize,
  validity: usize,
  count: i32,
  out: usize,
  combine: i32,
): void {
  for (let i = 0; i < count; i++) {
    const code = <usize>load<u32>(codes + ((<usize>i) << 2))
    const hash = isNull(validity, i) ? NULL_HASH : load<u64>(entries + (code << 3))
    put(out + ((<usize>i) << 3), hash, combine)
  }
}

/** Hashes of lists: of the length, and of the elements one after the other. */
export function hashLists(
  offsets: usize,
  elements: usize,
  validity: usize,
  count: i32,
  out: usize,
  combine: i32,
): void {
  for (let i = 0; i < count; i++) {
    const start = load<i32>(offsets + ((<usize>i) << 2))
    const end = load<i32>(offsets + ((<usize>i) << 2), 4)
    let hash = mix64(<u64>(end - start))
    for (let at = start; at < end; at++)
      hash = mix64(rotl<u64>(hash, 29) * 0x9e3779b97f4a7c15 + load<u64>(elements + ((<usize>at) << 3)))
    put(out + ((<usize>i) << 3), isNull(validity, i) ? NULL_HASH : hash, combine)
  }
}

/** Combines hashes of rows that may be NULL, such as those of structs, with those that are there. */
export function hashHashes(hashes: usize, validity: usize, count: i32, out: usize, combine: i32): void {
  for (let i = 0; i < count; i++) {
    const hash = isNull(validity, i) ? NULL_HASH : load<u64>(hashes + ((<usize>i) << 3))
    put(out + ((<usize>i) << 3), hash, combine)
  }
}

/** The upper halves of 64-bit hashes. */
export function upperHalves(hashes: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i++)
    store<u32>(out + ((<usize>i) << 2), load<u32>(hashes + ((<usize>i) << 3), 4))
}
