import type { Region } from '../memory/index.ts'

const DIGIT_BITS = 11
const DIGITS = 1 << DIGIT_BITS

/** Below this many rows comparisons beat counting. */
const SMALL_ROWS = 512

/**
 * The rows 0 .. rowCount in the order of their words (most significant word first, unsigned); stable. A
 * radix sort from the least significant digit up, which skips digits that all rows share.
 */
export function sortIndices(words: readonly Uint32Array[], rowCount: number, region: Region): Int32Array {
  let from = region.int32(rowCount)
  for (let i = 0; i < rowCount; i++) from[i] = i
  if (rowCount < SMALL_ROWS) return from.sort((a, b) => compareWords(words, a, b) || a - b)
  let to = region.int32(rowCount)
  const counts = new Int32Array(DIGITS)
  for (let index = words.length - 1; index >= 0; index--) {
    const word = words[index]!
    const varying = varyingBits(word, rowCount)
    for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
      if (((varying >>> shift) & (DIGITS - 1)) === 0) continue
      sortByDigit(word, shift, from, to, rowCount, counts)
      const swap = from
      from = to
      to = swap
    }
  }
  return from
}

/** Negative, zero or positive as row a comes before, with or after row b. */
function compareWords(words: readonly Uint32Array[], a: number, b: number): number {
  for (let i = 0; i < words.length; i++) {
    const difference = words[i]![a]! - words[i]![b]!
    if (difference !== 0) return difference
  }
  return 0
}

function varyingBits(word: Uint32Array, rowCount: number): number {
  const first = word[0]!
  let bits = 0
  for (let i = 1; i < rowCount; i++) bits |= word[i]! ^ first
  return bits
}

function sortByDigit(
  word: Uint32Array,
  shift: number,
  from: Int32Array,
  to: Int32Array,
  rowCount: number,
  counts: Int32Array,
): void {
  counts.fill(0)
  for (let i = 0; i < rowCount; i++) counts[(word[i]! >>> shift) & (DIGITS - 1)]!++
  let next = 0
  for (let digit = 0; digit < DIGITS; digit++) {
    const count = counts[digit]!
    counts[digit] = next
    next += count
  }
  for (let i = 0; i < rowCount; i++) {
    const row = from[i]!
    to[counts[(word[row]! >>> shift) & (DIGITS - 1)]!++] = row
  }
}
