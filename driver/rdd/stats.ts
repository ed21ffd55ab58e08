/** What is known of some numbers. Variance and deviation are those of the whole population. */
export interface Stats {
  readonly count: number
  readonly sum: number
  /** NaN without numbers. */
  readonly mean: number
  readonly variance: number
  readonly stdev: number
  readonly min: number
  readonly max: number
}

type Part = readonly [count: number, mean: number, squares: number, min: number, max: number, sum: number]

/** The statistics of several partitions as one (Chan's method). */
export function statsOf(parts: Part[]): Stats {
  let [count, mean, squares, min, max, sum] = [0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  for (const [n, partMean, partSquares, partMin, partMax, partSum] of parts) {
    if (n === 0) continue
    const total = count + n
    const delta = partMean - mean
    mean += (delta * n) / total
    squares += partSquares + (delta * delta * count * n) / total
    count = total
    min = Math.min(min, partMin)
    max = Math.max(max, partMax)
    sum += partSum
  }
  const variance = count === 0 ? Number.NaN : squares / count
  return { count, sum, mean: count === 0 ? Number.NaN : mean, variance, stdev: Math.sqrt(variance), min, max }
}
