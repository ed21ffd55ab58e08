import type { AggregateCall } from '../expr/index.ts'
import type { DataType, Value } from '../types/index.ts'

/**
 * One bound of a frame, relative to the current row. Offsets are rows (ROWS) or values of the order key
 * (RANGE).
 */
export type FrameBound =
  | { readonly kind: 'unboundedPreceding' }
  | { readonly kind: 'preceding'; readonly offset: Value }
  | { readonly kind: 'currentRow' }
  | { readonly kind: 'following'; readonly offset: Value }
  | { readonly kind: 'unboundedFollowing' }

export interface WindowFrame {
  readonly unit: 'rows' | 'range'
  readonly start: FrameBound
  readonly end: FrameBound
  /** Type of the offsets of a RANGE frame: that of the key, or an interval. */
  readonly offsetType?: DataType | undefined
}

/** One window function: an aggregate, or one of functions/window (`row_number`, `lag` …). */
export interface WindowCall extends AggregateCall {
  readonly isAggregate: boolean
  readonly frame: WindowFrame
  readonly ignoreNulls: boolean
}
