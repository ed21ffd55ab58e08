import { fixedVector, setBit, type Vector } from '../../batch/index.ts'
import {
  addMonths,
  type DataType,
  MICROS_PER_DAY,
  splitMicros,
  types,
  type Value,
} from '../../types/index.ts'
import type { CallContext, Signature } from '../scalar-function.ts'
import { arithmeticOverflow, datetimeOverflow } from './arithmetic-error.ts'
import { anyNull, operandOf } from './operand.ts'
import { timeZone, toInstant, toLocal } from './time-zone.ts'

/**
 * Types of `+` and `-` when a date, timestamp or interval takes part; undefined if none does or they do not
 * go together.
 * A date and a day-time interval give a date when the interval is a literal of whole days, else a timestamp.
 */
export function datetimeSignature(
  operator: '+' | '-',
  args: readonly DataType[],
  literals: readonly (Value | undefined)[],
): Signature | undefined {
  const [a, b] = args as [DataType, DataType]
  const forward = leftSignature(operator, a, b, literals[1])
  if (forward !== undefined || operator === '-') return forward
  const swapped = leftSignature(operator, b, a, literals[0])
  return swapped && { args: [swapped.args[1]!, swapped.args[0]!], returns: swapped.returns }
}

function leftSignature(
  operator: '+' | '-',
  a: DataType,
  b: DataType,
  literal: Value | undefined,
): Signature | undefined {
  const isTimestamp = a.kind === 'timestamp' || a.kind === 'timestamp_ntz'
  if (a.kind === 'date' && (b.kind === 'int8' || b.kind === 'int16' || b.kind === 'int32'))
    return { args: [a, types.int32], returns: a }
  if (a.kind === 'date' && b.kind === 'interval_ym') return { args: [a, b], returns: a }
  if (a.kind === 'date' && b.kind === 'interval_dt') {
    if (typeof literal === 'bigint' && literal % MICROS_PER_DAY === 0n) return { args: [a, b], returns: a }
    return { args: [types.timestamp, b], returns: types.timestamp }
  }
  if (isTimestamp && (b.kind === 'interval_ym' || b.kind === 'interval_dt'))
    return { args: [a, b], returns: a }
  if ((a.kind === 'interval_ym' || a.kind === 'interval_dt') && (a.kind === b.kind || b.kind === 'null'))
    return { args: [a, a], returns: a }
  if (operator === '+') return undefined
  return differenceSignature(a, b)
}

function differenceSignature(a: DataType, b: DataType): Signature | undefined {
  const kinds = [a.kind, b.kind]
  if (!kinds.some((kind) => kind === 'date' || kind === 'timestamp' || kind === 'timestamp_ntz'))
    return undefined
  if (!kinds.every((kind) => ['date', 'timestamp', 'timestamp_ntz', 'string', 'null'].includes(kind)))
    return undefined
  const common = kinds.includes('timestamp')
    ? types.timestamp
    : kinds.includes('timestamp_ntz')
      ? types.timestampNtz
      : types.date
  return { args: [common, common], returns: types.intervalDt }
}

/** `+` and `-` over the types that `datetimeSignature` gave. */
export function datetimeArithmetic(operator: '+' | '-', args: readonly Vector[], call: CallContext): Vector {
  const left = args[0]!.type.kind
  const right = args[1]!.type.kind
  const sign = operator === '+' ? 1 : -1
  const rightIsMain = left.startsWith('interval')
    ? right === 'date' || right.startsWith('timestamp')
    : left === 'int32'
  const [main, step] = rightIsMain ? [args[1]!, args[0]!] : [args[0]!, args[1]!]
  if (main.type.kind === 'date') return shiftDates(main, step, sign, call)
  return shiftMicros(main, step, sign, call)
}

