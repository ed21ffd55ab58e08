// Comparisons of rows by their key words; see row-sort.ts for ids and tables.
import { hasWord, wordOf } from './key-words'

/** For each row of piece 0 the byte 1 if its key differs from that of the row before it, else 0; first: 1. */
export function markKeyChanges(tables: usize, width: i32, rows: i32, out: usize): void {
  if (rows > 0) store<u8>(out, 1)
  for (let row = 1; row < rows; row++)
    store<u8>(out + row, compareRowIds(tables, row - 1, tables, row, width) == 0 ? 0 : 1)
}

/**
 * Negative, zero or positive as the first row comes before, with or after the second one; each by its own
 * tables.
 */
export function compareRowIds(tablesA: usize, a: u32, tablesB: usize, b: u32, width: i32): i32 {
  let depth = 0
  let hasA = hasWord(tablesA, width, a, depth)
  let hasB = hasWord(tablesB, width, b, depth)
  while (hasA && hasB) {
    const x = wordOf(tablesA, width, a, depth)
    const y = wordOf(tablesB, width, b, depth)
    if (x != y) return x < y ? -1 : 1
    depth++
    hasA = hasWord(tablesA, width, a, depth)
    hasB = hasWord(tablesB, width, b, depth)
  }
  return <i32>hasA - <i32>hasB
}

/**
 * Rows of piece 0 of `tables`, among the first `rows`, that come before row `upper` of `boundTables` and not
 * before row `lower` (-1: no bound): their numbers go to `out` (int32), in order; gives how many.
 */
export function rowsWithin(
  tables: usize,
  rows: i32,
  boundTables: usize,
  lower: i32,
  upper: i32,
  width: i32,
  out: usize,
): i32 {
  let count = 0
  const least: u64 = lower < 0 ? 0 : wordOf(boundTables, width, lower, 0)
  const end: u64 = upper < 0 ? ~(<u64>0) : wordOf(boundTables, width, upper, 0)
  for (let row = 0; row < rows; row++) {
    const word = wordOf(tables, width, row, 0)
    let keeps = word >= least && word <= end
    if (word == least && lower >= 0)
      keeps = keeps && compareRowIds(tables, row, boundTables, lower, width) >= 0
    if (word == end && upper >= 0)
      keeps = keeps && compareRowIds(tables, row, boundTables, upper, width) < 0
    store<i32>(out + ((<usize>count) << 2), row)
    count += keeps ? 1 : 0
  }
  return count
}
