import type { LocalDate, LocalTimestamp, Timestamp } from '../../../engine/types/index.ts'
import type { Column, StringColumn } from '../column-types.ts'
import { define } from '../define-function.ts'
import type {
  Any,
  AnyResult,
  DateResult,
  DoubleResult,
  IntResult,
  LongResult,
  Num,
  StringResult,
  Text,
  Time,
  TimestampResult,
  Unary,
  Whole,
} from '../function-types.ts'
import type { Int, Int64 } from '../row-types.ts'

/** A stretch of time; it ends before `end`. */
export interface WindowOfTime {
  readonly start: Timestamp
  readonly end: Timestamp
}

/** Year. */
export const year: Unary<Time, Int> = define('year')

/** Quarter, 1 to 4. */
export const quarter: Unary<Time, Int> = define('quarter')

/** Month, 1 to 12. */
export const month: Unary<Time, Int> = define('month')

/** Day of the month. */
export const day: Unary<Time, Int> = define('day')

/** The same as `day`. */
export const dayofmonth: Unary<Time, Int> = define('dayofmonth')

/** Day of the week, 1 is Sunday. */
export const dayofweek: Unary<Time, Int> = define('dayofweek')

/** Day of the week, 0 is Monday. */
export const weekday: Unary<Time, Int> = define('weekday')

/** Day of the year. */
export const dayofyear: Unary<Time, Int> = define('dayofyear')

/** ISO week. */
export const weekofyear: Unary<Time, Int> = define('weekofyear')

/** Hour. */
export const hour: Unary<Time, Int> = define('hour')

/** Minute. */
export const minute: Unary<Time, Int> = define('minute')

/** Second. */
export const second: Unary<Time, Int> = define('second')

/** Last day of the month. */
export const lastDay: Unary<Time, LocalDate> = define('last_day')

/** Days since 1970. */
export const unixDate: Unary<Time, Int> = define('unix_date')

/** Microseconds since 1970. */
export const unixMicros: Unary<Time, Int64> = define('unix_micros')

/** Milliseconds since 1970. */
export const unixMillis: Unary<Time, Int64> = define('unix_millis')

/** Seconds since 1970. */
export const unixSeconds: Unary<Time, Int64> = define('unix_seconds')

/** Date of days since 1970. */
export const dateFromUnixDate: Unary<Num, LocalDate> = define('date_from_unix_date')

/** Timestamp of seconds since 1970. */
export const timestampSeconds: Unary<Num, Timestamp> = define('timestamp_seconds')

/** Timestamp of milliseconds since 1970. */
export const timestampMillis: Unary<Num, Timestamp> = define('timestamp_millis')

/** Timestamp of microseconds since 1970. */
export const timestampMicros: Unary<Num, Timestamp> = define('timestamp_micros')

/** Short name of the day of the week. */
export const dayname: Unary<Time, string> = define('dayname')

/** Short name of the month. */
export const monthname: Unary<Time, string> = define('monthname')

/** A date, of text by a format. */
export const toDate: (value: Any, format?: string) => DateResult = define('to_date', 1)

/** A timestamp, of text by a format. */
export const toTimestamp: (value: Any, format?: string) => TimestampResult = define('to_timestamp', 1)

/** A timestamp, of text by a format. */
export const toTimestampLtz: (value: Any, format?: string) => TimestampResult = define('to_timestamp_ltz', 1)

/** A timestamp without zone, of text by a format. */
export const toTimestampNtz: (value: Any, format?: Text) => AnyResult = define('to_timestamp_ntz', 1)

/** A date, or NULL. */
export const tryToDate: (value: Any, format?: string) => DateResult = define('try_to_date', 1)

/** A timestamp, or NULL. */
export const tryToTimestamp: (value: Any, format?: string) => TimestampResult = define('try_to_timestamp', 1)

/** Text by a pattern such as `yyyy-MM-dd`. */
export const dateFormat: (value: Time, format: string) => StringResult = define('date_format', 1)

/** Start of the year, month, day, … as a timestamp. */
export const dateTrunc: (unit: string, value: Time) => TimestampResult = define('date_trunc', [0])

/** The window of a time, a struct of `start` and `end`: `window(r.time, '10 minutes')`. */
export const window: (value: Time, duration: string, slide?: string, start?: string) => Column<WindowOfTime> =
  define('window', 1)

