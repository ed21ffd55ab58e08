import type { DatetimeParts } from './datetime-parts.ts'
import { asciiText, digitsEnd, fractionMicros, numberOf } from './read-digits.ts'
import { findTimeZone, UTC } from './time-zone.ts'

/** Names of zones are shorter. */
const MAX_ZONE_BYTES = 64

/**
 * Reads `2010-12-1`, with a time, fraction and zone if there are (`2010-12-01T08:26:00.5+01:00`), as CAST
 * reads timestamps: from the end on all but the year may be left out, and blanks around it do not count.
 * False if the bytes are nothing of the kind, or no day that exists.
 */
export function parseIso(bytes: Uint8Array, start: number, end: number, out: DatetimeParts): boolean {
  const to = trimEnd(bytes, start, end)
  let at = parseDay(bytes, trimStart(bytes, start, to), to, out)
  if (at >= 0 && at < to) at = parseTime(bytes, at, to, out)
  return at === to && out.isValid
}

/** Reads a day as CAST does: what follows it after a blank or `T` does not count. */
export function parseIsoDay(bytes: Uint8Array, start: number, end: number, out: DatetimeParts): boolean {
  const to = trimEnd(bytes, start, end)
  const at = parseDay(bytes, trimStart(bytes, start, to), to, out)
  return at >= 0 && (at === to || isTimeMark(bytes[at]!)) && out.isValid
}

function trimStart(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at]! <= 32) at++
  return at
}

function trimEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = end
  while (at > start && bytes[at - 1]! <= 32) at--
  return at
}

function isTimeMark(byte: number): boolean {
  return byte === 32 || byte === 84
}

/** Where the day ends; -1 if there is none. A year or month alone must be all of the text. */
function parseDay(bytes: Uint8Array, start: number, end: number, out: DatetimeParts): number {
  out.reset()
  const negative = start < end && bytes[start] === 45
  const first = negative || bytes[start] === 43 ? start + 1 : start
  let at = digitsEnd(bytes, first, end, 7)
  if (at - first < 4) return -1
  out.year = numberOf(bytes, first, at) * (negative ? -1 : 1)
  if (at >= end || bytes[at] !== 45) return at === end ? at : -1
  const month = at + 1
  at = digitsEnd(bytes, month, end, 2)
  if (at === month) return -1
  out.month = numberOf(bytes, month, at)
  if (at >= end || bytes[at] !== 45) return at === end ? at : -1
  const day = at + 1
  at = digitsEnd(bytes, day, end, 2)
  if (at === day) return -1
  out.day = numberOf(bytes, day, at)
  return at
}

/** Reads `T08:26:00.5+01:00` to its end; -1 if it is none. Nothing behind the `T` is midnight. */
function parseTime(bytes: Uint8Array, start: number, end: number, out: DatetimeParts): number {
  if (!isTimeMark(bytes[start]!)) return -1
  const hour = start + 1
  let at = digitsEnd(bytes, hour, end, 2)
  if (at === hour) return at === end ? end : -1
  out.hour = numberOf(bytes, hour, at)
  if (at < end && bytes[at] === 58) {
    const minute = at + 1
    at = digitsEnd(bytes, minute, end, 2)
    if (at === minute) return -1
    out.minute = numberOf(bytes, minute, at)
    if (at < end && bytes[at] === 58) {
      const second = at + 1
      at = digitsEnd(bytes, second, end, 2)
      if (at === second) return -1
      out.second = numberOf(bytes, second, at)
      if (at < end && bytes[at] === 46) {
        const fraction = at + 1
        at = digitsEnd(bytes, fraction, end, end - fraction)
        out.micros = fractionMicros(bytes, fraction, at)
      }
    }
  }
  return at === end || parseZone(bytes, at, end, out) ? end : -1
}

/** `Z`, an offset, or the name of a zone, after blanks. */
function parseZone(bytes: Uint8Array, start: number, end: number, out: DatetimeParts): boolean {
  const at = trimStart(bytes, start, end)
  const isZulu = end - at === 1 && (bytes[at] === 90 || bytes[at] === 122)
  out.zone = isZulu ? UTC : end - at > MAX_ZONE_BYTES ? undefined : findTimeZone(asciiText(bytes, at, end))
  return out.zone !== undefined
}
