/** The number of each key in order of arrival; those of `masked` rows stay. */
export function numbersTwin(
  known: Map<bigint, number>,
  keys: readonly bigint[],
  masked: readonly boolean[],
): number[] {
  return keys.map((key, row) => {
    if (masked[row]) return -1
    const number = known.get(key) ?? known.size
    known.set(key, number)
    return number
  })
}
