import type { FrameBound, SortItem, WindowSpec } from '../parser/index.ts'
import { columnOrName, sortItemOf } from './column.ts'
import type { Column, SortColumn } from './column-types.ts'
import { literalOf } from './literals.ts'

/** What a window takes: names, columns, and for the order directions. */
export type WindowKey = string | Column<unknown>

/** A window of rows around each row: partitions, their order, and the frame. Immutable. */
export class WindowSpecification {
  readonly spec: WindowSpec

  constructor(spec: WindowSpec) {
    this.spec = spec
  }

  /** The same with other partitions. */
  partitionBy(...keys: readonly WindowKey[]): WindowSpecification {
    const partitionBy = keys.map((key) => columnOrName(key).expression)
    return new WindowSpecification({ ...this.spec, partitionBy })
  }

  /** The same with another order within partitions. */
  orderBy(...keys: readonly (WindowKey | SortColumn)[]): WindowSpecification {
    const orderBy: readonly SortItem[] = keys.map(sortItemOf)
    return new WindowSpecification({ ...this.spec, orderBy })
  }

  /** Rows from `start` to `end` beside the current row 0; negative ones stand before it. */
  rowsBetween(start: number, end: number): WindowSpecification {
    return this.#frame('rows', start, end)
  }

  /** Rows whose order value lies between that of the current row plus `start` and plus `end`. */
  rangeBetween(start: number, end: number): WindowSpecification {
    return this.#frame('range', start, end)
  }

  #frame(unit: 'rows' | 'range', start: number, end: number): WindowSpecification {
    const frame = { kind: 'frame', unit, start: bound(start), end: bound(end) } as const
    return new WindowSpecification({ ...this.spec, frame })
  }
}

function bound(offset: number): FrameBound {
  if (offset === Number.NEGATIVE_INFINITY) return { kind: 'unboundedPreceding' }
  if (offset === Number.POSITIVE_INFINITY) return { kind: 'unboundedFollowing' }
  if (offset === 0) return { kind: 'currentRow' }
  return { kind: offset < 0 ? 'preceding' : 'following', offset: literalOf(Math.abs(offset)) }
}

const EMPTY = new WindowSpecification({ kind: 'window', partitionBy: [], orderBy: [] })

/** Where windows start: `Window.partitionBy('country').orderBy(desc('total'))`. */
export const Window = {
  unboundedPreceding: Number.NEGATIVE_INFINITY,
  unboundedFollowing: Number.POSITIVE_INFINITY,
  currentRow: 0,
  /** A window over each group of equal keys. */
  partitionBy: (...keys: readonly WindowKey[]): WindowSpecification => EMPTY.partitionBy(...keys),
  /** A window over all rows in an order. */
  orderBy: (...keys: readonly (WindowKey | SortColumn)[]): WindowSpecification => EMPTY.orderBy(...keys),
  /** A window over all rows with a frame by rows. */
  rowsBetween: (start: number, end: number): WindowSpecification => EMPTY.rowsBetween(start, end),
  /** A window over all rows with a frame by values. */
  rangeBetween: (start: number, end: number): WindowSpecification => EMPTY.rangeBetween(start, end),
} as const
