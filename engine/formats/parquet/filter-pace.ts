import type { RowFilter } from '../../connect/index.ts'

/** Where at most one of so many rows is left, a filter looks at more rows in one go. */
const FEW = 16

/**
 * How many rows a filter looks at in one go. Where it leaves few, batches of the usual number of rows would
 * become tiny ones, and what each batch costs would weigh more than its rows.
 */
export class FilterPace {
  #tested = 0
  #left = 0

  /** The next number of rows: `usual`, or `most` where few rows were left so far. */
  rows(usual: number, most: number): number {
    return this.#tested < usual || this.#left * FEW > this.#tested ? usual : Math.max(usual, most)
  }

  /** Learns that of `tested` rows so many were left. */
  note(tested: number, left: number): void {
    this.#tested += tested
    this.#left += left
  }
}

const paces = new WeakMap<RowFilter, FilterPace>()

/** The pace of a filter, which it keeps from one row group to the next. */
export function paceOf(filter: RowFilter): FilterPace {
  let pace = paces.get(filter)
  if (pace === undefined) {
    pace = new FilterPace()
    paces.set(filter, pace)
  }
  return pace
}
