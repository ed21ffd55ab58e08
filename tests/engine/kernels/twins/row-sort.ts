/** The numbers 0 … n - 1 in the order of their keys, compared word by word; the shorter key first. */
export function sortRowsTwin(keys: readonly (readonly bigint[])[]): number[] {
  return keys.map((_, row) => row).sort((a, b) => compareKeysTwin(keys[a]!, keys[b]!) || a - b)
}

/** Negative, zero or positive as key a comes before, with or after key b. */
export function compareKeysTwin(a: readonly bigint[], b: readonly bigint[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1
  return a.length - b.length
}
