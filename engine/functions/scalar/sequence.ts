import { EngineError } from '../../errors.ts'
import {
  addMonths,
  commonTypeOf,
  type DataType,
  isDatetime,
  isInteger,
  listType,
  MICROS_PER_DAY,
  types,
  type Value,
} from '../../types/index.ts'
import type { CallContext, ScalarFunction } from '../scalar-function.ts'
import { checkCount, mismatch } from '../signature.ts'
import { addMonthsToMicros } from './datetime-arithmetic.ts'
import { type TimeZone, timeZone, toInstant, toLocal } from './time-zone.ts'

const MOST_ELEMENTS = 2 ** 31 - 16

/** Arrays that count. */
export const sequenceFunctions: readonly ScalarFunction[] = [
  {
    name: 'sequence',
    usage: 'sequence(start, stop[, step]) - the values from start to stop; dates go by intervals',
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: true,
    resolve: (args) => {
      checkCount('sequence', args.length, 2, 3)
      const ends = commonTypeOf(args.slice(0, 2))
      const step = args[2]
      if (ends !== undefined && (isInteger(ends) || ends.kind === 'null')) {
        const common = commonTypeOf(args)
        if (common !== undefined && isInteger(common))
          return { args: args.map(() => common), returns: listType(common) }
      }
      const stepFits = step === undefined || /^(interval_|null)/.test(step.kind)
      if (ends === undefined || !isDatetime(ends) || !stepFits)
        throw mismatch('sequence', args, 'integers, or dates or timestamps and an interval')
      return { args: [ends, ends, ...(step === undefined ? [] : [step])], returns: listType(ends) }
    },
    bind: (call) => {
      const [ends, , step] = call.argTypes as [DataType, DataType, DataType | undefined]
      return isInteger(ends) ? integers(ends) : moments(ends, step ?? types.intervalDt, call)
    },
  },
]

function integers(
  type: DataType,
): (start: number | bigint, stop: number | bigint, step?: number | bigint) => Value {
  return (start, stop, step) => {
    const [from, to] = [BigInt(start), BigInt(stop)]
    const by = step === undefined ? (from <= to ? 1n : -1n) : BigInt(step)
    const count = countOf(from, to, by)
    return Array.from({ length: count }, (_, index) => {
      const value = from + by * BigInt(index)
      return type.kind === 'int64' ? value : Number(value)
    })
  }
}

/** How many values there are. INVALID_ARGUMENT if the step leads away from the end. */
function countOf(from: bigint, to: bigint, by: bigint): number {
  if (by === 0n ? from !== to : by > 0n ? from > to : from < to)
    throw new EngineError('INVALID_ARGUMENT', `a sequence from ${from} to ${to} cannot go by ${by}`)
  const count = by === 0n ? 1n : (to - from) / by + 1n
  if (count > MOST_ELEMENTS)
    throw new EngineError(
      'RESOURCES_EXHAUSTED',
      `a sequence of ${count} values is longer than an array can be`,
    )
  return Number(count)
}

type Moments = (start: number | bigint, stop: number | bigint, step?: number | bigint) => Value

function moments(ends: DataType, step: DataType, { settings }: CallContext): Moments {
  const zone = timeZone(settings.timeZone)
  if (step.kind === 'interval_ym') return months(ends, zone)
  const unit = ends.kind === 'date' ? MICROS_PER_DAY : 1n
  return (start, stop, given) => {
    // Days are days of the clock, also where the clock is set.
    const local = (value: number | bigint) =>
      ends.kind === 'timestamp' && isWholeDays(given) ? toLocal(value as bigint, zone) : BigInt(value) * unit
    const [from, to] = [local(start), local(stop)]
    const by = given === undefined ? (from <= to ? MICROS_PER_DAY : -MICROS_PER_DAY) : BigInt(given)
    if (by % unit !== 0n)
      throw new EngineError('INVALID_ARGUMENT', 'a sequence of dates goes by whole days', {
        hint: 'Cast the ends to timestamps for shorter steps.',
      })
    return Array.from({ length: countOf(from, to, by) }, (_, index): Value => {
      const value = from + by * BigInt(index)
      if (ends.kind === 'date') return Number(value / unit)
      return ends.kind === 'timestamp' && isWholeDays(given) ? toInstant(value, zone) : value
    })
  }
}

function isWholeDays(step: number | bigint | undefined): boolean {
  return step === undefined || BigInt(step) % MICROS_PER_DAY === 0n
}

function months(ends: DataType, zone: TimeZone): Moments {
  const add = (start: number | bigint, count: number) =>
    ends.kind === 'date'
      ? addMonths(start as number, count)
      : addMonthsToMicros(start as bigint, count, ends.kind === 'timestamp' ? zone : undefined)
  return (start, stop, step) => {
    const by = Number(step)
    if (by === 0 ? start !== stop : by > 0 ? start > stop : start < stop)
      throw new EngineError('INVALID_ARGUMENT', `a sequence cannot go by ${by} months away from its end`)
    const values: Value[] = []
    for (let index = 0; ; index++) {
      const value = add(start, index * by)
      if (by > 0 ? value > stop : value < stop) break
      values.push(value)
      if (by === 0) break
    }
    return values
  }
}
