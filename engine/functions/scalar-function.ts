import type { Vector } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import type { DataType, Value } from '../types/index.ts'

/** What every expression of a query may depend on besides its row. Fixed for the whole query; plain data. */
export interface QuerySettings {
  /** IANA name of the session's time zone: `UTC`, `Europe/Berlin`. */
  readonly timeZone: string
  /** When the query began, microseconds since 1970 UTC: the value of current_timestamp(). */
  readonly nowMicros: bigint
  /** Seed of rand() and the like when none is given. */
  readonly randomSeed: number
  /** For tests: operators hand on batches of at most so many rows. */
  readonly batchRows?: number | undefined
}

/** What a function is called with, once a batch. */
export interface CallContext {
  readonly rowCount: number
  /** Where the result goes. */
  readonly region: Region
  readonly argTypes: readonly DataType[]
  readonly returns: DataType
  readonly settings: QuerySettings
  /** For seeded and numbering functions: which partition, and how many rows of it came before this batch. */
  readonly partition: number
  readonly rowOffset: number
}

/** The types a function settles on for given arguments. The analyzer casts arguments to `args`. */
export interface Signature {
  readonly args: readonly DataType[]
  readonly returns: DataType
}

/**
 * One scalar function. Give `evaluate` (a vector at a time, for what must be fast) or
 * `bind` (a row at a time over values, for the rest).
 */
export interface ScalarFunction {
  readonly name: string
  readonly aliases?: readonly string[]
  /** One line for DESCRIBE FUNCTION: `substring(str, pos[, len]) - the part of str that starts at pos`. */
  readonly usage: string
  /** `immutable`: same arguments, same result. `stable`: within a query. `volatile`: rand(), uuid(). */
  readonly volatility: 'immutable' | 'stable' | 'volatile'
  /** `propagate`: a NULL argument gives NULL and the function never sees it. `custom`: it sees NULLs. */
  readonly nulls: 'propagate' | 'custom'
  /** Whether it can fail on some values (division, parsing): then CASE and AND guard it row by row. */
  readonly mayFail: boolean
  /**
   * Types for given argument types; DATATYPE_MISMATCH or WRONG_NUM_ARGS if they cannot be. Literal NULL has
   * type `null`.
   */
  resolve(args: readonly DataType[], literals: readonly (Value | undefined)[]): Signature
  /**
   * All rows at once. Arguments come flat or constant (never dictionary), with the types of the signature.
   * With `propagate` the caller puts in the NULLs: values under NULL are arbitrary but must not make it fail.
   */
  readonly evaluate?: (args: readonly Vector[], call: CallContext) => Vector
  /** Called once a batch, gives the function of one row. With `propagate` its arguments are never null. */
  readonly bind?: (call: CallContext) => (...args: readonly never[]) => Value
  /**
   * For higher-order functions: instead of `evaluate`, with the lambda arguments in place of their vectors.
   */
  readonly evaluateLambda?: (
    args: readonly Vector[],
    lambdas: readonly LambdaBody[],
    call: CallContext,
  ) => Vector
  /**
   * Types of the parameters of the lambda at argument `index`, for the types of the other arguments (a lambda
   * not yet resolved has type `null`). `resolve` then sees the type of the lambda's body at its place.
   */
  readonly lambdaParameters?: (
    index: number,
    args: readonly DataType[],
    parameterCount: number,
  ) => readonly DataType[]
}

/** The body of a lambda, bound to the rows of the batch. */
export interface LambdaBody {
  /** Position of the lambda among the arguments of the call. */
  readonly index: number
  readonly returns: DataType
  readonly parameterCount: number
  /**
   * Evaluates the body over `elementCount` rows: parameter i has the values `elements[i]`, and columns of the
   * batch are those of row `rowOfElement[k]` for element k.
   */
  apply(elements: readonly Vector[], elementCount: number, rowOfElement: Int32Array): Vector
}
