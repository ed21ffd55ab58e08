import type { DatetimeParts } from './datetime-parts.ts'
import type { PatternElement } from './datetime-pattern-element.ts'
import { zoneElement } from './datetime-pattern-zones.ts'
import { digitsEnd, fractionMicros, numberOf } from './read-digits.ts'

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
)
const WEEKDAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ')
const QUARTERS = ['1st quarter', '2nd quarter', '3rd quarter', '4th quarter']

type Setter = (parts: DatetimeParts, value: number) => void
type Getter = (parts: DatetimeParts) => number

/** The element for `count` times a letter; undefined if that means nothing. */
export function fieldElement(letter: string, count: number): PatternElement | undefined {
  switch (letter) {
    case 'y':
      return count > 6 ? undefined : yearElement(count)
    case 'M':
    case 'L':
      if (count > 2)
        return count > 4 ? undefined : names(MONTHS, count === 3, ({ month }) => month - 1, setMonth)
      return number(
        count,
        2,
        ({ month }) => month,
        (parts, value) => setMonth(parts, value - 1),
      )
    case 'd':
      return count > 2 ? undefined : number(count, 2, ({ day }) => day, SETTERS.day)
    case 'D':
      if (count > 3) return undefined
      return number(count, 3, ({ dayOfYear }) => dayOfYear, SETTERS.dayOfYear)
    case 'Q':
    case 'q':
      return quarterElement(count)
    case 'E':
      if (count > 4) return undefined
      return names(
        WEEKDAYS,
        count < 4,
        ({ dayOfWeek }) => dayOfWeek - 1,
        (parts, value) => {
          parts.dayOfWeek = value + 1
        },
      )
    case 'F':
      return count > 1
        ? undefined
        : number(
            1,
            1,
            ({ day }) => ((day - 1) % 7) + 1,
            () => undefined,
          )
    case 'a':
      if (count > 1) return undefined
      return names(
        ['AM', 'PM'],
        false,
        ({ isAfternoon }) => (isAfternoon ? 1 : 0),
        (parts, value) => {
          parts.isAfternoon = value === 1
        },
      )
    case 'G':
      return names(
        ['BC', 'AD'],
        false,
        (parts) => (parts.isBeforeChrist ? 0 : 1),
        (parts, value) => {
          parts.isBeforeChrist = value === 0
        },
      )
    default:
      return clockElement(letter, count) ?? zoneElement(letter, count)
  }
}

/** Each part has its own setter, since stores under a computed name are slow. */
const SETTERS = {
  day: (parts, value) => {
    parts.day = value
  },
  dayOfYear: (parts, value) => {
    parts.dayOfYear = value
  },
  hour: (parts, value) => {
    parts.hour = value
  },
  minute: (parts, value) => {
    parts.minute = value
  },
  second: (parts, value) => {
    parts.second = value
  },
} satisfies Readonly<Record<string, Setter>>

function setMonth(parts: DatetimeParts, index: number): void {
  parts.month = index + 1
}

function clockElement(letter: string, count: number): PatternElement | undefined {
  if (letter === 'S') return count > 9 ? undefined : fractionElement(count)
  if (count > 2) return undefined
  switch (letter) {
    case 'H':
      return number(count, 2, ({ hour }) => hour, SETTERS.hour)
    case 'k':
      return number(
        count,
        2,
        ({ hour }) => hour || 24,
        (parts, value) => {
          parts.hour = value % 24
        },
      )
    case 'h':
      return number(count, 2, ({ hour }) => hour % 12 || 12, setHalfDay)
    case 'K':
      return number(count, 2, ({ hour }) => hour % 12, setHalfDay)
    case 'm':
      return number(count, 2, ({ minute }) => minute, SETTERS.minute)
    case 's':
      return number(count, 2, ({ second }) => second, SETTERS.second)
    default:
      return undefined
  }
}

function setHalfDay(parts: DatetimeParts, value: number): void {
  parts.hour = value
  parts.isHalfDay = true
}

/** One letter takes one digit or more, several letters just as many digits. */
function number(count: number, max: number, get: Getter, set: Setter): PatternElement {
  const make = (widest: number): PatternElement => ({
    isNumeric: true,
    format: (parts) => String(get(parts)).padStart(count, '0'),
    parse: (bytes, at, end, parts) => {
      const stop = digitsEnd(bytes, at, end, widest)
      if (stop - at < count) return -1
      set(parts, numberOf(bytes, at, stop))
      return stop
    },
  })
  return { ...make(count === 1 ? max : count), narrow: make(count) }
}

function yearElement(count: number): PatternElement {
  if (count === 2)
    return number(
      2,
      2,
      ({ year }) => ((year % 100) + 100) % 100,
      (parts, value) => {
        parts.year = 2000 + value
      },
    )
  const yearOf: Getter = ({ year, isBeforeChrist }) => (isBeforeChrist ? 1 - year : year)
  const make = (widest: number): PatternElement => ({
    isNumeric: true,
    format: (parts) => {
      const year = yearOf(parts)
      return `${year > 9999 && count === 4 ? '+' : ''}${String(year).padStart(count, '0')}`
    },
    parse: (bytes, at, end, parts) => {
      const negative = at < end && bytes[at] === 45
      const first = at < end && (negative || bytes[at] === 43) ? at + 1 : at
      const stop = digitsEnd(bytes, first, end, widest)
      if (stop - first < count) return -1
      parts.year = numberOf(bytes, first, stop) * (negative ? -1 : 1)
      return stop
    },
  })
  return { ...make(count === 1 ? 9 : Math.max(count, 6)), narrow: make(count) }
}

/** Written with all its digits, read from one digit on, as Spark does. */
function fractionElement(count: number): PatternElement {
  return {
    isNumeric: true,
    format: ({ micros }) => String(micros).padStart(6, '0').padEnd(9, '0').slice(0, count),
    parse: (bytes, at, end, parts) => {
      const stop = digitsEnd(bytes, at, end, count)
      if (stop === at) return -1
      parts.micros = fractionMicros(bytes, at, stop)
      return stop
    },
  }
}

function quarterElement(count: number): PatternElement | undefined {
  const quarterOf: Getter = ({ month }) => Math.floor((month - 1) / 3)
  const set: Setter = (parts, value) => {
    parts.month = value * 3 + 1
  }
  if (count <= 2)
    return number(
      count,
      2,
      (parts) => quarterOf(parts) + 1,
      (parts, value) => set(parts, value - 1),
    )
  if (count === 3) return names(['Q1', 'Q2', 'Q3', 'Q4'], false, quarterOf, set)
  return count === 4 ? names(QUARTERS, false, quarterOf, set) : undefined
}

/** One of several words, read ignoring case. */
function names(all: readonly string[], isShort: boolean, get: Getter, set: Setter): PatternElement {
  const words = isShort ? all.map((word) => word.slice(0, 3)) : all
  return {
    isNumeric: false,
    format: (parts) => words[get(parts)]!,
    parse: (bytes, at, end, parts) => {
      const index = words.findIndex((word) => startsWith(bytes, at, end, word))
      if (index < 0) return -1
      set(parts, index)
      return at + words[index]!.length
    },
  }
}

/** Whether an ASCII word stands at `at`, in any case. */
function startsWith(bytes: Uint8Array, at: number, end: number, word: string): boolean {
  if (end - at < word.length) return false
  for (let i = 0; i < word.length; i++) if ((bytes[at + i]! | 32) !== (word.charCodeAt(i) | 32)) return false
  return true
}
