import { findTimeZone } from '../../functions/index.ts'
import type { DateTimeFields } from './datetime-fields.ts'
import { asciiText } from './parse-number.ts'

/**
 * `2010-12-1`, with a time, fraction and zone if there are (`2010-12-01T08:26:00.5+01:00`), as Spark's CAST
 * reads
 * them. Gives false if the bytes are nothing of the kind, or no day that exists.
 */
export function parseIso(bytes: Uint8Array, start: number, end: number, out: DateTimeFields): boolean {
  let from = start
  let to = end
  while (from < to && bytes[from]! <= 32) from++
  while (from < to && bytes[to - 1]! <= 32) to--
  out.reset()
  let at = parseDay(bytes, from, to, out)
  if (at < 0) return false
  if (at < to) {
    if (bytes[at] !== 32 && bytes[at] !== 84) return false
    at = parseTime(bytes, at + 1, to, out)
    if (at < 0) return false
    if (at < to && !parseZone(bytes, at, to, out)) return false
  }
  return out.valid
}

function parseDay(bytes: Uint8Array, start: number, end: number, out: DateTimeFields): number {
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

function parseTime(bytes: Uint8Array, start: number, end: number, out: DateTimeFields): number {
  let at = digitsEnd(bytes, start, end, 2)
  if (at === start) return -1
  out.hour = numberOf(bytes, start, at)
  if (at >= end || bytes[at] !== 58) return -1
  const minute = at + 1
  at = digitsEnd(bytes, minute, end, 2)
  if (at === minute) return -1
  out.minute = numberOf(bytes, minute, at)
  if (at >= end || bytes[at] !== 58) return at
  const second = at + 1
  at = digitsEnd(bytes, second, end, 2)
  if (at === second) return -1
  out.second = numberOf(bytes, second, at)
  if (at >= end || bytes[at] !== 46) return at
  const fraction = at + 1
  at = digitsEnd(bytes, fraction, end, 9)
  out.micros = fractionMicros(bytes, fraction, at)
  return at
}

/** Microseconds of the digits behind a point; what is finer is cut off. */
export function fractionMicros(bytes: Uint8Array, start: number, end: number): number {
  let micros = 0
  for (let i = 0; i < 6; i++) micros = micros * 10 + (start + i < end ? bytes[start + i]! - 48 : 0)
  return micros
}

/** `Z`, an offset, or the name of a zone, after blanks. */
export function parseZone(bytes: Uint8Array, start: number, end: number, out: DateTimeFields): boolean {
  let at = start
  while (at < end && bytes[at] === 32) at++
  if (end - at === 1 && (bytes[at] === 90 || bytes[at] === 122)) {
    out.offset = 0
    return true
  }
  if (end - at > 64 || at === end) return false
  const zone = findTimeZone(asciiText(bytes, at, end))
  if (zone === undefined) return false
  out.zone = zone
  return true
}

/** Where digits from `start` on end, looking at no more than `most`. */
export function digitsEnd(bytes: Uint8Array, start: number, end: number, most: number): number {
  const stop = Math.min(end, start + most)
  let at = start
  while (at < stop && bytes[at]! >= 48 && bytes[at]! <= 57) at++
  return at
}

/** The number that digits stand for. */
export function numberOf(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let i = start; i < end; i++) value = value * 10 + bytes[i]! - 48
  return value
}
