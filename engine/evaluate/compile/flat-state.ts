import type { Expr } from '../../expr/index.ts'

/**
 * One number that is kept for every group. `filter` (null: none) says which rows count.
 *
 * | kind     | of the rows that the filter takes                                  | words |
 * |----------|--------------------------------------------------------------------|-------|
 * | rows     | their number                                                       | 1     |
 * | nulls    | how many have NULL as `arg`                                        | 1     |
 * | sum      | the exact sum of `arg`, low word first; 3 words where `arg` is wide | 2 or 3 |
 * | total    | the sum of `arg` in 64 bits: counts that were made before          | 1     |
 * | float    | the sum of `arg` as a double                                       | 1     |
 * | least    | the least `arg`, as int64 or double                                | 1     |
 * | greatest | the greatest                                                       | 1     |
 *
 * NULLs add nothing, so that a sum of no value is 0, and `rows` less `nulls` tells how many values there
 * were.
 */
export interface FlatState {
  readonly kind: 'rows' | 'nulls' | 'sum' | 'total' | 'float' | 'least' | 'greatest'
  readonly arg: Expr | null
  readonly filter: Expr | null
  readonly words: 1 | 2 | 3
}

/** A state and its place among the words of a group. */
export interface PlacedState extends FlatState {
  readonly word: number
}
