import type { RecordBatch, Vector } from '../batch/index.ts'
import type { Expr } from '../expr/index.ts'
import type { QuerySettings } from '../functions/index.ts'
import type { Region } from '../memory/index.ts'
import type { DataType, Value } from '../types/index.ts'

/** A function of the user's program, over public values. */
export type UserFunction = (...args: readonly unknown[]) => unknown

/** How engine values become what a program sees, and back. */
export interface PublicValues {
  toPublic(value: Value, type: DataType): unknown
  fromPublic(value: unknown, type: DataType): Value
}

/** What an expression is evaluated with. */
export interface EvalContext {
  /** Where results and intermediate vectors go. */
  readonly region: Region
  readonly settings: QuerySettings
  /** Which partition this is, and how many of its rows came before this batch. */
  readonly partition: number
  readonly rowOffset: number
  /** Functions of the user's program by id. */
  readonly userFunctions?: ((functionId: string) => UserFunction) | undefined
  /** Conversion of their arguments and results; a default converts the plain types. */
  readonly publicValues?: PublicValues | undefined
  /** Values of lambda parameters in force, by id. Set by the interpreter. */
  readonly variables?: ReadonlyMap<number, Vector> | undefined
}

/** Rows of a batch, in order; `indices` is longer than `count`. */
export interface SelectedRows {
  readonly indices: Int32Array
  readonly count: number
}

/** What the parts of the interpreter pass around: `evaluate` leads back to its entry. */
export interface Interpreter extends EvalContext {
  readonly evaluate: (expr: Expr, batch: RecordBatch, context: Interpreter) => Vector
  /** The rows for which a predicate is TRUE. */
  readonly select: (expr: Expr, batch: RecordBatch, context: Interpreter) => SelectedRows
  /** False below an expression whose compiled form gave up: its parts are then interpreted too. */
  readonly compiles: boolean
}
