// Sorting of rows by key words. A row has an id, `piece << 16 | row`; `tables` holds two addresses a piece:
// its key words (uint64, most significant first, a row's words together) and, where rows have different
// numbers of words (`width` 0), the word at which each row starts (uint32). Rows order as their words do.
// Keys of different lengths are never one the beginning of the other.
import { hasWord, wordOf } from './key-words'

// Fewer rows than this are sorted by insertion.
const SMALL_ROWS = 24

// A bucket within so many others is sorted by merging: only contrived keys come so far.
const MAX_LEVEL = 24

// Digits have at most 10 bits: one counter of 4 bytes each, one table a level.
const LEVEL_BYTES = 4096

// Fields of the block of addresses that all functions share.
const TABLES = 0
const WIDTH = 4
const COUNTS = 8

/** Bytes of scratch that `sortRowIds` needs beside the arrays. */
export function sortScratchBytes(): i32 {
  return MAX_LEVEL * LEVEL_BYTES + 64
}

/**
 * Sorts `count` row ids (uint32), stable. `keys` and `keys2` hold a uint64 a row, `ids2` a uint32: scratch,
 * as is `scratch`. The sorted ids are in `ids`.
 */
export function sortRowIds(
  ids: usize,
  count: i32,
  tables: usize,
  width: i32,
  keys: usize,
  keys2: usize,
  ids2: usize,
  scratch: usize,
): void {
  store<u32>(scratch, <u32>tables, TABLES)
  store<i32>(scratch, width, WIDTH)
  store<u32>(scratch, <u32>scratch + 64, COUNTS)
  loadWords(keys, ids, count, 0, scratch)
  if (!isSorted(keys, ids, count, scratch)) sortBlock(keys, ids, keys2, ids2, count, true, 0, 0, scratch)
}

/** Word `depth` of each row. */
function loadWords(keys: usize, ids: usize, count: i32, depth: i32, shared: usize): void {
  const tables = <usize>load<u32>(shared, TABLES)
  const width = load<i32>(shared, WIDTH)
  for (let i: usize = 0; i < <usize>count; i++) {
    const id = load<u32>(ids + (i << 2))
    store<u64>(keys + (i << 3), hasWord(tables, width, id, depth) ? wordOf(tables, width, id, depth) : 0)
  }
}

/** Whether row a comes before row b; both agree in the words before `depth`. */
// @ts-ignore: decorator
@inline
function isBefore(keyA: u64, a: u32, keyB: u64, b: u32, depth: i32, shared: usize): bool {
  return keyA < keyB || (keyA == keyB && isBeforeDeep(a, b, depth + 1, shared))
}

function isBeforeDeep(a: u32, b: u32, from: i32, shared: usize): bool {
  const tables = <usize>load<u32>(shared, TABLES)
  const width = load<i32>(shared, WIDTH)
  for (let depth = from; hasWord(tables, width, a, depth) && hasWord(tables, width, b, depth); depth++) {
    const x = wordOf(tables, width, a, depth)
    const y = wordOf(tables, width, b, depth)
    if (x != y) return x < y
  }
  return false
}

function isSorted(keys: usize, ids: usize, count: i32, shared: usize): bool {
  for (let i: usize = 1; i < <usize>count; i++) {
    const at = keys + (i << 3)
    const key = load<u64>(at)
    const before = load<u64>(at - 8)
    if (key > before) continue
    if (key < before) return false
    const id = ids + (i << 2)
    if (isBeforeDeep(load<u32>(id), load<u32>(id - 4), 1, shared)) return false
  }
  return true
}

/**
 * A radix sort from the most significant digit down, out of place: rows lie in (k, i), and end there if
 * `stays`, else in (k2, i2). Rows agree in the words before `depth`; `k` holds word `depth` of each.
 */
