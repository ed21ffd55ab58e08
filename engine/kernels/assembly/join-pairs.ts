// What a join makes of the first rows found (int32 a probe row, -1 = none; see join-table.ts): pairs of
// probe and build rows, positions of probe rows, marks of build rows.

/** The pairs where every key has one row; gives their number. */
export function joinPairsUnique(found: usize, length: i32, probeRows: usize, buildRows: usize): i32 {
  let count = 0
  for (let i = 0; i < length; i++) {
    const row = load<i32>(found + ((<usize>i) << 2))
    const at = (<usize>count) << 2
    store<i32>(probeRows + at, i)
    store<i32>(buildRows + at, row)
    count += i32(row >= 0)
  }
  return count
}

/**
 * The next pairs along the chains, at most `capacity`; gives their number. `cursor`: two int32, the probe row
 * to go on with, and the build row of its chain, or -1 for the first one.
 */
export function joinPairsChained(
  found: usize,
  length: i32,
  next: usize,
  cursor: usize,
  probeRows: usize,
  buildRows: usize,
  capacity: i32,
): i32 {
  let i = load<i32>(cursor)
  let row = load<i32>(cursor, 4)
  let count = 0
  while (i < length) {
    if (row < 0) row = load<i32>(found + ((<usize>i) << 2))
    while (row >= 0 && count < capacity) {
      const at = (<usize>count) << 2
      store<i32>(probeRows + at, i)
      store<i32>(buildRows + at, row)
      count++
      row = load<i32>(next + ((<usize>row) << 2)) - 1
    }
    if (row >= 0) break
    i++
  }
  store<i32>(cursor, i)
  store<i32>(cursor, row, 4)
  return count
}

/** A byte a probe row, 1 where a row was found. */
export function joinFlagFound(found: usize, length: i32, flags: usize): void {
  for (let i = 0; i < length; i++)
    store<u8>(flags + (<usize>i), <u8>(load<i32>(found + ((<usize>i) << 2)) >= 0))
}

/** Sets the flags of `rows[0 .. count)`. Other threads may set flags at the same time. */
export function joinMark(rows: usize, count: i32, flags: usize): void {
  for (let i = 0; i < count; i++) store<u8>(flags + (<usize>load<u32>(rows + ((<usize>i) << 2))), 1)
}

/** Sets the flags of all build rows on the chains found. A chain whose first row is flagged is done. */
export function joinMarkChains(found: usize, length: i32, next: usize, flags: usize): void {
  for (let i = 0; i < length; i++) {
    let row = load<i32>(found + ((<usize>i) << 2))
    if (row < 0 || load<u8>(flags + (<usize>row)) != 0) continue
    while (row >= 0) {
      store<u8>(flags + (<usize>row), 1)
      row = load<i32>(next + ((<usize>row) << 2)) - 1
    }
  }
}

/** Positions (int32) of the flags that are `wanted`; gives their number. */
export function joinRowsWhere(flags: usize, length: i32, wanted: i32, out: usize): i32 {
  let count = 0
  for (let i = 0; i < length; i++) {
    store<i32>(out + ((<usize>count) << 2), i)
    count += i32(<i32>load<u8>(flags + (<usize>i)) == wanted)
  }
  return count
}

/** rows[i] = rows[indices[i]] for rising indices. */
export function joinKeepRows(rows: usize, indices: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    const from = load<i32>(indices + ((<usize>i) << 2))
    store<i32>(rows + ((<usize>i) << 2), load<i32>(rows + ((<usize>from) << 2)))
  }
}
