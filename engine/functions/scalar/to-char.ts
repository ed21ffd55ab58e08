import { EngineError } from '../../errors.ts'
import { type DataType, decimalFor, decimalType, isDatetime, isNumeric, types } from '../../types/index.ts'
import type { ScalarFunction } from '../scalar-function.ts'
import { checkCount, mismatch } from '../signature.ts'
import { datetimePattern } from './datetime-pattern.ts'
import { formatNumberAs, formatPrecision, numberFormat, parseNumberAs } from './number-format.ts'
import { timeZone, UTC } from './time-zone.ts'

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: true } as const

/** Numbers, times and bytes to and from texts in a format. */
export const toCharFunctions: readonly ScalarFunction[] = [
  {
    ...plain,
    name: 'to_char',
    aliases: ['to_varchar'],
    usage: "to_char(number, date, timestamp or binary, format) - text in a format such as '99,999.00'",
    resolve: (args) => {
      checkCount('to_char', args.length, 2)
      return { args: [charSource(args), types.string], returns: types.string }
    },
    bind: ({ argTypes, settings }) => {
      const [type] = argTypes as [DataType]
      if (type.kind === 'decimal')
        return (value: bigint, format: string) => formatNumberAs(value, type.scale, numberFormat(format))
      if (type.kind === 'binary')
        return (bytes: Uint8Array, format: string) => encodeBytes(bytes, format.toLowerCase())
      const zone = type.kind === 'timestamp' ? timeZone(settings.timeZone) : UTC
      return (micros: bigint, pattern: string) => datetimePattern(pattern).format(micros, zone)
    },
  },
  toNumber('to_number', false),
  toNumber('try_to_number', true),
]

function charSource(args: readonly DataType[]): DataType {
  const [type] = args as [DataType]
  if (isNumeric(type)) return decimalFor(type) ?? type
  if (type.kind === 'date') return types.timestampNtz
  if (isDatetime(type) || type.kind === 'binary') return type
  if (type.kind === 'string' || type.kind === 'null') return decimalType(38, 18)
  throw mismatch('to_char', args, 'a number, date, timestamp or binary value and a format')
}

function encodeBytes(bytes: Uint8Array, format: string): string {
  if (format === 'hex') return Buffer.from(bytes).toString('hex').toUpperCase()
  if (format === 'base64') return Buffer.from(bytes).toString('base64')
  if (format === 'utf-8') return Buffer.from(bytes).toString('utf8')
  throw new EngineError('INVALID_PARAMETER_VALUE', `there is no binary format "${format}"`, {
    hint: "There are 'base64', 'hex' and 'utf-8'.",
  })
}

function toNumber(name: string, isSafe: boolean): ScalarFunction {
  return {
    ...plain,
    name,
    usage: `${name}(text, format) - the number of a text such as '99,999.00'${isSafe ? ', else NULL' : ''}`,
    mayFail: !isSafe,
    resolve: (args, literals) => {
      checkCount(name, args.length, 2)
      const format = literals[1]
      if (typeof format !== 'string') throw mismatch(name, args, 'a text and a constant format')
      const known = numberFormat(format)
      return {
        args: [types.string, types.string],
        returns: decimalType(formatPrecision(known), known.fractionDigits),
      }
    },
    bind: () => (text: string, format: string) => {
      const value = parseNumberAs(text, numberFormat(format))
      if (value !== undefined || isSafe) return value ?? null
      throw new EngineError('INVALID_FORMAT', `the text "${text}" does not match the format "${format}"`, {
        hint: 'Use "try_to_number" to get NULL instead.',
      })
    },
  }
}
