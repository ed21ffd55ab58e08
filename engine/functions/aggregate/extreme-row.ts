import type { Vector } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import type { DataType } from '../../types/index.ts'
import type { Accumulator, AccumulatorContext } from '../aggregate-function.ts'
import { type ComparableColumn, comparable } from './comparable-column.ts'
import { type Choice, KeptRows } from './kept-rows.ts'

/** Which row of a group is kept. */
export interface ExtremeRule {
  /** The column that decides; rows that are NULL there do not count. */
  readonly by: number
  /** 1 keeps greater values, -1 lesser ones. */
  readonly direction: 1 | -1
  /** Of equal ones the last, not the first. */
  readonly takesLast: boolean
}

/**
 * The row of each group that is greatest or least by a column; its state is that row, its result the first
 * column.
 */
export class ExtremeRow implements Accumulator {
  readonly #width: number
  readonly #rule: ExtremeRule
  readonly #rows: KeptRows<ComparableColumn>

  /** Over columns of `types`. */
  constructor(types: readonly DataType[], rule: ExtremeRule, context: AccumulatorContext) {
    this.#width = types.length
    this.#rule = rule
    const keyOf = comparable(types[rule.by]!)
    this.#rows = new KeptRows(
      types,
      context.region,
      () => context.createRegion(),
      (columns) => keyOf(columns[rule.by]!),
    )
  }

  resize(groupCount: number): void {
    this.#rows.resize(groupCount)
  }

  update(args: readonly Vector[], groups: Int32Array, rowCount: number): void {
    this.#rows.keep(args, groups, rowCount, (choice) => chooseExtreme(choice, groups, rowCount, this.#rule))
  }

  merge(state: readonly Vector[], groups: Int32Array, rowCount: number): void {
    this.update(state, groups, rowCount)
  }

  state(from: number, count: number, region: Region): readonly Vector[] {
    return this.#rows.columns(this.#width, from, count, region)
  }

  finish(from: number, count: number, region: Region): Vector {
    return this.#rows.columns(1, from, count, region)[0]!
  }

  get heldBytes(): number {
    return this.#rows.heldBytes
  }

  free(): void {
    this.#rows.free()
  }
}

function chooseExtreme(
  { key, keys, batch, pieceOf, rowOf }: Choice<ComparableColumn>,
  groups: Int32Array,
  rowCount: number,
  { direction, takesLast }: ExtremeRule,
): void {
  for (let row = 0; row < rowCount; row++) {
    if (key.isNull(row)) continue
    const group = groups[row]!
    const piece = pieceOf[group]!
    if (piece !== 0) {
      const order = key.compare(row, keys[piece]!, rowOf[group]!) * direction
      if (order < 0 || (order === 0 && !takesLast)) continue
    }
    pieceOf[group] = batch
    rowOf[group] = row
  }
}
