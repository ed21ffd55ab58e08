import type { DatetimeParts } from './datetime-parts.ts'
import type { PatternElement } from './datetime-pattern-element.ts'
import { asciiText } from './read-digits.ts'
import { findTimeZone, UTC } from './time-zone.ts'

/** The elements for zones and offsets: V, z, O, X, x, Z. */
export function zoneElement(letter: string, count: number): PatternElement | undefined {
  switch (letter) {
    case 'V':
      return count === 2 ? zoneName((parts) => parts.zone?.id ?? 'UTC') : undefined
    case 'z':
      return count > 4 ? undefined : zoneName((parts) => displayName(parts, count === 4))
    case 'O':
      if (count !== 1 && count !== 4) return undefined
      return zoneName(
        ({ offsetSeconds }) =>
          `GMT${offsetSeconds === 0 ? '' : offsetText(offsetSeconds, count === 1 ? 'short' : 'colon')}`,
      )
    case 'X':
      return count > 3 ? undefined : offsetElement(count, true)
    case 'x':
      return count > 3 ? undefined : offsetElement(count, false)
    case 'Z':
      if (count < 4) return offsetElement(2, false)
      if (count === 4)
        return zoneName(
          ({ offsetSeconds }) => `GMT${offsetSeconds === 0 ? '' : offsetText(offsetSeconds, 'colon')}`,
        )
      return count === 5 ? offsetElement(3, true) : undefined
    default:
      return undefined
  }
}

const MAX_ZONE_BYTES = 64

/** Names and offsets in any form that `timeZone` knows. */
function zoneName(format: (parts: DatetimeParts) => string): PatternElement {
  return {
    isNumeric: false,
    format,
    parse: (bytes, at, end, parts) => {
      const match =
        /^[A-Za-z_]+(?:\/[A-Za-z_+-]+\d*)*(?:[+-]\d{1,2}(?::?\d{2})?)?|^[+-]\d{1,2}(?::?\d{2})?/.exec(
          asciiText(bytes, at, Math.min(end, at + MAX_ZONE_BYTES)),
        )
      if (match === null) return -1
      parts.zone = findTimeZone(match[0])
      return parts.zone === undefined ? -1 : at + match[0].length
    },
  }
}

function displayName({ zone, epochSeconds }: DatetimeParts, isLong: boolean): string {
  const id = zone?.id ?? 'UTC'
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: id, timeZoneName: isLong ? 'long' : 'short' })
    const parts = format.formatToParts(new Date(epochSeconds * 1000))
    return parts.find(({ type }) => type === 'timeZoneName')?.value ?? id
  } catch {
    return id
  }
}

function offsetText(seconds: number, style: 'short' | 'hours' | 'plain' | 'colon'): string {
  const minutes = Math.floor(Math.abs(seconds) / 60)
  const sign = seconds < 0 ? '-' : '+'
  const hour = Math.floor(minutes / 60)
  const rest = String(minutes % 60).padStart(2, '0')
  if (style === 'short') return `${sign}${hour}${minutes % 60 === 0 ? '' : `:${rest}`}`
  const padded = String(hour).padStart(2, '0')
  if (style === 'hours') return `${sign}${padded}${minutes % 60 === 0 ? '' : rest}`
  return `${sign}${padded}${style === 'colon' ? ':' : ''}${rest}`
}

function offsetElement(count: number, usesZulu: boolean): PatternElement {
  const style = count === 1 ? 'hours' : count === 2 ? 'plain' : 'colon'
  const form = count === 1 ? /^[+-]\d{2}(?:\d{2})?/ : count === 2 ? /^[+-]\d{4}/ : /^[+-]\d{2}:\d{2}/
  return {
    isNumeric: false,
    format: ({ offsetSeconds }) => (usesZulu && offsetSeconds === 0 ? 'Z' : offsetText(offsetSeconds, style)),
    parse: (bytes, at, end, parts) => {
      if (usesZulu && at < end && (bytes[at] === 90 || bytes[at] === 122)) {
        parts.zone = UTC
        return at + 1
      }
      const match = form.exec(asciiText(bytes, at, Math.min(end, at + 6)))
      parts.zone = match === null ? undefined : findTimeZone(match[0])
      return match === null || parts.zone === undefined ? -1 : at + match[0].length
    },
  }
}
