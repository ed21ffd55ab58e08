/** Whose fault an error is. Only `transient` errors are worth a retry; `internal` means a bug of ours. */
export type ErrorClass = 'user' | 'resource' | 'transient' | 'internal'

/**
 * Where in a text or file an error lies. Lines and columns count from 1, offsets from 0, in characters or
 * bytes.
 */
export interface ErrorPosition {
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly offset?: number
}

export interface EngineErrorOptions {
  /** A sentence that says what to do about it. */
  readonly hint?: string | undefined
  readonly cause?: unknown
  readonly position?: ErrorPosition | undefined
}

/**
 * Every condition a user may see, with Spark's name where Spark has one, its SQL state and whose fault it is.
 * https://spark.apache.org/docs/latest/sql-error-conditions.html names the conditions we share.
 */
const CONDITIONS = {
  ALL_PARTITION_COLUMNS_NOT_ALLOWED: ['KD005', 'user'],
  AMBIGUOUS_REFERENCE: ['42704', 'user'],
  ARITHMETIC_OVERFLOW: ['22003', 'user'],
  ASSIGNMENT_ARITY_MISMATCH: ['42802', 'user'],
  BINARY_ARITHMETIC_OVERFLOW: ['22003', 'user'],
  BLOCK_CORRUPT: ['58030', 'transient'],
  BROKER_UNREACHABLE: ['08001', 'transient'],
  BUILD_MISMATCH: ['08004', 'user'],
  CANCELLED: ['HY008', 'user'],
  CANNOT_DECODE_URL: ['22546', 'user'],
  CANNOT_PARSE_TIMESTAMP: ['22007', 'user'],
  CANNOT_RESOLVE_STAR_EXPAND: ['42704', 'user'],
  CAST_INVALID_INPUT: ['22018', 'user'],
  CAST_OVERFLOW: ['22003', 'user'],
  CAST_OVERFLOW_IN_TABLE_INSERT: ['22003', 'user'],
  CLOSURE_CAPTURE: ['42K0F', 'user'],
  CHECKPOINT_CORRUPT: ['58030', 'user'],
  CLUSTER_UNREACHABLE: ['08001', 'transient'],
  COLUMN_ALREADY_EXISTS: ['42711', 'user'],
  COLUMN_NOT_DEFINED_IN_TABLE: ['42703', 'user'],
  COMPARATOR_RETURNS_NULL: ['22004', 'user'],
  CONCURRENT_STREAM: ['55006', 'user'],
  CONFIG_INVALID: ['22023', 'user'],
  CONVERSION_INVALID_INPUT: ['22018', 'user'],
  CORRUPT_FILE: ['22KD3', 'user'],
  CREATE_VIEW_COLUMN_ARITY_MISMATCH: ['21S01', 'user'],
  DATATYPE_MISMATCH: ['42K09', 'user'],
  DATA_SOURCE_NOT_FOUND: ['42K02', 'user'],
  DATETIME_FIELD_OUT_OF_BOUNDS: ['22023', 'user'],
  DATETIME_OVERFLOW: ['22008', 'user'],
  DEADLINE_EXCEEDED: ['57014', 'transient'],
  DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION: ['22003', 'user'],
  DECIMAL_SCALE_EXCEEDS_PRECISION: ['42K09', 'user'],
  DELTA_CONCURRENT_APPEND: ['2D521', 'user'],
  DISTINCT_WINDOW_FUNCTION_UNSUPPORTED: ['0A000', 'user'],
  DIVIDE_BY_ZERO: ['22012', 'user'],
  DUPLICATED_CTE_NAMES: ['42602', 'user'],
  DUPLICATED_MAP_KEY: ['23505', 'user'],
  FIELD_NOT_FOUND: ['42704', 'user'],
  FILE_NOT_FOUND: ['42K03', 'user'],
  GROUPING_COLUMN_MISMATCH: ['42803', 'user'],
  GROUPING_ID_COLUMN_MISMATCH: ['42803', 'user'],
  GROUPING_SYNTAX: ['42803', 'user'],
  GROUP_BY_AGGREGATE: ['42903', 'user'],
  GROUP_BY_POS_AGGREGATE: ['42903', 'user'],
  GROUP_BY_POS_OUT_OF_RANGE: ['42805', 'user'],
  ILLEGAL_DAY_OF_WEEK: ['22009', 'user'],
  INCOMPATIBLE_COLUMN_TYPE: ['42825', 'user'],
  INCOMPATIBLE_DATA_FOR_TABLE: ['KD000', 'user'],
  INSERT_COLUMN_ARITY_MISMATCH: ['21S01', 'user'],
  INT64_OUT_OF_RANGE: ['22003', 'user'],
  INTERNAL_ERROR: ['XX000', 'internal'],
  INTERVAL_ARITHMETIC_OVERFLOW: ['22015', 'user'],
  INTERVAL_DIVIDED_BY_ZERO: ['22012', 'user'],
  INVALID_AGGREGATE_FILTER: ['42903', 'user'],
  INVALID_ARGUMENT: ['22023', 'user'],
  INVALID_ARRAY_INDEX: ['22003', 'user'],
  INVALID_ARRAY_INDEX_IN_ELEMENT_AT: ['22003', 'user'],
  INVALID_ESC: ['42604', 'user'],
  INVALID_EXTRACT_BASE_FIELD_TYPE: ['42000', 'user'],
  INVALID_EXTRACT_FIELD: ['42601', 'user'],
  INVALID_FORMAT: ['42601', 'user'],
  INVALID_INDEX_OF_ZERO: ['22003', 'user'],
  INVALID_INLINE_TABLE: ['42000', 'user'],
  INVALID_INTERVAL_FORMAT: ['22006', 'user'],
  INVALID_LAMBDA_FUNCTION_CALL: ['42K0D', 'user'],
  INVALID_LIMIT_LIKE_EXPRESSION: ['42K0E', 'user'],
  INVALID_NUMERIC_LITERAL_RANGE: ['22003', 'user'],
  INVALID_PARAMETER_VALUE: ['22023', 'user'],
  INVALID_REGEXP_REPLACE: ['22023', 'user'],
  INVALID_SQL_SYNTAX: ['42000', 'user'],
  INVALID_SUBQUERY_EXPRESSION: ['42823', 'user'],
  INVALID_TABLESAMPLE_FRACTION: ['22023', 'user'],
  INVALID_TIMEZONE: ['22009', 'user'],
  INVALID_TYPED_LITERAL: ['42604', 'user'],
  INVALID_URL: ['22P02', 'user'],
  INVALID_USAGE_OF_STAR_OR_REGEX: ['42000', 'user'],
  INVALID_WHERE_CONDITION: ['42903', 'user'],
  INVALID_WINDOW_SPEC_FOR_AGGREGATION_FUNC: ['42601', 'user'],
  IO_ERROR: ['58030', 'transient'],
  JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE: ['42K0E', 'user'],
  KAFKA_DATA_LOSS: ['22000', 'user'],
  MALFORMED_CHARACTER_CODING: ['22000', 'user'],
  MALFORMED_RECORD: ['22023', 'user'],
  MAP_KEY_DOES_NOT_EXIST: ['22023', 'user'],
  MISSING_AGGREGATION: ['42803', 'user'],
  MISSING_GROUP_BY: ['42803', 'user'],
  MISSING_WINDOW_SPECIFICATION: ['42P20', 'user'],
  NESTED_AGGREGATE_FUNCTION: ['42607', 'user'],
  NOT_FOUND: ['42704', 'user'],
  NOT_NULL_CONSTRAINT_VIOLATION: ['42000', 'user'],
  NULL_MAP_KEY: ['2200E', 'user'],
  NUMERIC_VALUE_OUT_OF_RANGE: ['22003', 'user'],
  NUM_COLUMNS_MISMATCH: ['42826', 'user'],
  ORDER_BY_POS_OUT_OF_RANGE: ['42805', 'user'],
  PARSE_SYNTAX_ERROR: ['42601', 'user'],
  PATH_ALREADY_EXISTS: ['42K04', 'user'],
  PERMISSION_DENIED: ['42501', 'user'],
  PROTOCOL_ERROR: ['08P01', 'internal'],
  RECURSIVE_VIEW: ['42K0H', 'user'],
  REMAINDER_BY_ZERO: ['22012', 'user'],
  RESOURCES_EXHAUSTED: ['53200', 'resource'],
  SCALAR_SUBQUERY_TOO_MANY_ROWS: ['21000', 'user'],
  SCHEMA_MISMATCH: ['42846', 'user'],
  SCHEMA_NOT_FOUND: ['42704', 'user'],
  SHUFFLE_FETCH_FAILED: ['58000', 'transient'],
  TABLE_OR_VIEW_ALREADY_EXISTS: ['42P07', 'user'],
  TABLE_OR_VIEW_NOT_FOUND: ['42P01', 'user'],
  TEMP_TABLE_OR_VIEW_ALREADY_EXISTS: ['42P07', 'user'],
  UNAUTHENTICATED: ['28000', 'user'],
  UNBOUND_SQL_PARAMETER: ['42P02', 'user'],
  UNRESOLVABLE_TABLE_VALUED_FUNCTION: ['42883', 'user'],
  UNRESOLVED_COLUMN: ['42703', 'user'],
  UNRESOLVED_ROUTINE: ['42883', 'user'],
  UNRESOLVED_TABLE_VALUED_FUNCTION: ['42883', 'user'],
  UNRESOLVED_USING_COLUMN_FOR_JOIN: ['42703', 'user'],
  UNSUPPORTED_DATATYPE: ['0A000', 'user'],
  UNSUPPORTED_EXPR_FOR_WINDOW: ['42P20', 'user'],
  UNSUPPORTED_FEATURE: ['0A000', 'user'],
  UNSUPPORTED_GENERATOR: ['42K0E', 'user'],
  UNSUPPORTED_GROUPING_EXPRESSION: ['42K0E', 'user'],
  UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY: ['0A000', 'user'],
  USER_CODE_FAILED: ['39000', 'user'],
  USER_RAISED_EXCEPTION: ['P0001', 'user'],
  WINDOW_FUNCTION_FRAME_NOT_ORDERED: ['42601', 'user'],
  WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE: ['42903', 'user'],
  WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE: ['42601', 'user'],
  WORKER_LOST: ['58000', 'transient'],
  WRONG_COMMAND_FOR_OBJECT_TYPE: ['42809', 'user'],
  WRONG_NUM_ARGS: ['42605', 'user'],
} as const satisfies Readonly<Record<string, readonly [sqlState: string, errorClass: ErrorClass]>>

