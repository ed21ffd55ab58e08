import { EngineError } from '../../errors.ts'
import { type DataType, floorDiv, MICROS_PER_DAY, types } from '../../types/index.ts'
import type { CallContext, ScalarFunction } from '../scalar-function.ts'
import { checkCount, int64, mismatch, signature, string } from '../signature.ts'
import { asTimestamp } from './datetime-fields.ts'
import { cannotParse, datetimePattern } from './datetime-pattern.ts'
import { parseDate, parseTimestamp, parseTimestampNtz } from './parse-datetime.ts'
import { timeZone, toInstant, toLocal, UTC } from './time-zone.ts'

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: true } as const

const DEFAULT_PATTERN = 'yyyy-MM-dd HH:mm:ss'

/** Text to dates and timestamps, and back, by pattern. */
export const datetimeTextFunctions: readonly ScalarFunction[] = [
  {
    ...plain,
    name: 'date_format',
    usage: 'date_format(timestamp, pattern) - the timestamp as text',
    resolve: signature('date_format', [asTimestamp, string], types.string),
    bind: ({ argTypes, settings }) => {
      const zone = argTypes[0]!.kind === 'timestamp' ? timeZone(settings.timeZone) : UTC
      return (micros: bigint, pattern: string) => datetimePattern(pattern).format(micros, zone)
    },
  },
  toDatetime('to_date', types.date, false),
  toDatetime('try_to_date', types.date, true),
  toDatetime('to_timestamp', types.timestamp, false),
  toDatetime('to_timestamp_ltz', types.timestamp, false),
  toDatetime('try_to_timestamp', types.timestamp, true),
  toDatetime('to_timestamp_ntz', types.timestampNtz, false),
  {
    ...plain,
    name: 'from_unixtime',
    usage: 'from_unixtime(seconds[, pattern]) - seconds since 1970 as text',
    resolve: signature('from_unixtime', [int64, string], types.string, { min: 1 }),
    bind: ({ settings }) => {
      const zone = timeZone(settings.timeZone)
      return (seconds: bigint, pattern = DEFAULT_PATTERN) =>
        datetimePattern(pattern).format(seconds * 1_000_000n, zone)
    },
  },
  unixTimestamp('unix_timestamp', 0),
  unixTimestamp('to_unix_timestamp', 1),
]

function toDatetime(name: string, returns: DataType, isSafe: boolean): ScalarFunction {
  const what = returns.kind === 'date' ? 'date' : 'timestamp'
  return {
    ...plain,
    name,
    mayFail: !isSafe,
    usage: `${name}(text[, pattern]) - the text as a ${what}${isSafe ? ', or NULL if it is none' : ''}`,
    resolve: (args) => {
      checkCount(name, args.length, 1, 2)
      const kind = args[0]!.kind
      const isDatetime = kind === 'date' || kind === 'timestamp' || kind === 'timestamp_ntz'
      if (!isDatetime && kind !== 'string' && kind !== 'null')
        throw mismatch(name, args, 'text, a date or a timestamp')
      return {
        args: [isDatetime ? returns : types.string, ...args.slice(1).map(() => types.string)],
        returns,
      }
    },
    bind: (call) => {
      if (call.argTypes[0]!.kind !== 'string') return (value: number | bigint) => value
      const read = textReader(returns, call)
      return (text: string, pattern?: string) => {
        const value = read(text, pattern)
        if (value !== undefined) return value
        if (isSafe) return null
        throw pattern === undefined ? malformed(text, returns) : cannotParse(text, pattern)
      }
    },
  }
}

function malformed(text: string, returns: DataType): EngineError {
  const target = returns.kind.toUpperCase()
  return new EngineError(
    'CAST_INVALID_INPUT',
    `the value '${text}' of the type "STRING" cannot be cast to "${target}" because it is malformed`,
    { hint: 'Give a pattern, or use "try_to_timestamp" or "try_to_date" to get NULL instead.' },
  )
}

/** Reads text as a date or timestamp, by a pattern or by the rules of casts; undefined if it is none. */
function textReader(
  returns: DataType,
  { settings }: CallContext,
): (text: string, pattern: string | undefined) => number | bigint | undefined {
  const zone = timeZone(settings.timeZone)
  return (text, pattern) => {
    if (pattern === undefined) {
      if (returns.kind === 'date') return parseDate(text)
      return returns.kind === 'timestamp' ? parseTimestamp(text, zone) : parseTimestampNtz(text)
    }
    const parsed = datetimePattern(pattern).parse(text)
    if (parsed === undefined) return undefined
    if (returns.kind === 'timestamp_ntz') return parsed.localMicros
    const instant = toInstant(parsed.localMicros, parsed.zone ?? zone)
    if (returns.kind === 'timestamp') return instant
    return Number(floorDiv(toLocal(instant, zone), MICROS_PER_DAY))
  }
}

function unixTimestamp(name: string, min: number): ScalarFunction {
  return {
    ...plain,
    name,
    volatility: 'stable',
    usage: `${name}(${min === 0 ? '[' : ''}time[, pattern]${min === 0 ? ']' : ''}) - seconds since 1970`,
    resolve: (args) => {
      checkCount(name, args.length, min, 2)
      if (args.length === 0) return { args: [], returns: types.int64 }
      const kind = args[0]!.kind
      const main = kind === 'string' || kind === 'null' ? types.string : asTimestamp.accept(args[0]!)
      if (main === undefined) throw mismatch(name, args, 'text, a date or a timestamp')
      const first = main.kind === 'timestamp_ntz' ? types.timestamp : main
      return { args: [first, ...args.slice(1).map(() => types.string)], returns: types.int64 }
    },
    bind: (call) => {
      const seconds = (micros: bigint) => floorDiv(micros, 1_000_000n)
      const { argTypes, settings } = call
      if (argTypes.length === 0) return () => seconds(settings.nowMicros)
      if (argTypes[0]!.kind !== 'string') return (micros: bigint) => seconds(micros)
      const read = textReader(types.timestamp, call)
      return (text: string, pattern = DEFAULT_PATTERN) => {
        const micros = read(text, pattern)
        if (micros === undefined) throw cannotParse(text, pattern)
        return seconds(micros as bigint)
      }
    },
  }
}
