/**
 * Rows to be added: rows `selection` of the batch (null: all), row i of them to group `groups[i]` (null: 0).
 */
export interface AddedRows {
  readonly selection: Int32Array | null
  readonly count: number
  readonly groups: Int32Array | null
}

/** Where states are: of how many groups, and the offset in bytes and number of words of each exact sum. */
export interface StateTarget {
  readonly address: number
  readonly groupCount: number
  readonly sums: Int32Array
}

/**
 * Groups of rows whose keys are entries of small dictionaries: for every combination of codes there is a
 * cell with the number of its group, or a negative one for those that have not come.
 *
 * ```
 * cell of a row = sum over its keys of code × step, or of the key's cell of NULL
 * ```
 */
export interface CodedGroups {
  /** For each key whether it has NULLs. */
  readonly keys: readonly boolean[]
  /** For each key the addresses of codes and validity, its step and its cell of NULL. */
  readonly slots: readonly number[]
  readonly cells: Int32Array
  /**
   * Gives groups to the rows from `row` on that are to be added and have none. Whether row `row` is one of
   * them: states may be elsewhere then.
   */
  meet(row: number): boolean
}
