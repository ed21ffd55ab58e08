import { fixedVector, getBit, setBit, type Vector, valueReader } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { types } from '../../types/index.ts'
import type { Accumulator, AccumulatorContext, AggregateFunction } from '../aggregate-function.ts'
import { any, boolean, signature } from '../signature.ts'
import { KeptRows } from './kept-rows.ts'

/** The first value in the order of rows; with a second argument TRUE, the first that is not NULL. */
export const first: AggregateFunction = edge('first', ['first_value'], 'first', 'first')

/** The last value in the order of rows; with a second argument TRUE, the last that is not NULL. */
export const last: AggregateFunction = edge('last', ['last_value'], 'last', 'last')

/** Some value of the group; with a second argument TRUE, one that is not NULL. */
export const anyValue: AggregateFunction = edge('any_value', [], 'some', 'first')

function edge(
  name: string,
  aliases: readonly string[],
  word: string,
  side: 'first' | 'last',
): AggregateFunction {
  const resolve = signature(name, [any, boolean], ([type]) => type!, { min: 1 })
  return {
    name,
    aliases,
    usage: `${name}(expr[, ignoreNulls]) - the ${word} value of expr in the group`,
    resolve(args, literals) {
      const { args: cast, returns } = resolve(args, literals)
      return { args: cast, returns, state: [returns, types.boolean] }
    },
    accumulator: (context) => new EdgeRow(side, context),
  }
}

/**
 * The first or last value of each group; its state is that value, and whether there is one: it may be NULL.
 */
class EdgeRow implements Accumulator {
  readonly #side: 'first' | 'last'
  readonly #rows: KeptRows<null>

  constructor(side: 'first' | 'last', context: AccumulatorContext) {
    this.#side = side
    const { region, signature } = context
    this.#rows = new KeptRows(
      [signature.returns],
      region,
      () => context.createRegion(),
      () => null,
    )
  }

  resize(groupCount: number): void {
    this.#rows.resize(groupCount)
  }

  update([value, ignoreNulls]: readonly Vector[], groups: Int32Array, rowCount: number): void {
    const ignores = ignoreNulls === undefined ? null : valueReader(ignoreNulls)
    const { validity, encoding } = value!
    const isNull = (row: number): boolean =>
      encoding === 'null' || (validity !== null && !getBit(validity, row))
    this.#keep(value!, groups, rowCount, (row) => ignores?.(row) !== true || !isNull(row))
  }

  merge([value, isMet]: readonly Vector[], groups: Int32Array, rowCount: number): void {
    const met = valueReader(isMet!)
    this.#keep(value!, groups, rowCount, (row) => met(row) === true)
  }

  state(from: number, count: number, region: Region): readonly Vector[] {
    const bits = region.bitmap(count)
    let i = 0
    for (const isKept of this.#rows.areKept(from, count)) {
      if (isKept) setBit(bits, i)
      i++
    }
    return [this.finish(from, count, region), fixedVector(types.boolean, count, bits)]
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

  #keep(value: Vector, groups: Int32Array, rowCount: number, counts: (row: number) => boolean): void {
    const isLast = this.#side === 'last'
    this.#rows.keep([value], groups, rowCount, ({ batch, pieceOf, rowOf }) => {
      for (let row = 0; row < rowCount; row++) {
        const group = groups[row]!
        if ((!isLast && pieceOf[group] !== 0) || !counts(row)) continue
        pieceOf[group] = batch
        rowOf[group] = row
      }
    })
  }
}
