import type { DatetimeFields, PatternElement } from './datetime-pattern-element.ts'
import { findTimeZone } from './time-zone.ts'

/** The elements for zones and offsets: V, z, O, X, x, Z. */
export function zoneElement(letter: string, count: number): PatternElement | undefined {
  switch (letter) {
    case 'V':
      return count === 2 ? zoneName((fields) => fields.zone?.id ?? 'UTC') : undefined
    case 'z':
      return count > 4 ? undefined : zoneName((fields) => displayName(fields, count === 4))
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

/** Names and offsets in any form that `timeZone` knows. */
function zoneName(format: (fields: DatetimeFields) => string): PatternElement {
  return {
    isNumeric: false,
    format,
    parse: (text, at, fields) => {
      const match =
        /^[A-Za-z_]+(?:\/[A-Za-z_+-]+\d*)*(?:[+-]\d{1,2}(?::?\d{2})?)?|^[+-]\d{1,2}(?::?\d{2})?/.exec(
          text.slice(at),
        )
      if (match === null) return -1
      fields.zone = findTimeZone(match[0])
      return fields.zone === undefined ? -1 : at + match[0].length
    },
  }
}

function displayName({ zone, epochSeconds }: DatetimeFields, isLong: boolean): string {
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
    parse: (text, at, fields) => {
      if (usesZulu && (text[at] === 'Z' || text[at] === 'z')) {
        fields.zone = findTimeZone('UTC')
        return at + 1
      }
      const match = form.exec(text.slice(at, at + 6))
      fields.zone = match === null ? undefined : findTimeZone(match[0])
      return match === null || fields.zone === undefined ? -1 : at + match[0].length
    },
  }
}
