import { Decimal } from './decimal.ts'
import { DayTimeInterval, LocalDate, LocalTimestamp, MonthInterval, Timestamp } from './temporal.ts'

/** How objects of one of the engine's classes travel as plain data, and come back. */
export interface ValueClass {
  readonly name: string
  readonly is: (value: object) => boolean
  readonly pack: (value: never) => unknown
  /** Whether data of an unknown sender can be what `pack` gave. */
  readonly accepts: (data: unknown) => boolean
  readonly unpack: (data: never) => unknown
}

/** The engine's own classes of values. The place in this list is how a class is named on the way. */
export const VALUE_CLASSES: readonly ValueClass[] = [
  {
    name: 'Decimal',
    is: (value) => value instanceof Decimal,
    pack: (value: Decimal) => [value.unscaled, value.scale],
    accepts: (data) =>
      Array.isArray(data) && data.length === 2 && typeof data[0] === 'bigint' && isInt32(data[1]),
    unpack: ([unscaled, scale]: [bigint, number]) => new Decimal(unscaled, scale),
  },
  {
    name: 'LocalDate',
    is: (value) => value instanceof LocalDate,
    pack: (value: LocalDate) => value.days,
    accepts: (data) => typeof data === 'number',
    unpack: (days: number) => new LocalDate(days),
  },
  {
    name: 'Timestamp',
    is: (value) => value instanceof Timestamp,
    pack: (value: Timestamp) => value.micros,
    accepts: (data) => typeof data === 'bigint',
    unpack: (micros: bigint) => new Timestamp(micros),
  },
  {
    name: 'LocalTimestamp',
    is: (value) => value instanceof LocalTimestamp,
    pack: (value: LocalTimestamp) => value.micros,
    accepts: (data) => typeof data === 'bigint',
    unpack: (micros: bigint) => new LocalTimestamp(micros),
  },
  {
    name: 'MonthInterval',
    is: (value) => value instanceof MonthInterval,
    pack: (value: MonthInterval) => value.months,
    accepts: (data) => typeof data === 'number',
    unpack: (months: number) => new MonthInterval(months),
  },
  {
    name: 'DayTimeInterval',
    is: (value) => value instanceof DayTimeInterval,
    pack: (value: DayTimeInterval) => value.micros,
    accepts: (data) => typeof data === 'bigint',
    unpack: (micros: bigint) => new DayTimeInterval(micros),
  },
]

/** The place of an object's class in VALUE_CLASSES; -1 if it is none of them. */
export function valueClassIndex(value: object): number {
  return VALUE_CLASSES.findIndex((each) => each.is(value))
}

function isInt32(value: unknown): boolean {
  return typeof value === 'number' && value === (value | 0)
}
