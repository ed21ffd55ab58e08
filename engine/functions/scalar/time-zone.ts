import { EngineError } from '../../errors.ts'
import { floorDiv, MICROS_PER_SECOND } from '../../types/index.ts'

/** A time zone: how far its clocks are ahead of UTC at an instant. */
export interface TimeZone {
  readonly id: string
  /** Seconds east of UTC at `epochSeconds`. */
  offsetAt(epochSeconds: number): number
}

const zones = new Map<string, TimeZone>()

/**
 * A zone by IANA name, `Z`, or offset such as `+02:00`, `UTC+3`, `GMT-05:30`; INVALID_ARGUMENT for others.
 */
export function timeZone(id: string): TimeZone {
  const known = zones.get(id)
  if (known !== undefined) return known
  const zone = fixedZone(id) ?? namedZone(id)
  zones.set(id, zone)
  return zone
}

/** The zone, or undefined where the name is none. */
export function findTimeZone(id: string): TimeZone | undefined {
  try {
    return timeZone(id)
  } catch {
    return undefined
  }
}

function fixedZone(id: string): TimeZone | undefined {
  if (/^(z|utc|gmt|ut|etc\/utc|etc\/gmt)$/i.test(id)) return { id, offsetAt: () => 0 }
  const match = /^(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?$/.exec(id)
  if (match === null) return undefined
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0)
  if (seconds > 18 * 3600 || Number(match[3] ?? 0) > 59) return undefined
  const offset = match[1] === '-' ? -seconds : seconds
  return { id, offsetAt: () => offset }
}

/** Offsets change at multiples of a quarter of an hour, so one look-up serves each. */
const SLOT_SECONDS = 900

/** Offsets that one zone remembers at most. */
const MAX_SLOTS = 200_000

function namedZone(id: string): TimeZone {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: id,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (cause) {
    throw new EngineError('INVALID_TIMEZONE', `time zone "${id}" does not exist`, {
      hint: 'Use a name of the IANA database such as "Europe/Berlin", or an offset such as "+02:00".',
      cause,
    })
  }
  const slots = new Map<number, number>()
  let lastSlot = Number.NaN
  let lastOffset = 0
  return {
    id,
    offsetAt(epochSeconds) {
      const slot = Math.floor(epochSeconds / SLOT_SECONDS)
      if (slot === lastSlot) return lastOffset
      let offset = slots.get(slot)
      if (offset === undefined) {
        offset = lookUp(format, slot * SLOT_SECONDS)
        if (slots.size >= MAX_SLOTS) slots.clear()
        slots.set(slot, offset)
      }
      lastSlot = slot
      lastOffset = offset
      return offset
    },
  }
}

/** Instants beyond what Date can hold take the offset of its bounds. */
const MAX_DATE_SECONDS = 8_640_000_000_000 - 86_400

function lookUp(format: Intl.DateTimeFormat, epochSeconds: number): number {
  const seconds = Math.min(MAX_DATE_SECONDS, Math.max(-MAX_DATE_SECONDS, epochSeconds))
  const part: Record<string, string> = {}
  for (const { type, value } of format.formatToParts(new Date(seconds * 1000))) part[type] = value
  const year = part['era'] === 'BC' ? 1 - Number(part['year']) : Number(part['year'])
  const local = new Date(0)
  local.setUTCFullYear(year, Number(part['month']) - 1, Number(part['day']))
  local.setUTCHours(Number(part['hour']), Number(part['minute']), Number(part['second']))
  return local.getTime() / 1000 - seconds
}

/** Local microseconds of an instant in a zone. */
export function toLocal(micros: bigint, zone: TimeZone): bigint {
  return micros + BigInt(zone.offsetAt(Number(floorDiv(micros, MICROS_PER_SECOND)))) * MICROS_PER_SECOND
}

/**
 * The instant of a local time, as Java has it: in an overlap the earlier one, in a gap the time moves on by
 * its length.
 */
export function toInstant(localMicros: bigint, zone: TimeZone): bigint {
  const local = Number(floorDiv(localMicros, MICROS_PER_SECOND))
  return localMicros - BigInt(offsetOfLocal(local, zone)) * MICROS_PER_SECOND
}

/** The same of whole seconds. */
export function toInstantSeconds(localSeconds: number, zone: TimeZone): number {
  return localSeconds - offsetOfLocal(localSeconds, zone)
}

function offsetOfLocal(local: number, zone: TimeZone): number {
  const before = zone.offsetAt(local - 86_400)
  const after = zone.offsetAt(local + 86_400)
  if (before === after || zone.offsetAt(local - before) === before) return before
  return zone.offsetAt(local - after) === after ? after : before
}

/** Turns local times into instants; remembers the last day, since neighbouring rows lie close in time. */
export class LocalClock {
  readonly #zone: TimeZone
  #day = Number.NaN
  #offset = Number.NaN

  constructor(zone: TimeZone) {
    this.#zone = zone
  }

  /** Seconds since the epoch of local seconds, as `toInstantSeconds` gives them. */
  toInstant(localSeconds: number): number {
    const day = Math.floor(localSeconds / 86_400)
    if (day !== this.#day) {
      this.#day = day
      const before = this.#zone.offsetAt((day - 1) * 86_400)
      this.#offset = before === this.#zone.offsetAt((day + 2) * 86_400) ? before : Number.NaN
    }
    return Number.isNaN(this.#offset)
      ? toInstantSeconds(localSeconds, this.#zone)
      : localSeconds - this.#offset
  }
}

/** Coordinated universal time, in which local times without a zone are counted. */
export const UTC: TimeZone = timeZone('UTC')
