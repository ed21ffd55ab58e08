/** Values by group, each in order. */
export function byGroupTwin(
  values: readonly number[],
  groupOf: readonly number[],
  groups: number,
): number[][] {
  const parts = Array.from({ length: groups }, (): number[] => [])
  for (const [row, group] of groupOf.entries()) parts[group]!.push(values[row]!)
  return parts
}

/** The value at a share of values in order. */
export function atShareTwin(sorted: readonly number[], share: number, reaches: boolean): number {
  if (reaches) return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!
  const position = share * (sorted.length - 1)
  const below = Math.floor(position)
  const [low, high] = [sorted[below]!, sorted[Math.ceil(position)]!]
  return below === position || low === high ? low : (below + 1 - position) * low + (position - below) * high
}

/** Numbers in order, NaN last. */
export function sortedTwin(values: readonly number[]): number[] {
  const numbers = values.filter((value) => !Number.isNaN(value))
  const rest = values.filter(Number.isNaN)
  return [...numbers.sort((a, b) => a - b), ...rest]
}
