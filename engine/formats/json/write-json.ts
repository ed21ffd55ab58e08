import { type RecordBatch, valueReader } from '../../batch/index.ts'
import { type DatetimePattern, datetimePattern, type TimeZone, timeZone, UTC } from '../../functions/index.ts'
import type { DataType, Field, Schema, Value } from '../../types/index.ts'
import type { BatchFormatter } from '../text/batch-formatter.ts'
import { formatDay, formatMoment, textFormatter } from '../text/format-text.ts'
import { type LineValues, usualValues } from '../text/line-columns.ts'
import { type LineColumn, type LineFormat, writeLines } from '../text/line-writer.ts'
import type { DeclaredOptions } from '../text/options.ts'
import { OptionReader } from '../text/options.ts'

/** The options of a JSON writer. */
export const JSON_WRITE_OPTIONS = {
  ignoreNullFields: { usage: 'leave out members that are NULL', default: 'true' },
  lineSep: { usage: 'what ends a record', default: '\\n' },
  dateFormat: { usage: 'pattern of dates', default: 'yyyy-MM-dd' },
  timestampFormat: { usage: 'pattern of timestamps', default: "yyyy-MM-dd'T'HH:mm:ss.SSS[SSS]XXX" },
  timestampNTZFormat: {
    usage: 'pattern of timestamps without time zone',
    default: "yyyy-MM-dd'T'HH:mm:ss.SSS[SSS]",
  },
  compression: { usage: 'none or gzip', default: 'none' },
} as const satisfies DeclaredOptions

type Writer = (value: Value) => string

/**
 * A writer of JSON lines, as Spark's: NULL members are left out, decimals and integers are exact numbers, NaN
 * and
 * infinities strings, binary base64, maps objects.
 */
export function jsonWriter(
  schema: Schema,
  options: Readonly<Record<string, string>>,
  settings: { readonly timeZone: string },
): BatchFormatter {
  const given = new OptionReader(options, JSON_WRITE_OPTIONS, 'json')
  const end = given.plain('lineSep', '\n')
  const writeRow = structWriter(schema.fields, given, settings)
  const format = jsonFormat(end)
  const columns = schema.fields.map((field) => columnOf(field, given, settings))
  return {
    header: () => new Uint8Array(0),
    format: (batch, region) => writeLines(format, columns, batch, region),
    formatPlainly(batch: RecordBatch) {
      const readers = batch.columns.map(valueReader)
      let text = ''
      for (let row = 0; row < batch.rowCount; row++) text += writeRow(readers.map((read) => read(row))) + end
      return Buffer.from(text)
    },
  }
}

function jsonFormat(end: string): LineFormat {
  const quote = '"'.charCodeAt(0)
  return { start: '{', end: `}${end}`, separator: 0, quote, escape: 0, lineEnd: 0, empty: '' }
}

/** A column for kernels. */
function columnOf(
  { name, type }: Field,
  given: OptionReader,
  settings: { readonly timeZone: string },
): LineColumn {
  const values = valuesOf(type, given, settings)
  const isQuoted = values.kind === 'moment' || values.kind === 'isoMoment' || type.kind === 'date'
  return {
    prefix: `,${JSON.stringify(name)}:`,
    nullText: given.flag('ignoreNullFields', true) ? null : 'null',
    style: values.kind === 'format' ? 'plain' : isQuoted || type.kind === 'string' ? 'json' : 'plain',
    values,
  }
}

function valuesOf(type: DataType, given: OptionReader, settings: { readonly timeZone: string }): LineValues {
  const format = writerOf(type, given, settings)
  switch (type.kind) {
    case 'date':
      return given.pattern('dateFormat') === null ? { kind: 'eraDate' } : { kind: 'format', format }
    case 'timestamp':
      if (given.pattern('timestampFormat') !== null) return { kind: 'format', format }
      return { kind: 'isoMoment', zone: timeZone(settings.timeZone) }
    case 'timestamp_ntz':
      if (given.pattern('timestampNTZFormat') !== null) return { kind: 'format', format }
      return { kind: 'isoMoment', zone: null }
    default:
      return usualValues(type, format)
  }
}

function structWriter(
  fields: readonly Field[],
  given: OptionReader,
  settings: { readonly timeZone: string },
): Writer {
  const names = fields.map(({ name }) => `${JSON.stringify(name)}:`)
  const writers = fields.map(({ type }) => writerOf(type, given, settings))
  const leaveOut = given.flag('ignoreNullFields', true)
  return (value) => {
    const members = value as readonly Value[]
    let text = ''
    for (let i = 0; i < writers.length; i++) {
      const member = members[i]!
      if (member === null && leaveOut) continue
      text += `${text === '' ? '' : ','}${names[i]}${member === null ? 'null' : writers[i]!(member)}`
    }
    return `{${text}}`
  }
}

function writerOf(type: DataType, given: OptionReader, settings: { readonly timeZone: string }): Writer {
  switch (type.kind) {
    case 'null':
    case 'boolean':
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return String
    case 'decimal':
      return textFormatter(type, settings)
    case 'float32':
    case 'float64': {
      const format = textFormatter(type, settings)
      return (value) => (Number.isFinite(value) ? format(value) : `"${format(value)}"`)
    }
    case 'string':
      return (value) => JSON.stringify(value)
    case 'binary':
      return (value) => `"${Buffer.from(value as Uint8Array).toString('base64')}"`
    case 'date':
      return quoted(formatDay(given.pattern('dateFormat') ?? datetimePattern('yyyy-MM-dd')))
    case 'timestamp':
      return momentWriter(given.pattern('timestampFormat'), 'XXX', timeZone(settings.timeZone))
    case 'timestamp_ntz':
      return momentWriter(given.pattern('timestampNTZFormat'), '', UTC)
    case 'interval_ym':
    case 'interval_dt':
      return quoted(textFormatter(type, settings))
    case 'list': {
      const element = orNull(writerOf(type.element, given, settings))
      return (value) => `[${(value as readonly Value[]).map(element).join(',')}]`
    }
    case 'struct':
      return structWriter(type.fields, given, settings)
    case 'map': {
      const key = textFormatter(type.key, settings)
      const item = orNull(writerOf(type.value, given, settings))
      return (value) => {
        const entries = value as readonly (readonly [Value, Value])[]
        return `{${entries.map((entry) => `${JSON.stringify(key(entry[0]))}:${item(entry[1])}`).join(',')}}`
      }
    }
  }
}

/** Milliseconds as Spark prints them, but microseconds where there are any: nothing is lost. */
function momentWriter(given: DatetimePattern | null, suffix: string, zone: TimeZone): Writer {
  if (given !== null) return quoted(formatMoment(given, zone))
  const coarse = quoted(formatMoment(datetimePattern(`yyyy-MM-dd'T'HH:mm:ss.SSS${suffix}`), zone))
  const fine = quoted(formatMoment(datetimePattern(`yyyy-MM-dd'T'HH:mm:ss.SSSSSS${suffix}`), zone))
  return (value) => ((value as bigint) % 1000n === 0n ? coarse(value) : fine(value))
}

function quoted(format: Writer): Writer {
  return (value) => JSON.stringify(format(value))
}

function orNull(write: Writer): Writer {
  return (value) => (value === null ? 'null' : write(value))
}
