/**
 * Scalar and aggregate functions. A scalar function is a const in scalar/<family>.ts; registry.ts is the only
 * list.
 * Start with scalar-function.ts.
 */

export { aggregateFunctions, lookupAggregate } from './aggregate/index.ts'
export { sumOverflow } from './aggregate/sum.ts'
export * from './aggregate-function.ts'
export * from './registry.ts'
export { compareText, type ValueOrder, valueKey, valueOrder } from './scalar/compare-values.ts'
export { DatetimeParts } from './scalar/datetime-parts.ts'
export { type DatetimePattern, datetimePattern } from './scalar/datetime-pattern.ts'
export {
  type DecimalWriter,
  decimalWriter,
  fitsPrecision,
} from './scalar/decimal-arithmetic.ts'
export * from './scalar/format-value.ts'
export { murmurRows } from './scalar/hash.ts'
export * from './scalar/operand.ts'
export * from './scalar/parse-datetime.ts'
export { parseIso } from './scalar/parse-iso.ts'
export * from './scalar/parse-number.ts'
export * from './scalar/read-digits.ts'
export * from './scalar/time-window.ts'
export * from './scalar/time-zone.ts'
export * from './scalar-function.ts'
export * from './window/index.ts'
