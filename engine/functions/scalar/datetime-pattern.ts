import { EngineError } from '../../errors.ts'
import {
  civilOf,
  dayOfYear,
  daysOf,
  isoDayOfWeek,
  isValidDate,
  MICROS_PER_DAY,
  splitMicros,
} from '../../types/index.ts'
import type { DatetimeFields, PatternElement } from './datetime-pattern-element.ts'
import { fieldElement } from './datetime-pattern-letters.ts'
import type { ParsedTimestamp } from './parse-datetime.ts'
import { type TimeZone, timeZone, toInstant, toLocal } from './time-zone.ts'

/** A compiled datetime pattern with Spark's letters. */
export interface DatetimePattern {
  readonly pattern: string
  /** Writes an instant as seen in a zone. */
  format(micros: bigint, zone: TimeZone): string
  /** Reads a whole text; what the pattern does not name is 1970-01-01 00:00:00. Undefined if it does not match. */
  parse(text: string): ParsedTimestamp | undefined
}

const compiled = new Map<string, DatetimePattern>()
const MAX_COMPILED = 200

/** Compiles a pattern such as `yyyy-MM-dd HH:mm:ss[.SSS]`; INVALID_ARGUMENT for letters that mean nothing. */
export function datetimePattern(pattern: string): DatetimePattern {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  const { elements, end } = readElements(pattern, 0, false)
  if (end !== pattern.length) throw invalidPattern(pattern, 'it closes a section that it did not open')
  const result: DatetimePattern = {
    pattern,
    format: (micros, zone) => {
      const fields = fieldsOf(micros, zone)
      return elements.map((element) => element.format(fields)).join('')
    },
    parse: (text) => {
      const fields = emptyFields()
      return parseAll(elements, text, 0, fields) === text.length ? toTimestamp(fields) : undefined
    },
  }
  if (compiled.size >= MAX_COMPILED) compiled.clear()
  compiled.set(pattern, result)
  return result
}

/** The instant that a text names under a pattern, local times being in `zone`; undefined if it does not match. */
export function parseWithPattern(pattern: DatetimePattern, text: string, zone: TimeZone): bigint | undefined {
  const parsed = pattern.parse(text)
  return parsed && toInstant(parsed.localMicros, parsed.zone ?? zone)
}

/** The error of a text that does not match its pattern. */
export function cannotParse(text: string, pattern: string): EngineError {
  return new EngineError(
    'CANNOT_PARSE_TIMESTAMP',
    `the text "${text}" cannot be parsed with the pattern "${pattern}"`,
    {
      hint: 'Use "try_to_timestamp" or "try_to_date" to get NULL instead.',
    },
  )
}

function invalidPattern(pattern: string, why: string): EngineError {
  return new EngineError('INVALID_ARGUMENT', `the datetime pattern "${pattern}" is invalid: ${why}`, {
    hint: 'Letters are y M L d D Q q E F a h H k K m s S G V z O X x Z; put other letters in single quotes.',
  })
}

function readElements(
  pattern: string,
  from: number,
  isNested: boolean,
): { readonly elements: readonly PatternElement[]; readonly end: number } {
  const elements: PatternElement[] = []
  let at = from
  while (at < pattern.length) {
    const character = pattern[at]!
    if (character === ']' && isNested) return { elements: linkNumbers(elements), end: at }
    if (character === '[') {
      const inner = readElements(pattern, at + 1, true)
      if (pattern[inner.end] !== ']')
        throw invalidPattern(pattern, 'it does not close a section that it opened')
      elements.push(optional(inner.elements))
      at = inner.end + 1
    } else if (character === "'") {
      const quoted = readQuoted(pattern, at)
      elements.push(literal(quoted.text))
      at = quoted.end
    } else if (/[A-Za-z]/.test(character)) {
      let end = at
      while (pattern[end] === character) end++
      const element = fieldElement(character, end - at)
      if (element === undefined) throw invalidPattern(pattern, `"${pattern.slice(at, end)}" means nothing`)
      elements.push(element)
      at = end
    } else {
      if ('{}#]'.includes(character)) throw invalidPattern(pattern, `"${character}" is reserved`)
      elements.push(literal(character))
      at++
    }
  }
  return { elements: linkNumbers(elements), end: at }
}