/** The stable name of an error condition. */
export type ErrorCode = keyof typeof CONDITIONS

/** Whether a text of an unknown sender names a condition. */
export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === 'string' && Object.hasOwn(CONDITIONS, text)
}

/** Base of every error a user may see. `code` is stable; `hint` says what to do about it. */
export class EngineError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly position: ErrorPosition | undefined

  constructor(code: ErrorCode, message: string, options: EngineErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'EngineError'
    this.code = code
    this.hint = options.hint
    this.position = options.position
  }

  /** The five-character SQL state that goes with the code. */
  get sqlState(): string {
    return CONDITIONS[this.code][0]
  }

  /** Whose fault it is: only `transient` errors are retried. */
  get errorClass(): ErrorClass {
    return CONDITIONS[this.code][1]
  }
}

/** What travels between threads: an error without its prototype. */
export interface ErrorData {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string | undefined
  readonly position?: ErrorPosition | undefined
  readonly stack?: string | undefined
  /** The error of the program that led to it. */
  readonly cause?:
    | { readonly name: string; readonly message: string; readonly stack?: string | undefined }
    | undefined
}

/** An error as plain data. What is not an EngineError becomes INTERNAL_ERROR. */
export function errorToData(error: unknown): ErrorData {
  if (error instanceof EngineError) {
    const { code, message, hint, position, stack, cause } = error
    if (!(cause instanceof Error)) return { code, message, hint, position, stack }
    const { name, message: reason, stack: trace } = cause
    return { code, message, hint, position, stack, cause: { name, message: reason, stack: trace } }
  }
  const stack = error instanceof Error ? error.stack : undefined
  return { code: 'INTERNAL_ERROR', message: error instanceof Error ? error.message : String(error), stack }
}

/** The error that `errorToData` described, with the stack of the thread where it arose. */
export function errorFromData(data: ErrorData): EngineError {
  const cause = data.cause === undefined ? undefined : causeFromData(data.cause)
  const error = new EngineError(data.code, data.message, { hint: data.hint, position: data.position, cause })
  if (data.stack !== undefined) error.stack = data.stack
  return error
}

function causeFromData({ name, message, stack }: NonNullable<ErrorData['cause']>): Error {
  const cause = new Error(message)
  cause.name = name
  if (stack !== undefined) cause.stack = stack
  return cause
}

/** States what must hold inside the engine; never fires on user input. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new EngineError('INTERNAL_ERROR', message)
}

/** The names nearest to `wanted`, for hints: at most three, none that is wholly different. */
export function nearestNames(wanted: string, names: readonly string[]): string[] {
  const limit = Math.max(2, Math.ceil(wanted.length / 2))
  return names
    .map((name) => ({ name, distance: editDistance(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name)
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1))
    }
    previous = current
  }
  return previous[b.length]!
}