/** The last microsecond of a window. */
export const windowTime: (window: Column<unknown>) => TimestampResult = define('window_time')

/** Start of the year, month or week as a date. */
export const trunc: (value: Time, unit: string) => DateResult = define('trunc', 1)

/** Days later. */
export const dateAdd: (date: Time, days: Whole) => DateResult = define('date_add')

/** The same as `dateAdd`. */
export const dateadd: (date: Time, days: Whole) => DateResult = define('dateadd')

/** Days earlier. */
export const dateSub: (date: Time, days: Whole) => DateResult = define('date_sub')

/** Days from start to end. */
export const datediff: (end: Time, start: Time) => IntResult = define('datediff')

/** The same as `datediff`. */
export const dateDiff: (end: Time, start: Time) => IntResult = define('date_diff')

/** Months later. */
export const addMonths: (date: Time, months: Whole) => DateResult = define('add_months')

/** Months from start to end, with a fraction. */
export const monthsBetween: (end: Time, start: Time, roundOff?: boolean) => DoubleResult =
  define('months_between')

/** The next day with a name. */
export const nextDay: (date: Time, day: string) => DateResult = define('next_day', 1)

/** A date of its fields. */
export const makeDate: (year: Whole, month: Whole, day: Whole) => DateResult = define('make_date')

/** A timestamp of its fields. */
export const makeTimestampLtz: (...fields: readonly Any[]) => TimestampResult = define('make_timestamp_ltz')

/** A timestamp without zone of its fields. */
export const makeTimestampNtz: (...fields: readonly Any[]) => AnyResult = define('make_timestamp_ntz')

/** A timestamp of its fields. */
export const makeTimestamp: (...fields: readonly Any[]) => TimestampResult = define('make_timestamp')

/** An interval of years and months. */
export const makeYmInterval: (years?: Whole, months?: Whole) => AnyResult = define('make_ym_interval')

/** An interval of days to seconds. */
export const makeDtInterval: (days?: Whole, hours?: Whole, minutes?: Whole, seconds?: Whole) => AnyResult =
  define('make_dt_interval')

/** Seconds since 1970. */
export const unixTimestamp: (value?: Any, format?: string) => LongResult = define('unix_timestamp', 1)

/** Seconds since 1970. */
export const toUnixTimestamp: (value: Any, format?: string) => LongResult = define('to_unix_timestamp', 1)

/** Text of seconds since 1970. */
export const fromUnixtime: (seconds: Num, format?: string) => StringResult = define('from_unixtime', 1)

/** UTC shown on the clock of a zone. */
export const fromUtcTimestamp: (value: Time, zone: string) => TimestampResult = define(
  'from_utc_timestamp',
  1,
)

/** The clock of a zone shown in UTC. */
export const toUtcTimestamp: (value: Time, zone: string) => TimestampResult = define('to_utc_timestamp', 1)

/** The clock of one zone shown in another. */
export const convertTimezone: (from: string, to: string, value: Time) => AnyResult = define(
  'convert_timezone',
  [0, 1],
)

/** Units such as HOUR later. */
export const timestampadd: (unit: string, amount: Whole, value: Time) => TimestampResult = define(
  'timestampadd',
  [0],
)

/** Whole units such as HOUR from start to end. */
export const timestampdiff: (unit: string, start: Time, end: Time) => LongResult = define(
  'timestampdiff',
  [0],
)

/** A field by name. */
export const datePart: (field: string, value: Any) => AnyResult = define('date_part', [0])

/** The same as `datePart`. */
export const extract: (field: string, value: Any) => AnyResult = define('extract', [0])

/** Today, the same for the whole query. */
export const currentDate: () => Column<LocalDate> = define('current_date')

/** The same as `currentDate`. */
export const curdate: () => Column<LocalDate> = define('curdate')

/** Now, the same for the whole query. */
export const currentTimestamp: () => Column<Timestamp> = define('current_timestamp')

/** The same as `currentTimestamp`. */
export const now: () => Column<Timestamp> = define('now')

/** Now without zone, the same for the whole query. */
export const localtimestamp: () => Column<LocalTimestamp> = define('localtimestamp')

/** Zone of the session. */
export const currentTimezone: () => StringColumn<string> = define('current_timezone')
