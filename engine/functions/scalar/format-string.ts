import { EngineError } from '../../errors.ts'
import { type DataType, isFloat, isInteger, types, type Value } from '../../types/index.ts'
import type { CallContext, ScalarFunction } from '../scalar-function.ts'
import { checkCount, mismatch } from '../signature.ts'
import { valueFormatter } from './format-value.ts'
import { fixedDecimals, groupDigits, scientific } from './number-text.ts'

/** Texts after a pattern with places for values. */
export const formatStringFunctions: readonly ScalarFunction[] = [
  {
    name: 'format_string',
    aliases: ['printf'],
    usage: "format_string(pattern, a, b, ...) - the pattern with values at its places, as '%5d %.2f %s'",
    volatility: 'immutable',
    nulls: 'custom',
    mayFail: true,
    resolve: (args) => {
      checkCount('format_string', args.length, 1, Number.POSITIVE_INFINITY)
      if (args[0]!.kind !== 'string' && args[0]!.kind !== 'null')
        throw mismatch('format_string', args, 'a text first')
      return { args: [types.string, ...args.slice(1)], returns: types.string }
    },
    bind: (call) => {
      const format = formatterOf(call)
      return (pattern: string | null, ...values: readonly Value[]) =>
        pattern === null ? null : format(pattern, values)
    },
  },
]

const PLACE = /%(?:(\d+)\$)?([-#+ 0,(<]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g

interface Place {
  readonly text: string
  readonly flags: string
  readonly width: number
  readonly precision: number | undefined
  readonly letter: string
}

function formatterOf({
  argTypes,
  settings,
}: CallContext): (pattern: string, values: readonly Value[]) => string {
  const formats = argTypes.slice(1).map((type) => {
    // Dates and times are their numbers here, as in Spark.
    if (type.kind === 'date' || type.kind.startsWith('timestamp')) return String
    if (type.kind === 'list' || type.kind === 'struct')
      return (value: Value) => valueFormatter(type, settings)(value).replaceAll(', ', ',')
    return valueFormatter(type, settings)
  })
  return (pattern, values) => {
    let next = 0
    return pattern.replace(PLACE, (text, index, flags, width, precision, letter) => {
      const place: Place = {
        text,
        flags,
        width: Number(width ?? 0),
        precision: precision === undefined ? undefined : Number(precision),
        letter,
      }
      if (letter === 'n') return '\n'
      if (letter === '%') return fill('%', place)
      const at = index === undefined ? (flags.includes('<') ? next - 1 : next++) : Number(index) - 1
      const type = argTypes[at + 1]
      if (type === undefined)
        throw new EngineError(
          'INVALID_PARAMETER_VALUE',
          `the pattern "${pattern}" has no value for "${text}"`,
        )
      return formatPlace(place, values[at]!, type, formats[at]!)
    })
  }
}

function formatPlace(place: Place, value: Value, type: DataType, format: (value: Value) => string): string {
  const lower = place.letter.toLowerCase()
  const text = value === null ? nullText(lower, place) : validText(place, lower, value, type, format)
  return fill(place.letter === lower ? text : text.toUpperCase(), place)
}

function nullText(letter: string, { precision }: Place): string {
  return (letter === 'b' ? 'false' : 'null').slice(0, precision)
}

function validText(
  place: Place,
  letter: string,
  value: Value,
  type: DataType,
  format: (value: Value) => string,
): string {
  switch (letter) {
    case 's':
      return format(value).slice(0, place.precision)
    case 'b':
      return String(type.kind === 'boolean' ? value : true).slice(0, place.precision)
    case 'c':
      if (!isInteger(type)) throw unfit(place, type)
      return String.fromCodePoint(Number(value))
    case 'd':
      if (!isInteger(type)) throw unfit(place, type)
      return signed(place, BigInt(value as number | bigint) < 0n, absolute(String(value)))
    case 'x':
    case 'o': {
      if (!isInteger(type)) throw unfit(place, type)
      const bits = type.kind === 'int64' ? 64 : type.kind === 'int8' ? 8 : type.kind === 'int16' ? 16 : 32
      const digits = BigInt.asUintN(bits, BigInt(value as number | bigint)).toString(letter === 'x' ? 16 : 8)
      return zeroFill(place, '', `${place.flags.includes('#') ? (letter === 'x' ? '0x' : '0') : ''}${digits}`)
    }
    case 'f':
    case 'e':
    case 'g':
      if (!isFloat(type)) throw unfit(place, type)
      return floatText(place, letter, value as number)
    default:
      throw new EngineError('INVALID_PARAMETER_VALUE', `a pattern cannot have the place "${place.text}"`)
  }
}

function floatText(place: Place, letter: string, value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  const size = Math.abs(value)
  const isNegative = value < 0 || Object.is(value, -0)
  const precision = place.precision ?? 6
  if (letter === 'f') return signed(place, isNegative, fixedDecimals(size, precision, 'half-up'))
  if (letter === 'e') return signed(place, isNegative, scientific(size, precision))
  // %g counts significant digits and chooses by size.
  const digits = Math.max(1, precision)
  if (size !== 0 && (size < 1e-4 || size >= 10 ** digits))
    return signed(place, isNegative, scientific(size, digits - 1))
  const whole = size === 0 ? 0 : Math.floor(Math.log10(size))
  return signed(place, isNegative, fixedDecimals(size, Math.max(0, digits - 1 - whole), 'half-up'))
}

function absolute(digits: string): string {
  return digits.replace('-', '')
}

function signed(place: Place, isNegative: boolean, digits: string): string {
  const { flags } = place
  const grouped = flags.includes(',') ? groupDigits(digits) : digits
  if (isNegative && flags.includes('(')) return zeroFill(place, '(', `${grouped})`)
  return zeroFill(
    place,
    isNegative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '',
    grouped,
  )
}

function zeroFill({ flags, width }: Place, sign: string, digits: string): string {
  return flags.includes('0') ? sign + digits.padStart(width - sign.length, '0') : sign + digits
}

function fill(text: string, { flags, width }: Place): string {
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width)
}

function unfit({ text }: Place, type: DataType): EngineError {
  return new EngineError(
    'INVALID_PARAMETER_VALUE',
    `the place "${text}" of a pattern cannot take a ${type.kind} value`,
  )
}