function sortBlock(
  k: usize,
  i: usize,
  k2: usize,
  i2: usize,
  count: i32,
  stays: bool,
  depth: i32,
  level: i32,
  shared: usize,
): void {
  let varying: u64 = 0
  for (;;) {
    if (count <= SMALL_ROWS) {
      insertionSort(k, i, count, depth, shared)
      if (!stays) memory.copy(i2, i, (<usize>count) << 2)
      return
    }
    const first = load<u64>(k)
    for (let j: usize = 1; j < <usize>count; j++) varying |= load<u64>(k + (j << 3)) ^ first
    if (varying != 0) break
    depth++
    if (!hasWord(<usize>load<u32>(shared, TABLES), load<i32>(shared, WIDTH), load<u32>(i), depth)) {
      if (!stays) memory.copy(i2, i, (<usize>count) << 2)
      return
    }
    loadWords(k, i, count, depth, shared)
  }
  if (level == MAX_LEVEL) {
    mergeSort(k, i, k2, i2, count, depth, shared)
    if (!stays) memory.copy(i2, i, (<usize>count) << 2)
    return
  }
  const bits = digitBits(count)
  const top = 64 - <i32>clz<u64>(varying)
  const shift: u64 = <u64>max(0, top - bits)
  const counts = <usize>load<u32>(shared, COUNTS) + <usize>level * LEVEL_BYTES
  scatter(k, i, k2, i2, count, shift, bits, counts)
  let start: u32 = 0
  for (let digit = 0; digit < 1 << bits; digit++) {
    const end = load<u32>(counts + ((<usize>digit) << 2))
    const from = <usize>start
    if (end != start)
      sortBlock(
        k2 + (from << 3),
        i2 + (from << 2),
        k + (from << 3),
        i + (from << 2),
        end - start,
        !stays,
        depth,
        level + 1,
        shared,
      )
    start = end
  }
}

/** Many rows go to few buckets, which the cache can hold open; few rows to about one bucket each eight. */
function digitBits(count: i32): i32 {
  if (count > 1 << 16) return 8
  return max(2, min(10, 29 - <i32>clz<i32>(count)))
}

/** Moves rows to the bucket of their digit, in order; `counts` then holds where each bucket ends. */
function scatter(
  k: usize,
  i: usize,
  k2: usize,
  i2: usize,
  count: i32,
  shift: u64,
  bits: i32,
  counts: usize,
): void {
  const mask = (<u64>1 << <u64>bits) - 1
  memory.fill(counts, 0, 4 << bits)
  for (let j: usize = 0; j < <usize>count; j++) {
    const digit = <usize>((load<u64>(k + (j << 3)) >> shift) & mask)
    const at = counts + (digit << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
  let next: u32 = 0
  for (let digit: usize = 0; digit < <usize>1 << bits; digit++) {
    const at = counts + (digit << 2)
    const size = load<u32>(at)
    store<u32>(at, next)
    next += size
  }
  for (let j: usize = 0; j < <usize>count; j++) {
    const key = load<u64>(k + (j << 3))
    const at = counts + ((<usize>((key >> shift) & mask)) << 2)
    const to = <usize>load<u32>(at)
    store<u32>(at, <u32>to + 1)
    store<u64>(k2 + (to << 3), key)
    store<u32>(i2 + (to << 2), load<u32>(i + (j << 2)))
  }
}

function insertionSort(k: usize, i: usize, count: i32, depth: i32, shared: usize): void {
  for (let j = 1; j < count; j++) {
    const key = load<u64>(k + ((<usize>j) << 3))
    const id = load<u32>(i + ((<usize>j) << 2))
    let to = <usize>j
    while (to > 0) {
      const before = load<u64>(k + ((to - 1) << 3))
      const beforeId = load<u32>(i + ((to - 1) << 2))
      if (!isBefore(key, id, before, beforeId, depth, shared)) break
      store<u64>(k + (to << 3), before)
      store<u32>(i + (to << 2), beforeId)
      to--
    }
    store<u64>(k + (to << 3), key)
    store<u32>(i + (to << 2), id)
  }
}

/** Bottom up, between the two pairs of arrays; ends in (k, i). */
function mergeSort(k: usize, i: usize, k2: usize, i2: usize, count: i32, depth: i32, shared: usize): void {
  for (let size = 1; size < count; size <<= 1) {
    for (let from = 0; from < count; from += size << 1)
      mergeRuns(k, i, k2, i2, from, min(count, from + size), min(count, from + (size << 1)), depth, shared)
    memory.copy(k, k2, (<usize>count) << 3)
    memory.copy(i, i2, (<usize>count) << 2)
  }
}

function mergeRuns(
  k: usize,
  i: usize,
  k2: usize,
  i2: usize,
  from: i32,
  middle: i32,
  end: i32,
  depth: i32,
  shared: usize,
): void {
  let left = <usize>from
  let right = <usize>middle
  for (let to = <usize>from; to < <usize>end; to++) {
    const takesRight =
      left == <usize>middle ||
      (right < <usize>end &&
        isBefore(
          load<u64>(k + (right << 3)),
          load<u32>(i + (right << 2)),
          load<u64>(k + (left << 3)),
          load<u32>(i + (left << 2)),
          depth,
          shared,
        ))
    const source = takesRight ? right++ : left++
    store<u64>(k2 + (to << 3), load<u64>(k + (source << 3)))
    store<u32>(i2 + (to << 2), load<u32>(i + (source << 2)))
  }
}
