import { EngineError } from '../../errors.ts'
import { type DataType, types, type Value } from '../../types/index.ts'
import type { ScalarFunction } from '../scalar-function.ts'
import { checkCount, int32, mismatch, numeric } from '../signature.ts'
import { exactDecimal, groupDigits, plainDecimal, roundTo } from './number-text.ts'

/** Numbers with groups of digits. */
export const formatNumberFunctions: readonly ScalarFunction[] = [
  {
    name: 'format_number',
    usage: "format_number(number, digits or pattern) - the number as '#,###.##' with so many decimals",
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: true,
    resolve: (args) => {
      checkCount('format_number', args.length, 2)
      const number = numeric.accept(args[0]!)
      const form = args[1]!.kind === 'string' ? types.string : int32.accept(args[1]!)
      if (number === undefined || form === undefined)
        throw mismatch('format_number', args, 'a number and its digits')
      return { args: [number, form], returns: types.string }
    },
    bind: ({ argTypes }) => {
      const exact = exactReader(argTypes[0]!)
      return (value: Value, form: number | string) => {
        if (typeof form === 'number' && form < 0) return null
        if (typeof value === 'number' && !Number.isFinite(value))
          return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞'
        const [unscaled, scale] = exact(value)
        const text =
          typeof form === 'number'
            ? groupDigits(plainDecimal(magnitude(unscaled), scale, form, 'half-even'))
            : withPattern(magnitude(unscaled), scale, patternOf(form))
        // A negative number that rounds to zero keeps its sign, as in Java.
        return unscaled < 0n ? `-${text}` : text
      }
    },
  },
]

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}

/** Reads numbers of a type as unscaled value and scale. */
function exactReader(type: DataType): (value: Value) => readonly [bigint, number] {
  if (type.kind === 'decimal') return (value) => [value as bigint, type.scale]
  if (type.kind === 'float32' || type.kind === 'float64')
    return (value) => {
      const [unscaled, scale] = exactDecimal(Math.abs(value as number))
      return [(value as number) < 0 ? -unscaled : unscaled, scale]
    }
  return (value) => [BigInt(value as number | bigint), 0]
}

interface NumberPattern {
  readonly prefix: string
  readonly suffix: string
  readonly wholeDigits: number
  readonly groupSize: number
  readonly leastFraction: number
  readonly mostFraction: number
}

const PATTERN = /^([^#0,.]*)([#,]*[0,]*)(?:\.(0*)(#*))?([^#0,.]*)$/

/** A pattern of DecimalFormat. INVALID_PARAMETER_VALUE if it is none. */
function patternOf(pattern: string): NumberPattern {
  const match = PATTERN.exec(pattern === '' ? '#,###,###,###,###,###,##0' : pattern)
  if (match === null)
    throw new EngineError('INVALID_PARAMETER_VALUE', `"${pattern}" is no pattern of a number`, {
      hint: "A pattern looks like '#,##0.00'.",
    })
  const [, prefix, whole, zeros = '', hashes = '', suffix] = match
  const comma = whole!.lastIndexOf(',')
  return {
    prefix: prefix!,
    suffix: suffix!,
    wholeDigits: whole!.replace(/[^0]/g, '').length,
    groupSize: comma < 0 ? 0 : whole!.length - comma - 1,
    leastFraction: zeros.length,
    mostFraction: zeros.length + hashes.length,
  }
}

function withPattern(unscaled: bigint, scale: number, pattern: NumberPattern): string {
  const { prefix, suffix, wholeDigits, groupSize, leastFraction, mostFraction } = pattern
  const rounded = String(roundTo(unscaled, scale, mostFraction, 'half-even')).padStart(mostFraction + 1, '0')
  const cut = rounded.length - mostFraction
  const digits = rounded.slice(0, cut).replace(/^0+/, '').padStart(wholeDigits, '0')
  const whole = groupSize > 0 ? groupDigits(digits, groupSize) : digits
  const extra = rounded.slice(cut + leastFraction).replace(/0+$/, '')
  const fraction = rounded.slice(cut, cut + leastFraction) + extra
  const text = whole === '' && fraction === '' ? '0' : whole
  return `${prefix}${text}${fraction === '' ? '' : `.${fraction}`}${suffix}`
}
