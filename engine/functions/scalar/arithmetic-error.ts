import { EngineError } from '../../errors.ts'

/** The error of a division by zero. */
export function divideByZero(): EngineError {
  return new EngineError('DIVIDE_BY_ZERO', 'division by zero', {
    hint: 'Use "try_divide" or "nullif" to get NULL instead.',
  })
}

/** The error of a result that its type cannot hold. */
export function arithmeticOverflow(type: string, instead?: string): EngineError {
  return new EngineError('ARITHMETIC_OVERFLOW', `${type} overflow`, {
    hint:
      instead === undefined
        ? 'Cast to a wider type first.'
        : `Use "${instead}" to get NULL instead, or a wider type.`,
  })
}

/** The error of a date or timestamp beyond what its type can hold. */
export function datetimeOverflow(what: string): EngineError {
  return new EngineError('DATETIME_OVERFLOW', `${what} overflow`, {
    hint: 'Dates and timestamps must stay within what 32-bit days and 64-bit microseconds can hold.',
  })
}
