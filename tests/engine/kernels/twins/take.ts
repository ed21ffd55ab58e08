/** Rows of plain values by index; -1 gives null. */
export function takeTwin<T>(values: readonly T[], indices: readonly number[]): (T | null)[] {
  return indices.map((index) => (index < 0 ? null : values[index]!))
}