function shiftDates(main: Vector, step: Vector, sign: number, call: CallContext): Vector {
  const { rowCount, region } = call
  const a = operandOf<Int32Array>(main)
  if (step.type.kind === 'date') {
    const b = operandOf<Int32Array>(step)
    const out = region.int64(rowCount)
    for (let i = 0; i < rowCount; i++)
      out[i] = BigInt(a.values[i * a.step]! - b.values[i * b.step]!) * MICROS_PER_DAY
    return fixedVector(types.intervalDt, rowCount, out)
  }
  const out = region.int32(rowCount)
  if (step.type.kind === 'interval_dt') {
    const b = operandOf<BigInt64Array>(step)
    for (let i = 0; i < rowCount; i++)
      out[i] = a.values[i * a.step]! + sign * Number(b.values[i * b.step]! / MICROS_PER_DAY)
    return fixedVector(types.date, rowCount, out)
  }
  const b = operandOf<Int32Array>(step)
  const byMonths = step.type.kind === 'interval_ym'
  for (let i = 0; i < rowCount; i++) {
    const days = a.values[i * a.step]!
    const amount = sign * b.values[i * b.step]!
    const value = byMonths ? addMonths(days, amount) : days + amount
    if (value !== (value | 0) && !anyNull([main, step], i)) throw datetimeOverflow('date')
    out[i] = value
  }
  return fixedVector(types.date, rowCount, out)
}

/** Timestamps and intervals: int64 microseconds or int32 months, shifted by either. */
function shiftMicros(main: Vector, step: Vector, sign: number, call: CallContext): Vector {
  const { rowCount, region, returns } = call
  if (main.type.kind === 'interval_ym') return shiftInterval(main, step, sign, call)
  const a = operandOf<BigInt64Array>(main)
  const out = region.int64(rowCount).fill(0n)
  const valid = region.bitmap(rowCount)
  const byMonths = step.type.kind === 'interval_ym'
  const months = byMonths ? operandOf<Int32Array>(step) : undefined
  const micros = byMonths ? undefined : operandOf<BigInt64Array>(step)
  const zone = main.type.kind === 'timestamp' ? timeZone(call.settings.timeZone) : undefined
  for (let i = 0; i < rowCount; i++) {
    if (anyNull([main, step], i)) continue
    const from = a.values[i * a.step]!
    const value =
      months !== undefined
        ? addMonthsToMicros(from, sign * months.values[i * months.step]!, zone)
        : addDayTime(from, BigInt(sign) * micros!.values[i * micros!.step]!, zone)
    if (BigInt.asIntN(64, value) !== value)
      throw main.type.kind === 'interval_dt' ? arithmeticOverflow('interval') : datetimeOverflow('timestamp')
    out[i] = value
    setBit(valid, i)
  }
  return fixedVector(returns, rowCount, out, valid)
}

/** A timestamp so many months later: the same local time of day, in the zone if there is one. */
export function addMonthsToMicros(
  micros: bigint,
  months: number,
  zone: ReturnType<typeof timeZone> | undefined,
): bigint {
  const local = zone === undefined ? micros : toLocal(micros, zone)
  const { days, microsOfDay } = splitMicros(local)
  const shifted = BigInt(addMonths(days, months)) * MICROS_PER_DAY + BigInt(microsOfDay)
  return zone === undefined ? shifted : toInstant(shifted, zone)
}

/**
 * A timestamp so many whole days later at the same local time, and then the rest of the microseconds later.
 */
function addDayTime(micros: bigint, step: bigint, zone: ReturnType<typeof timeZone> | undefined): bigint {
  const rest = step % MICROS_PER_DAY
  if (zone === undefined || rest === step) return micros + step
  return toInstant(toLocal(micros, zone) + step - rest, zone) + rest
}

function shiftInterval(main: Vector, step: Vector, sign: number, { rowCount, region }: CallContext): Vector {
  const a = operandOf<Int32Array>(main)
  const b = operandOf<Int32Array>(step)
  const out = region.int32(rowCount)
  for (let i = 0; i < rowCount; i++) {
    const value = a.values[i * a.step]! + sign * b.values[i * b.step]!
    if (value !== (value | 0) && !anyNull([main, step], i)) throw arithmeticOverflow('interval')
    out[i] = value
  }
  return fixedVector(types.intervalYm, rowCount, out)
}
