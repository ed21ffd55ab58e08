import type { TimeZone } from '../../functions/index.ts'
import { daysOf, isValidDate } from '../../types/index.ts'

/** The parts of a date and time that a parser has found. Reused from row to row. */
export class DateTimeFields {
  year = 1970
  month = 1
  day = 1
  hour = 0
  minute = 0
  second = 0
  micros = 0
  /** Seconds east of UTC; NaN if the text has no zone. */
  offset = Number.NaN
  /** Zone by name; null if the text has none. */
  zone: TimeZone | null = null

  reset(): void {
    this.year = 1970
    this.month = 1
    this.day = 1
    this.hour = 0
    this.minute = 0
    this.second = 0
    this.micros = 0
    this.offset = Number.NaN
    this.zone = null
  }

  /** Whether the parts name a day and a time of day that exist. */
  get valid(): boolean {
    return (
      this.hour < 24 && this.minute < 60 && this.second < 60 && isValidDate(this.year, this.month, this.day)
    )
  }

  /** Whether the text named a zone or offset. */
  get hasZone(): boolean {
    return this.zone !== null || !Number.isNaN(this.offset)
  }

  /** Days since 1970-01-01. */
  get days(): number {
    return daysOf(this.year, this.month, this.day)
  }

  /** Seconds since 1970-01-01 00:00:00 on the clock of the text. */
  get localSeconds(): number {
    return this.days * 86_400 + this.hour * 3600 + this.minute * 60 + this.second
  }

  /** Seconds since the epoch: by the zone of the text, else by `clock`. */
  instantSeconds(clock: LocalClock): number {
    if (this.zone !== null) return new LocalClock(this.zone).toInstant(this.localSeconds)
    return Number.isNaN(this.offset) ? clock.toInstant(this.localSeconds) : this.localSeconds - this.offset
  }
}

/** Turns local times into instants; remembers the last day, since neighbouring rows lie close in time. */
export class LocalClock {
  readonly #zone: TimeZone
  #day = Number.NaN
  #offset = Number.NaN

  constructor(zone: TimeZone) {
    this.#zone = zone
  }

  /**
   * Seconds since the epoch. In an overlap the earlier instant, in a gap the time moves on by its length
   * (Java's rule).
   */
  toInstant(localSeconds: number): number {
    const day = Math.floor(localSeconds / 86_400)
    if (day !== this.#day) {
      this.#day = day
      const before = this.#zone.offsetAt((day - 1) * 86_400)
      this.#offset = before === this.#zone.offsetAt((day + 2) * 86_400) ? before : Number.NaN
    }
    return localSeconds - (Number.isNaN(this.#offset) ? slowOffset(localSeconds, this.#zone) : this.#offset)
  }
}

function slowOffset(local: number, zone: TimeZone): number {
  const before = zone.offsetAt(local - 86_400)
  const after = zone.offsetAt(local + 86_400)
  if (before === after || zone.offsetAt(local - before) === before) return before
  return zone.offsetAt(local - after) === after ? after : before
}

/** The instant, or local time, as microseconds; a bigint only where a double could not hold it. */
export function microsOf(seconds: number, micros: number): number | bigint {
  return Math.abs(seconds) < 9_000_000_000
    ? seconds * 1e6 + micros
    : BigInt(seconds) * 1_000_000n + BigInt(micros)
}
