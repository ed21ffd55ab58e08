import type { FixedArray } from '../../batch/index.ts'
import { DatetimeParts, type DatetimePattern, type LocalClock, parseIso } from '../../functions/index.ts'
import type { DayOffsets } from './field-kernels.ts'
import type { TypedFieldReader } from './field-readers.ts'
import { halvesOf, microsOf, putInt64 } from './put-int64.ts'

const parts = new DatetimeParts()

function parse(pattern: DatetimePattern | null, bytes: Uint8Array, start: number, end: number): boolean {
  return pattern === null ? parseIso(bytes, start, end, parts) : pattern.parseBytes(bytes, start, end, parts)
}

/** The text read last, which neighbouring rows often repeat. */
class LastText {
  readonly #bytes = new Uint8Array(64)
  #length = -1

  is(bytes: Uint8Array, start: number, end: number): boolean {
    const length = this.#length
    if (end - start !== length) return false
    const last = this.#bytes
    for (let i = 0; i < length; i++) if (bytes[start + i] !== last[i]) return false
    return true
  }

  keep(bytes: Uint8Array, start: number, end: number): void {
    this.#length = end - start <= this.#bytes.length ? end - start : -1
    for (let i = 0; i < this.#length; i++) this.#bytes[i] = bytes[start + i]!
  }
}

/** date. */
export function dateReader(pattern: DatetimePattern | null): TypedFieldReader {
  const last = new LastText()
  let lastDays = 0
  let values: FixedArray = new Int32Array(0)
  return {
    typeText: misfitType('date', pattern),
    open(target) {
      values = target
    },
    read(text, start, packedEnd, row) {
      const end = packedEnd >> 2
      if (!last.is(text, start, end)) {
        if (!parse(pattern, text, start, end)) return false
        last.keep(text, start, end)
        lastDays = parts.days
      }
      ;(values as Int32Array)[row] = lastDays
      return true
    },
  }
}

/**
 * timestamp (with a clock: texts without a zone are of the session's) and timestamp_ntz (a zone does not
 * fit).
 */
export function timestampReader(
  pattern: DatetimePattern | null,
  clock: LocalClock | null,
  offsets: DayOffsets | null,
): TypedFieldReader {
  const last = new LastText()
  let lastMicros: number | bigint = 0
  let values: BigInt64Array = new BigInt64Array(0)
  let halves: Int32Array = new Int32Array(0)
  return {
    typeText: misfitType(clock === null ? 'timestamp_ntz' : 'timestamp', pattern),
    open(target) {
      values = target as BigInt64Array
      halves = halvesOf(values)
    },
    read(text, start, packedEnd, row) {
      const end = packedEnd >> 2
      if (!last.is(text, start, end)) {
        if (!parse(pattern, text, start, end) || (clock === null && parts.zone !== undefined)) return false
        last.keep(text, start, end)
        const seconds = clock === null ? parts.localSeconds : parts.instantSeconds(clock)
        lastMicros = microsOf(seconds, parts.micros)
        if (parts.zone === undefined) offsets?.learn(parts.days)
      }
      if (typeof lastMicros === 'number') putInt64(halves, row, lastMicros)
      else values[row] = lastMicros
      return true
    },
  }
}

/** `timestamp of the form "M/d/yyyy H:mm"`. */
function misfitType(type: string, pattern: DatetimePattern | null): string {
  return pattern === null ? type : `${type} of the form "${pattern.pattern}"`
}
