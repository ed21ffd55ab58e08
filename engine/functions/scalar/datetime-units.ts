import { EngineError } from '../../errors.ts'
import { civilOf, type DataType, MICROS_PER_DAY, splitMicros, types, type Value } from '../../types/index.ts'
import type { CallContext, Signature } from '../scalar-function.ts'
import { checkCount, int64, mismatch } from '../signature.ts'
import { datetimeOverflow } from './arithmetic-error.ts'
import { addMonthsToMicros } from './datetime-arithmetic.ts'
import { asTimestamp } from './datetime-fields.ts'
import { timeZone, toInstant, toLocal } from './time-zone.ts'

/** Units of timestampadd and timestampdiff: months, or microseconds. */
const UNITS: Readonly<Record<string, { readonly months?: number; readonly micros?: bigint }>> = {
  microsecond: { micros: 1n },
  millisecond: { micros: 1000n },
  second: { micros: 1_000_000n },
  minute: { micros: 60_000_000n },
  hour: { micros: 3_600_000_000n },
  day: { micros: MICROS_PER_DAY },
  dayofyear: { micros: MICROS_PER_DAY },
  week: { micros: 7n * MICROS_PER_DAY },
  month: { months: 1 },
  quarter: { months: 3 },
  year: { months: 12 },
}

function checkUnit(name: string, args: readonly DataType[], literals: readonly (Value | undefined)[]): void {
  checkCount(name, args.length, 3)
  const unit = literals[0]
  if (typeof unit !== 'string' || UNITS[unit.toLowerCase()] === undefined)
    throw new EngineError('INVALID_ARGUMENT', `"${String(unit ?? 'a value')}" is not a unit of time`, {
      hint: `Units are ${Object.keys(UNITS).join(', ')}.`,
    })
}

/** Part of timestampadd, timestampdiff and their short names. */
export function resolveTimestampAdd(
  name: string,
  args: readonly DataType[],
  literals: readonly (Value | undefined)[],
): Signature {
  checkUnit(name, args, literals)
  const amount = int64.accept(args[1]!)
  const main = asTimestamp.accept(args[2]!)
  if (amount === undefined || main === undefined)
    throw mismatch(name, args, 'a unit, an integer and a timestamp')
  return { args: [types.string, amount, main], returns: main }
}

/** Part of timestampadd, timestampdiff and their short names. */
export function timestampAdd({
  settings,
  returns,
}: CallContext): (unit: string, amount: bigint, micros: bigint) => bigint {
  const zone = returns.kind === 'timestamp' ? timeZone(settings.timeZone) : undefined
  return (unit, amount, micros) => {
    const { months, micros: length } = UNITS[unit.toLowerCase()]!
    let result: bigint
    if (months !== undefined) result = addMonthsToMicros(micros, Number(amount) * months, zone)
    else if (zone !== undefined && length! % MICROS_PER_DAY === 0n)
      result = toInstant(toLocal(micros, zone) + amount * length!, zone)
    else result = micros + amount * length!
    if (BigInt.asIntN(64, result) !== result) throw datetimeOverflow('timestamp')
    return result
  }
}

/** Part of timestampadd, timestampdiff and their short names. */
export function resolveTimestampDiff(
  name: string,
  args: readonly DataType[],
  literals: readonly (Value | undefined)[],
): Signature {
  checkUnit(name, args, literals)
  const ntz = args[1]!.kind === 'timestamp_ntz' && args[2]!.kind === 'timestamp_ntz'
  const from = asTimestamp.accept(args[1]!)
  const to = asTimestamp.accept(args[2]!)
  if (from === undefined || to === undefined) throw mismatch(name, args, 'a unit and two timestamps')
  const common = ntz ? types.timestampNtz : types.timestamp
  return { args: [types.string, common, common], returns: types.int64 }
}

/** Part of timestampadd, timestampdiff and their short names. */
export function timestampDiff({
  argTypes,
  settings,
}: CallContext): (unit: string, start: bigint, end: bigint) => bigint {
  const zone = timeZone(argTypes[1]!.kind === 'timestamp' ? settings.timeZone : 'UTC')
  return (unit, start, end) => {
    const { months, micros } = UNITS[unit.toLowerCase()]!
    if (micros !== undefined && micros % MICROS_PER_DAY !== 0n) return (end - start) / micros
    const from = toLocal(start, zone)
    const to = toLocal(end, zone)
    if (micros !== undefined) return (to - from) / micros
    return BigInt(Math.trunc(wholeMonths(from, to) / months!))
  }
}

function wholeMonths(from: bigint, to: bigint): number {
  const a = splitMicros(from)
  const b = splitMicros(to)
  const start = civilOf(a.days)
  const end = civilOf(b.days)
  const months = (end.year - start.year) * 12 + end.month - start.month
  const dayOrder = end.day - start.day || b.microsOfDay - a.microsOfDay
  if (months > 0 && dayOrder < 0) return months - 1
  return months < 0 && dayOrder > 0 ? months + 1 : months
}
