import type { DatetimeParts } from './datetime-parts.ts'

/** One piece of a pattern: text as it stands, a field, or an optional section. */
export interface PatternElement {
  /** Whether it reads digits, so that a number before it must not take them. */
  readonly isNumeric: boolean
  /** The element that takes only as many digits as it has letters, if it may take more. */
  readonly narrow?: PatternElement
  readonly format: (parts: DatetimeParts) => string
  /** Reads UTF-8 at `at` into `parts`; gives where it ended, or -1. */
  readonly parse: (bytes: Uint8Array, at: number, end: number, parts: DatetimeParts) => number
}
