// Byte strings: offsets (int32) and bytes.

// @ts-ignore: decorator
@inline
function copyShort(from: usize, to: usize, length: u32): void {
  v128.store(to, v128.load(from))
  for (let done: u32 = 16; done < length; done += 16) v128.store(to + done, v128.load(from + done))
}

/**
 * PLAIN byte arrays, each behind its length in four bytes: copies `count` of those in [at, end) behind the
 * string that ends at `offsets[0]`, and writes their ends to `offsets[1 ..]`. Gives the address behind the
 * last, or 0 if they do not fit into [at, end). Reads and writes up to 16 bytes behind the ends.
 */
export function plainStrings(at: usize, end: usize, count: i32, offsets: usize, bytes: usize): usize {
  let from = at
  let used = load<i32>(offsets)
  let to = offsets + 4
  for (let i = 0; i < count; i++) {
    if (<u32>(end - from) < 4) return 0
    const length = load<u32>(from)
    from += 4
    if (length > <u32>(end - from)) return 0
    copyShort(from, bytes + used, length)
    from += length
    used += length
    store<i32>(to, used)
    to += 4
  }
  return from
}

/** Passes over `count` PLAIN byte arrays in [at, end); gives the address behind them, or 0. */
export function skipPlainStrings(at: usize, end: usize, count: i32): usize {
  let from = at
  for (let i = 0; i < count; i++) {
    if (<u32>(end - from) < 4) return 0
    const length = load<u32>(from)
    from += 4
    if (length > <u32>(end - from)) return 0
    from += length
  }
  return from
}

/**
 * As `plainStrings`, for some of the next `count`: number i of them is row `base + i`, and
 * `rows[0 .. rowCount)` are rows in ascending order.
 */
export function plainStringsAt(
  at: usize,
  end: usize,
  base: i32,
  count: i32,
  rows: usize,
  rowCount: i32,
  offsets: usize,
  bytes: usize,
): usize {
  let from = at
  let used = load<i32>(offsets)
  let to = offsets + 4
  let next = rows
  const rowsEnd = rows + ((<usize>rowCount) << 2)
  let wanted = rowCount > 0 ? load<i32>(next) - base : -1
  for (let i = 0; i < count; i++) {
    if (<u32>(end - from) < 4) return 0
    const length = load<u32>(from)
    from += 4
    if (length > <u32>(end - from)) return 0
    if (i == wanted) {
      copyShort(from, bytes + used, length)
      used += length
      store<i32>(to, used)
      to += 4
      next += 4
      wanted = next < rowsEnd ? load<i32>(next) - base : -1
    }
    from += length
  }
  return from
}

/** Bytes of the entries that `count` codes name. */
export function entriesBytes(codes: usize, count: i32, offsets: usize): f64 {
  let sum: i64 = 0
  for (let i = 0; i < count; i++) {
    const entry = offsets + (load<usize>(codes + ((<usize>i) << 2)) << 2)
    sum += <i64>(load<i32>(entry, 4) - load<i32>(entry))
  }
  return <f64>sum
}

/** Copies the entries that codes name behind the string that ends at `outOffsets[0]`; see `plainStrings`. */
export function copyEntries(
  codes: usize,
  count: i32,
  offsets: usize,
  bytes: usize,
  outOffsets: usize,
  outBytes: usize,
): void {
  let used = load<i32>(outOffsets)
  let to = outOffsets + 4
  for (let i = 0; i < count; i++) {
    const entry = offsets + (load<usize>(codes + ((<usize>i) << 2)) << 2)
    const start = load<i32>(entry)
    const length = load<i32>(entry, 4) - start
    copyShort(bytes + start, outBytes + used, length)
    used += length
    store<i32>(to, used)
    to += 4
  }
}
