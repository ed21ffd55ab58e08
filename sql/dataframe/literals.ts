import { EngineError } from '../../engine/errors.ts'
import {
  DayTimeInterval,
  Decimal,
  LocalDate,
  LocalTimestamp,
  MAX_DECIMAL_PRECISION,
  MonthInterval,
  Timestamp,
} from '../../engine/types/index.ts'
import { type Expression, literal } from '../parser/index.ts'

/**
 * A value of the program as a constant of a query: integers become int or bigint by size, other numbers
 * double, bigint bigint, Date timestamp, arrays, Maps and plain objects calls of `array`, `map` and
 * `named_struct`.
 * INVALID_ARGUMENT for functions, symbols and the like.
 */
export function literalOf(value: unknown): Expression {
  switch (typeof value) {
    case 'undefined':
      return literal('void', null)
    case 'boolean':
      return literal('boolean', value)
    case 'string':
      return literal('string', value)
    case 'bigint':
      return literal('bigint', value)
    case 'number':
      return numberLiteral(value)
    case 'object':
      return value === null ? literal('void', null) : objectLiteral(value)
    default:
      throw new EngineError('INVALID_ARGUMENT', `a ${typeof value} cannot be a value of a query`, {
        hint: 'Give a number, a string, a boolean, a date, an array, a Map, a plain object or a column.',
      })
  }
}

function numberLiteral(value: number): Expression {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return literal('double', value)
  return value === (value | 0) ? literal('int', value) : literal('bigint', BigInt(value))
}

function objectLiteral(value: object): Expression {
  if (value instanceof Decimal) return decimalLiteral(value)
  if (value instanceof Date) return literal('timestamp', Timestamp.fromDate(value).toString())
  if (value instanceof Timestamp) return literal('timestamp', value.toString())
  if (value instanceof LocalTimestamp) return literal('timestamp_ntz', value.toString())
  if (value instanceof LocalDate) return literal('date', value.toString())
  if (value instanceof MonthInterval) return literal('interval year to month', BigInt(value.months))
  if (value instanceof DayTimeInterval) return literal('interval day to second', value.micros)
  if (value instanceof Uint8Array) return literal('binary', value)
  if (Array.isArray(value)) return call('array', value.map(literalOf))
  if (value instanceof Map)
    return call(
      'map',
      [...(value as Map<unknown, unknown>)].flatMap((entry) => entry.map(literalOf)),
    )
  return call(
    'named_struct',
    Object.entries(value).flatMap(([name, member]) => [literal('string', name), literalOf(member)]),
  )
}

function decimalLiteral({ unscaled, scale }: Decimal): Expression {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().length
  const precision = Math.max(digits, scale, 1)
  if (precision > MAX_DECIMAL_PRECISION)
    throw new EngineError('NUMERIC_VALUE_OUT_OF_RANGE', `a decimal of ${precision} digits is too long`, {
      hint: `Decimals have at most ${MAX_DECIMAL_PRECISION} digits.`,
    })
  return literal('decimal', unscaled, undefined, [precision, scale])
}

/** A call of a function by name. */
export function call(name: string, args: readonly Expression[]): Expression {
  return { kind: 'call', name, args }
}
