import type { Value } from '../../engine/types/index.ts'

/**
 * What is thought of a column. `distinct` is the size of its domain: filters on other columns do not lower
 * it.
 */
export interface ColumnEstimate {
  readonly distinct: number | undefined
  /** Whether `distinct` was counted, not guessed from the range. */
  readonly isExact: boolean
  readonly min: number | undefined
  readonly max: number | undefined
  readonly nullFraction: number
}

/** What is thought of the rows of a plan. */
export interface Estimate {
  readonly rows: number
  /** Rows of the largest table below, before filters: how sure one may be that a key is unique. */
  readonly baseRows: number
  readonly columns: ReadonlyMap<number, ColumnEstimate>
  /** Whether a row count was known for every table below. */
  readonly isKnown: boolean
}

/** A value on the number line, for ranges; undefined if it has no place there. */
export function numberOf(value: Value | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'bigint') return Number(value)
  return typeof value === 'boolean' ? Number(value) : undefined
}
