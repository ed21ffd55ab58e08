import { type RecordBatch, valueReader } from '../engine/batch/index.ts'
import { timeZone } from '../engine/functions/index.ts'
import {
  type DataType,
  DayTimeInterval,
  formatDays,
  formatMicros,
  formatUnscaled,
  MonthInterval,
  type Schema,
  type Value,
} from '../engine/types/index.ts'

/** What a value is in JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/**
 * A value for programs that read JSON: decimals, integers beyond 2^53, NaN and infinities as strings; dates
 * `YYYY-MM-DD`; timestamps `YYYY-MM-DD HH:MM:SS[.ffffff]` in the session's zone; binary as hex; structs as
 * objects, maps as `[[key, value], …]`.
 */
export function toJson(value: Value, type: DataType, localMicros: (micros: bigint) => bigint): Json {
  if (value === null) return null
  switch (type.kind) {
    case 'int64':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    case 'float32':
    case 'float64':
      return Number.isFinite(value as number) ? (value as number) : String(value)
    case 'decimal':
      return formatUnscaled(value as bigint, type.scale)
    case 'binary':
      return Buffer.from(value as Uint8Array).toString('hex')
    case 'date':
      return formatDays(value as number)
    case 'timestamp':
      return formatMicros(localMicros(value as bigint))
    case 'timestamp_ntz':
      return formatMicros(value as bigint)
    case 'interval_ym':
      return new MonthInterval(value as number).toString()
    case 'interval_dt':
      return new DayTimeInterval(value as bigint).toString()
    case 'list':
      return (value as readonly Value[]).map((element) => toJson(element, type.element, localMicros))
    case 'map':
      return (value as readonly (readonly [Value, Value])[]).map(([k, v]) => [
        toJson(k, type.key, localMicros),
        toJson(v, type.value, localMicros),
      ])
    case 'struct':
      return Object.fromEntries(
        type.fields.map((field, index) => [
          field.name,
          toJson((value as readonly Value[])[index] ?? null, field.type, localMicros),
        ]),
      )
    default:
      return value as boolean | number | string
  }
}

/** The rows of a batch as arrays of JSON values. */
export function jsonRows(
  schema: Schema,
  batch: RecordBatch,
  localMicros: (micros: bigint) => bigint,
): Json[][] {
  const columns = schema.fields.map((field, index) => ({
    type: field.type,
    read: valueReader(batch.columns[index]!),
  }))
  return Array.from({ length: batch.rowCount }, (_, row) =>
    columns.map(({ type, read }) => toJson(read(row), type, localMicros)),
  )
}

/** Instants as microseconds on the clock of a zone. */
export function localClock(zoneName: string): (micros: bigint) => bigint {
  const zone = timeZone(zoneName)
  return (micros) => micros + BigInt(zone.offsetAt(Number(micros / 1_000_000n))) * 1_000_000n
}
