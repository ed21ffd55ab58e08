/** States as the words of each group, as BigInts. */
export type Words = readonly (readonly bigint[])[]

/** Plus less minus; -1: no minus. */
export function countsTwin(words: Words, plus: number, minus: number): bigint[] {
  return words.map((group) => group[plus]! - (minus < 0 ? 0n : group[minus]!))
}

/** The sum that begins at a word, of 2 or 3 words. */
export function sumsTwin(words: Words, at: number, length: number): bigint[] {
  return words.map((group) =>
    group.slice(at, at + length).reduceRight((sum, word, index) => {
      return index === length - 1 ? word : (sum << 64n) | BigInt.asUintN(64, word)
    }, 0n),
  )
}

/** Sums times a factor by counts, rounded half away from zero; 0 for a count of 0. */
export function meansTwin(sums: readonly bigint[], counts: readonly bigint[], factor: bigint): bigint[] {
  return sums.map((sum, index) => {
    const count = counts[index]!
    if (count === 0n) return 0n
    const size = (sum < 0n ? -sum : sum) * factor
    const rounded = (2n * size + count) / (2n * count)
    return sum < 0n ? -rounded : rounded
  })
}
