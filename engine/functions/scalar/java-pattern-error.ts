import { EngineError } from '../../errors.ts'

/** The error for a pattern that is no regular expression of Java's. */
export function patternError(pattern: string, reason: string, cause?: unknown): EngineError {
  return new EngineError(
    'INVALID_PARAMETER_VALUE',
    `the regular expression "${pattern}" is invalid: ${reason}`,
    {
      cause,
    },
  )
}

/** The error for what Java's regular expressions have and those of ECMAScript have not. */
export function patternUnsupported(pattern: string, what: string): EngineError {
  return new EngineError('UNSUPPORTED_FEATURE', `${what} in the regular expression "${pattern}"`, {
    hint: 'Write the pattern without it.',
  })
}
