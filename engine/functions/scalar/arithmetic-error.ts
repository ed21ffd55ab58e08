import { EngineError } from '../../errors.ts'

/** The error of a division by zero; `%` and `pmod` have a condition of their own. */
export function divideByZero(operator = '/'): EngineError {
  if (operator === '%' || operator === 'pmod')
    return new EngineError('REMAINDER_BY_ZERO', 'remainder by zero', {
      hint: 'Use "try_mod" or "nullif" to get NULL instead.',
    })
  return new EngineError('DIVIDE_BY_ZERO', 'division by zero', {
    hint: 'Use "try_divide" or "nullif" to get NULL instead.',
  })
}

/** The error of a result that its type cannot hold. */
export function arithmeticOverflow(type: string, instead?: string): EngineError {
  const isSmall = type === 'tinyint' || type === 'smallint'
  const code =
    type === 'interval'
      ? 'INTERVAL_ARITHMETIC_OVERFLOW'
      : isSmall
        ? 'BINARY_ARITHMETIC_OVERFLOW'
        : 'ARITHMETIC_OVERFLOW'
  return new EngineError(code, `${type} overflow`, {
    hint:
      instead === undefined
        ? 'Cast to a wider type first.'
        : `Use "${instead}" to get NULL instead, or a wider type.`,
  })
}

/** The error of an interval that is divided by zero. */
export function intervalDividedByZero(): EngineError {
  return new EngineError('INTERVAL_DIVIDED_BY_ZERO', 'an interval is divided by zero', {
    hint: 'Use "try_divide" or "nullif" to get NULL instead.',
  })
}

/** The error of a date or timestamp beyond what its type can hold. */
export function datetimeOverflow(what: string): EngineError {
  return new EngineError('DATETIME_OVERFLOW', `${what} overflow`, {
    hint: 'Dates and timestamps must stay within what 32-bit days and 64-bit microseconds can hold.',
  })
}