function readQuoted(pattern: string, at: number): { readonly text: string; readonly end: number } {
  if (pattern[at + 1] === "'") return { text: "'", end: at + 2 }
  let text = ''
  for (let i = at + 1; i < pattern.length; i++) {
    if (pattern[i] !== "'") text += pattern[i]
    else if (pattern[i + 1] === "'") text += pattern[i++]
    else return { text, end: i + 1 }
  }
  throw invalidPattern(pattern, 'it does not close a quote')
}

/** A number directly before another takes only as many digits as it has letters. */
function linkNumbers(elements: readonly PatternElement[]): readonly PatternElement[] {
  return elements.map((element, index) =>
    element.isNumeric && elements[index + 1]?.isNumeric === true && 'narrow' in element
      ? (element as PatternElement & { readonly narrow: PatternElement }).narrow
      : element,
  )
}

function literal(text: string): PatternElement {
  return {
    isNumeric: false,
    format: () => text,
    parse: (input, at) => (input.startsWith(text, at) ? at + text.length : -1),
  }
}

function optional(elements: readonly PatternElement[]): PatternElement {
  return {
    isNumeric: false,
    format: (fields) => elements.map((element) => element.format(fields)).join(''),
    parse: (text, at, fields) => {
      const trial = { ...fields }
      const end = parseAll(elements, text, at, trial)
      if (end < 0) return at
      Object.assign(fields, trial)
      return end
    },
  }
}

function parseAll(
  elements: readonly PatternElement[],
  text: string,
  from: number,
  fields: DatetimeFields,
): number {
  let at = from
  for (const element of elements) {
    at = element.parse(text, at, fields)
    if (at < 0) return -1
  }
  return at
}

function emptyFields(): DatetimeFields {
  return {
    year: 1970,
    month: 1,
    day: 1,
    dayOfYear: 0,
    dayOfWeek: 0,
    hour: 0,
    minute: 0,
    second: 0,
    nanos: 0,
    isAfternoon: undefined,
    isHalfDay: false,
    isBeforeChrist: false,
    zone: undefined,
    offsetSeconds: 0,
    epochSeconds: 0,
  }
}

function fieldsOf(micros: bigint, zone: TimeZone): DatetimeFields {
  const local = toLocal(micros, zone)
  const { days, microsOfDay } = splitMicros(local)
  const { year, month, day } = civilOf(days)
  const second = Math.floor(microsOfDay / 1_000_000)
  return {
    year,
    month,
    day,
    dayOfYear: dayOfYear(days),
    dayOfWeek: isoDayOfWeek(days),
    hour: Math.floor(second / 3600),
    minute: Math.floor(second / 60) % 60,
    second: second % 60,
    nanos: (microsOfDay % 1_000_000) * 1000,
    isAfternoon: second >= 43_200,
    isHalfDay: false,
    isBeforeChrist: year <= 0,
    zone,
    offsetSeconds: Number(local - micros) / 1_000_000,
    epochSeconds: Number(micros / 1_000_000n),
  }
}

function toTimestamp(fields: DatetimeFields): ParsedTimestamp | undefined {
  const year = fields.isBeforeChrist ? 1 - fields.year : fields.year
  let { month, day, hour } = fields
  if (fields.dayOfYear > 0) {
    const date = civilOf(daysOf(year, 1, fields.dayOfYear))
    if (date.year !== year) return undefined
    month = date.month
    day = date.day
  }
  if (fields.isHalfDay) hour = (hour % 12) + (fields.isAfternoon === true ? 12 : 0)
  if (!isValidDate(year, month, day) || hour > 23 || fields.minute > 59 || fields.second > 59)
    return undefined
  const seconds = hour * 3600 + fields.minute * 60 + fields.second
  const localMicros =
    BigInt(daysOf(year, month, day)) * MICROS_PER_DAY +
    BigInt(seconds) * 1_000_000n +
    BigInt(Math.floor(fields.nanos / 1000))
  return { localMicros, zone: fields.zone }
}

/** UTC, in which local times without zone are formatted. */
export const UTC: TimeZone = timeZone('UTC')
