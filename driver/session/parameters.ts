import { EngineError } from '../../engine/errors.ts'
import { fromPublic } from '../../engine/run/index.ts'
import {
  type DataType,
  DayTimeInterval,
  Decimal,
  LocalDate,
  LocalTimestamp,
  listType,
  MonthInterval,
  Timestamp,
  types,
} from '../../engine/types/index.ts'
import type { Parameters, ParameterValue } from '../../sql/analyzer/index.ts'
import type { SqlParameters } from '../../sql/dataframe/index.ts'

/**
 * A program's values for `:name` or `?` as typed constants. INVALID_ARGUMENT names one that SQL has no type
 * for.
 */
export function typedParameters(parameters: SqlParameters): Parameters {
  if (Array.isArray(parameters))
    return { positional: parameters.map((value, index) => typed(value, `parameter ${index + 1}`)) }
  const named = Object.entries(parameters).map(
    ([name, value]) => [name, typed(value, `parameter :${name}`)] as const,
  )
  return { named: Object.fromEntries(named) }
}

function typed(value: unknown, what: string): ParameterValue {
  const type = typeOf(value)
  if (type === undefined)
    throw new EngineError('INVALID_ARGUMENT', `${what} has a value that SQL has no type for`, {
      hint: 'Give null, a boolean, number, bigint, string, Date, Uint8Array, Decimal, or an array of these.',
    })
  return { value: fromPublic(value, type, what), type }
}

function typeOf(value: unknown): DataType | undefined {
  if (value === null || value === undefined) return types.null
  switch (typeof value) {
    case 'boolean':
      return types.boolean
    case 'string':
      return types.string
    case 'bigint':
      return types.int64
    case 'number':
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) return types.float64
      return Math.abs(value) < 2 ** 31 ? types.int32 : types.int64
  }
  return typeOfObject(value)
}

function typeOfObject(value: unknown): DataType | undefined {
  if (value instanceof Decimal) {
    const digits = value.unscaled.toString().replace('-', '').length
    return { kind: 'decimal', precision: Math.max(digits, value.scale, 1), scale: value.scale }
  }
  if (value instanceof LocalDate) return types.date
  if (value instanceof Date || value instanceof Timestamp) return types.timestamp
  if (value instanceof LocalTimestamp) return types.timestampNtz
  if (value instanceof MonthInterval) return types.intervalYm
  if (value instanceof DayTimeInterval) return types.intervalDt
  if (value instanceof Uint8Array) return types.binary
  if (!Array.isArray(value)) return undefined
  const element = typeOf(value.find((item) => item !== null && item !== undefined))
  return element === undefined ? undefined : listType(element)
}
