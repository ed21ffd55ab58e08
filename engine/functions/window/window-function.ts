import type { Vector } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import type { DataType, Value } from '../../types/index.ts'
import type { Signature } from '../scalar-function.ts'

/**
 * What a window function sees: all rows, sorted by partition and order. Row i belongs to the partition
 * [partitionStarts[i], partitionEnds[i]), has the peers [peerStarts[i], peerEnds[i]) (rows equal in the
 * order) and the frame [frameStarts[i], frameEnds[i]), which is empty where the end is not above the start.
 */
export interface WindowRows {
  readonly rowCount: number
  readonly partitionStarts: Int32Array
  readonly partitionEnds: Int32Array
  readonly peerStarts: Int32Array
  readonly peerEnds: Int32Array
  readonly frameStarts: Int32Array
  readonly frameEnds: Int32Array
}

/** One call: its rows and arguments, and where the result goes. */
export interface WindowInput extends WindowRows {
  readonly args: readonly Vector[]
  readonly ignoreNulls: boolean
  readonly returns: DataType
  readonly region: Region
}

/** A function that only makes sense over a window; aggregates over frames are the operator's affair. */
export interface WindowFunction {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly usage: string
  resolve(args: readonly DataType[], literals: readonly (Value | undefined)[]): Signature
  /** The result for every row, in their order. */
  evaluate(input: WindowInput): Vector
}
