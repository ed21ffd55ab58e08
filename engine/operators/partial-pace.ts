/** So many groups are found in the processor's cache: no need to hurry. */
const FEW_GROUPS = 1 << 14

/**
 * A second batch that brings so large a part of the new keys of the first one tells that keys hardly come
 * again: of many million rows of 400,000 keys a batch of 64 k would bring 0.85.
 */
const SAME_PACE = 0.85

/** Neighbours may make so many times more groups than a table of the batch would. */
const MORE_RUNS = 1.3

/** Fewer groups a row than this are worth a table for each batch. */
const WORTH_A_TABLE = 0.5

/** Watches how many new groups each batch brings, and tells whether it is worth holding them. */
export class PartialPace {
  #first = 0
  #isPassing = false

  /** Whether keys do not come again in later batches. */
  get isPassing(): boolean {
    return this.#isPassing
  }

  /** A batch of `rowCount` rows brought `newCount` groups; now there are `groupCount`. */
  saw(rowCount: number, newCount: number, groupCount: number): void {
    if (rowCount === 0) return
    const pace = newCount / rowCount
    if (newCount === groupCount) this.#first = pace
    else if (groupCount >= FEW_GROUPS && pace >= SAME_PACE * this.#first) this.#isPassing = true
  }

  /** Whether runs are few enough to be groups. */
  areFew(runCount: number, rowCount: number): boolean {
    return this.#first >= WORTH_A_TABLE || runCount <= MORE_RUNS * this.#first * rowCount
  }
}
