import { type TimeZone, timeZone } from '../../functions/index.ts'
import type { DataType, Schema, Value } from '../../types/index.ts'
import { type LineValues, usualValues } from '../text/line-columns.ts'
import type { LineColumn, LineFormat } from '../text/line-writer.ts'
import type { OptionReader } from '../text/options.ts'

/** What a CSV file looks like. */
export interface CsvLook {
  readonly sep: string
  readonly end: string
  readonly quote: string
  readonly escape: string
  readonly empty: string
  readonly nullText: string
  readonly quoteAll: boolean
}

/** Bytes that stand in numbers and dates: as separators or quotes they are not for kernels. */
export const ODD_BYTES = /[-+.:\w ]/

/** The same look for kernels, which know separators and quotes of one byte; null for others. */
export function csvLines(
  schema: Schema,
  look: CsvLook,
  formats: readonly ((value: Value) => string)[],
  given: OptionReader,
  settings: { readonly timeZone: string },
): { readonly format: LineFormat; readonly columns: readonly LineColumn[] } | null {
  const { sep, end, quote, escape, nullText, quoteAll } = look
  if (schema.fields.length === 0 || !isByte(sep) || !isByte(quote) || sep === quote || !isAscii(escape))
    return null
  if (!/^(\r|\n|\r\n)$/.test(end) && !isByte(end)) return null
  // A line of nothing would be passed over when read.
  const only = schema.fields.length === 1 && nullText === ''
  const empty = only && look.empty === '' ? '""' : look.empty
  const format: LineFormat = {
    start: '',
    end,
    separator: sep.charCodeAt(0),
    quote: quote.charCodeAt(0),
    escape: escape.charCodeAt(0),
    lineEnd: end.charCodeAt(end.length - 1),
    empty,
  }
  const columns = schema.fields.map(({ type }, index): LineColumn => {
    const values = valuesOf(type, formats[index]!, given, timeZone(settings.timeZone))
    const isText = type.kind === 'string' || values.kind === 'format'
    const style = quoteAll ? 'quoted' : isText ? 'quotedIfNeeded' : 'plain'
    return { prefix: sep, nullText: only ? '""' : nullText, style, values }
  })
  return { format, columns }
}

function isByte(text: string): boolean {
  return isAscii(text) && !ODD_BYTES.test(text)
}

function isAscii(text: string): boolean {
  return text.length === 1 && text.charCodeAt(0) < 128
}

function valuesOf(
  type: DataType,
  format: (value: Value) => string,
  given: OptionReader,
  zone: TimeZone,
): LineValues {
  const byFormat: LineValues = { kind: 'format', format }
  switch (type.kind) {
    case 'date':
      return given.pattern('dateFormat') === null ? { kind: 'kernel' } : byFormat
    case 'timestamp':
      return given.pattern('timestampFormat') === null ? { kind: 'moment', zone } : byFormat
    case 'timestamp_ntz':
      return given.pattern('timestampNTZFormat') === null ? { kind: 'moment', zone: null } : byFormat
    default:
      return usualValues(type, format)
  }
}
