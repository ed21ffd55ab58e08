import type { Vector } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import type { DataType, Value } from '../types/index.ts'
import type { QuerySettings } from './scalar-function.ts'

/** Types of an aggregate for given arguments, and of the partial state that travels between stages. */
export interface AggregateSignature {
  readonly args: readonly DataType[]
  readonly returns: DataType
  readonly state: readonly DataType[]
}

/** What an accumulator is made with. */
export interface AccumulatorContext {
  readonly signature: AggregateSignature
  /** Where its growing state lives; freed with the operator. */
  readonly region: Region
  readonly settings: QuerySettings
  /** A region of its own, for state that is copied or dropped before the operator ends; see `free`. */
  createRegion(): Region
  /** Collects the values of each group that are not NULL, or the distinct ones, to lists. */
  collect(type: DataType, isDistinct: boolean): Accumulator
}

/**
 * The state of one aggregate for all groups of an operator: columns indexed by group.
 * Rows come in batches with the group of each row; NULL arguments are there and are ignored as SQL says.
 */
export interface Accumulator {
  /**
   * Makes room for `groupCount` groups, the new ones empty. Called before every update that brings new
   * groups.
   */
  resize(groupCount: number): void
  /**
   * Adds rows: row i belongs to group `groups[i]`. Arguments are flat: no dictionary or constant at the
   * top.
   */
  update(args: readonly Vector[], groups: Int32Array, rowCount: number): void
  /** Adds partial states: flat columns as `state` gave them. */
  merge(state: readonly Vector[], groups: Int32Array, rowCount: number): void
  /** The partial state of groups [from, from + count). */
  state(from: number, count: number, region: Region): readonly Vector[]
  /** The result of groups [from, from + count). */
  finish(from: number, count: number, region: Region): Vector
  /** Bytes that it holds beside those in the region of its context; absent: none. */
  readonly heldBytes?: number
  /** Gives these back. */
  free?(): void
}

/** One aggregate function. DISTINCT, FILTER and ORDER BY are done by the operator. */
export interface AggregateFunction {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly usage: string
  /** Whether DISTINCT changes nothing (min, max, bool_or). */
  readonly ignoresDistinct?: boolean
  resolve(args: readonly DataType[], literals: readonly (Value | undefined)[]): AggregateSignature
  accumulator(context: AccumulatorContext): Accumulator
}
