import type { DatetimeFields, PatternElement } from './datetime-pattern-element.ts'
import { zoneElement } from './datetime-pattern-zones.ts'

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
)
const WEEKDAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ')
const QUARTERS = ['1st quarter', '2nd quarter', '3rd quarter', '4th quarter']

type Setter = (fields: DatetimeFields, value: number) => void
type Getter = (fields: DatetimeFields) => number

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
        (fields, value) => setMonth(fields, value - 1),
      )
    case 'd':
      return count > 2 ? undefined : number(count, 2, ({ day }) => day, into('day'))
    case 'D':
      if (count > 3) return undefined
      return number(count, 3, ({ dayOfYear }) => dayOfYear, into('dayOfYear'))
    case 'Q':
    case 'q':
      return quarterElement(count)
    case 'E':
      if (count > 4) return undefined
      return names(
        WEEKDAYS,
        count < 4,
        ({ dayOfWeek }) => dayOfWeek - 1,
        (fields, value) => {
          fields.dayOfWeek = value + 1
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
        (fields) => (fields.isAfternoon === true ? 1 : 0),
        (fields, value) => {
          fields.isAfternoon = value === 1
        },
      )
    case 'G':
      return names(
        ['BC', 'AD'],
        false,
        (fields) => (fields.isBeforeChrist ? 0 : 1),
        (fields, value) => {
          fields.isBeforeChrist = value === 0
        },
      )
    default:
      return clockElement(letter, count) ?? zoneElement(letter, count)
  }
}

type NumberField = 'day' | 'dayOfYear' | 'hour' | 'minute' | 'second'

function into(field: NumberField): Setter {
  return (fields, value) => {
    fields[field] = value
  }
}

function setMonth(fields: DatetimeFields, index: number): void {
  fields.month = index + 1
}

function clockElement(letter: string, count: number): PatternElement | undefined {
  if (letter === 'S') return count > 9 ? undefined : fractionElement(count)
  if (count > 2) return undefined
  switch (letter) {
    case 'H':
      return number(count, 2, ({ hour }) => hour, into('hour'))
    case 'k':
      return number(
        count,
        2,
        ({ hour }) => hour || 24,
        (fields, value) => {
          fields.hour = value % 24
        },
      )
    case 'h':
      return number(count, 2, ({ hour }) => hour % 12 || 12, setHalfDay)
    case 'K':
      return number(count, 2, ({ hour }) => hour % 12, setHalfDay)
    case 'm':
      return number(count, 2, ({ minute }) => minute, into('minute'))
    case 's':
      return number(count, 2, ({ second }) => second, into('second'))
    default:
      return undefined
  }
}

function setHalfDay(fields: DatetimeFields, value: number): void {
  fields.hour = value
  fields.isHalfDay = true
}

function digitsEnd(text: string, at: number, max: number): number {
  let end = at
  while (end < text.length && end - at < max && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57)
    end++
  return end
}

/** One letter takes one digit or more, several letters just as many digits. */
function number(
  count: number,
  max: number,
  get: Getter,
  set: Setter,
): PatternElement & { readonly narrow: PatternElement } {
  const make = (widest: number): PatternElement => ({
    isNumeric: true,
    format: (fields) => String(get(fields)).padStart(count, '0'),
    parse: (text, at, fields) => {
      const end = digitsEnd(text, at, widest)
      if (end - at < count) return -1
      set(fields, Number(text.slice(at, end)))
      return end
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
      (fields, value) => {
        fields.year = 2000 + value
      },
    )
  const yearOf: Getter = ({ year, isBeforeChrist }) => (isBeforeChrist ? 1 - year : year)
  const make = (widest: number): PatternElement => ({
    isNumeric: true,
    format: (fields) => {
      const year = yearOf(fields)
      return `${year > 9999 && count === 4 ? '+' : ''}${String(year).padStart(count, '0')}`
    },
    parse: (text, at, fields) => {
      const signed = text[at] === '+' || text[at] === '-' ? at + 1 : at
      const end = digitsEnd(text, signed, widest)
      if (end - signed < count) return -1
      fields.year = Number(text.slice(at, end))
      return end
    },
  })
  return Object.assign(make(count === 1 ? 9 : Math.max(count, 6)), { narrow: make(count) })
}

function fractionElement(count: number): PatternElement {
  return {
    isNumeric: true,
    format: ({ nanos }) => String(nanos).padStart(9, '0').slice(0, count),
    parse: (text, at, fields) => {
      const end = digitsEnd(text, at, count)
      if (end - at < count) return -1
      fields.nanos = Number(text.slice(at, end).padEnd(9, '0'))
      return end
    },
  }
}

function quarterElement(count: number): PatternElement | undefined {
  const quarterOf: Getter = ({ month }) => Math.floor((month - 1) / 3)
  const set: Setter = (fields, value) => {
    fields.month = value * 3 + 1
  }
  if (count <= 2)
    return number(
      count,
      2,
      (fields) => quarterOf(fields) + 1,
      (fields, value) => set(fields, value - 1),
    )
  if (count === 3) return names(['Q1', 'Q2', 'Q3', 'Q4'], false, quarterOf, set)
  return count === 4 ? names(QUARTERS, false, quarterOf, set) : undefined
}

/** One of several words, read ignoring case. */
function names(all: readonly string[], isShort: boolean, get: Getter, set: Setter): PatternElement {
  const words = isShort ? all.map((word) => word.slice(0, 3)) : all
  const lower = words.map((word) => word.toLowerCase())
  return {
    isNumeric: false,
    format: (fields) => words[get(fields)]!,
    parse: (text, at, fields) => {
      const index = lower.findIndex((word) => text.substring(at, at + word.length).toLowerCase() === word)
      if (index < 0) return -1
      set(fields, index)
      return at + lower[index]!.length
    },
  }
}
