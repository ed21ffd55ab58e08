import { EngineError } from '../../errors.ts'
import { civilOf, daysOf } from '../../types/index.ts'
import { DatetimeParts } from './datetime-parts.ts'
import type { PatternElement } from './datetime-pattern-element.ts'
import { fieldElement } from './datetime-pattern-letters.ts'
import { type TimeZone, toInstant } from './time-zone.ts'

/** A local time, and the zone that its text names if it does. */
export interface ParsedTimestamp {
  readonly localMicros: bigint
  readonly zone: TimeZone | undefined
}

/** A compiled datetime pattern with Spark's letters. */
export interface DatetimePattern {
  readonly pattern: string
  /** Writes an instant as seen in a zone. */
  format(micros: bigint, zone: TimeZone): string
  /**
   * Reads a whole text; what the pattern does not name is 1970-01-01 00:00:00. Undefined if it does not
   * match.
   */
  parse(text: string): ParsedTimestamp | undefined
  /** Reads bytes into `out`; false if they do not follow the pattern or name no time that exists. */
  parseBytes(bytes: Uint8Array, start: number, end: number, out: DatetimeParts): boolean
}

const compiled = new Map<string, DatetimePattern>()
const MAX_COMPILED = 200

/** Compiles a pattern such as `yyyy-MM-dd HH:mm:ss[.SSS]`; INVALID_ARGUMENT for letters that mean nothing. */
export function datetimePattern(pattern: string): DatetimePattern {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  const { elements, end } = readElements(pattern, 0, false)
  if (end !== pattern.length) throw invalidPattern(pattern, 'it closes a section that it did not open')
  const parts = new DatetimeParts()
  const parseBytes = (bytes: Uint8Array, start: number, stop: number, out: DatetimeParts): boolean => {
    out.reset()
    return parseAll(elements, bytes, start, stop, out) === stop && settle(out)
  }
  const result: DatetimePattern = {
    pattern,
    parseBytes,
    format: (micros, zone) => {
      parts.setInstant(micros, zone)
      return formatAll(elements, parts)
    },
    parse: (text) => {
      const bytes = Buffer.from(text)
      if (!parseBytes(bytes, 0, bytes.length, parts)) return undefined
      return { localMicros: parts.localMicros, zone: parts.zone }
    },
  }
  if (compiled.size >= MAX_COMPILED) compiled.clear()
  compiled.set(pattern, result)
  return result
}

/**
 * The instant that a text names under a pattern, local times being in `zone`; undefined if it does not match.
 */
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
    elements[index + 1]?.isNumeric === true ? (element.narrow ?? element) : element,
  )
}

function literal(text: string): PatternElement {
  const expected = Buffer.from(text)
  return {
    isNumeric: false,
    format: () => text,
    parse: (bytes, at, end) => {
      if (end - at < expected.length) return -1
      for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return -1
      return at + expected.length
    },
  }
}

function optional(elements: readonly PatternElement[]): PatternElement {
  return {
    isNumeric: false,
    format: (parts) => formatAll(elements, parts),
    parse: (bytes, at, end, parts) => {
      const before = { ...parts }
      const stop = parseAll(elements, bytes, at, end, parts)
      if (stop < 0) Object.assign(parts, before)
      return stop < 0 ? at : stop
    },
  }
}

function formatAll(elements: readonly PatternElement[], parts: DatetimeParts): string {
  let text = ''
  for (const element of elements) text += element.format(parts)
  return text
}

function parseAll(
  elements: readonly PatternElement[],
  bytes: Uint8Array,
  start: number,
  end: number,
  parts: DatetimeParts,
): number {
  let at = start
  for (const element of elements) {
    at = element.parse(bytes, at, end, parts)
    if (at < 0) return -1
  }
  return at
}

/**
 * Brings era, day of the year and 12-hour clock into year, month, day and hour; false if there is no such
 * time.
 */
function settle(parts: DatetimeParts): boolean {
  if (parts.isBeforeChrist) parts.year = 1 - parts.year
  if (parts.dayOfYear > 0) {
    const date = civilOf(daysOf(parts.year, 1, parts.dayOfYear))
    if (date.year !== parts.year) return false
    parts.month = date.month
    parts.day = date.day
  }
  if (parts.isHalfDay) {
    if (parts.hour > 12) return false
    parts.hour = (parts.hour % 12) + (parts.isAfternoon ? 12 : 0)
  }
  return parts.isValid
}
