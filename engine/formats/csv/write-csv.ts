import { type ValueReader, valueReader } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { timeZone, UTC } from '../../functions/index.ts'
import { isNested, type Schema, typeName, type Value } from '../../types/index.ts'
import type { BatchFormatter } from '../text/batch-formatter.ts'
import { formatDay, formatMoment, textFormatter } from '../text/format-text.ts'
import type { DeclaredOptions } from '../text/options.ts'
import { OptionReader } from '../text/options.ts'

/** The options of a CSV writer. */
export const CSV_WRITE_OPTIONS = {
  sep: { usage: 'separator of fields', default: ',' },
  delimiter: { usage: 'the same as sep' },
  quote: { usage: 'character around fields', default: '"' },
  escape: { usage: 'character before a quote inside quotes', default: '"' },
  header: { usage: 'begin each file with the names of the columns', default: 'false' },
  lineSep: { usage: 'what ends a record', default: '\\n' },
  quoteAll: { usage: 'quote every value', default: 'false' },
  nullValue: { usage: 'text of NULL', default: '' },
  emptyValue: { usage: 'text of an empty string', default: '""' },
  dateFormat: { usage: 'pattern of dates', default: 'yyyy-MM-dd' },
  timestampFormat: { usage: 'pattern of timestamps', default: 'yyyy-MM-dd HH:mm:ss[.SSSSSS]' },
  timestampNTZFormat: { usage: 'pattern of timestamps without time zone' },
  compression: { usage: 'none or gzip', default: 'none' },
} as const satisfies DeclaredOptions

/**
 * A writer of CSV. Values print as Spark's cast to string gives them, quoted only where needed; NULL is empty
 * and an
 * empty string `""`. Quotes inside are doubled, unless `escape` says otherwise. CONFIG_INVALID for unknown
 * options,
 * UNSUPPORTED_FEATURE for nested columns, unless they are to be written as a cast to string prints them.
 */
export function csvWriter(
  schema: Schema,
  options: Readonly<Record<string, string>>,
  settings: { readonly timeZone: string; readonly nestedAsText?: boolean },
): BatchFormatter {
  const given = new OptionReader(options, CSV_WRITE_OPTIONS, 'csv')
  const nested = schema.fields.find((field) => isNested(field.type))
  if (nested !== undefined && settings.nestedAsText !== true)
    throw new EngineError(
      'UNSUPPORTED_FEATURE',
      `column "${nested.name}" of type ${typeName(nested.type)} in CSV`,
      {
        hint: 'Write JSON or Parquet, or turn the column into a string with to_json.',
      },
    )
  const sep = given.plain('sep', ',', 'delimiter')
  const end = given.plain('lineSep', '\n')
  const nullText = given.text('nullValue') ?? ''
  const field = fieldWriter(given, sep, end)
  const formatters = schema.fields.map(({ type }) => {
    const plain = formatterOf(type, given, settings)
    return type.kind === 'string' || isNested(type) || needsQuotes(type.kind)
      ? (value: Value) => field(plain(value))
      : quoteAll(plain, given, field)
  })
  const only = formatters.length === 1 && nullText === ''
  const header = given.flag('header', false)
    ? schema.fields.map(({ name }) => field(name)).join(sep) + end
    : ''
  return {
    header: () => Buffer.from(header),
    format(batch) {
      const readers = batch.columns.map((column, index) =>
        cellReader(valueReader(column), formatters[index]!, nullText),
      )
      let text = ''
      for (let row = 0; row < batch.rowCount; row++) {
        let line = readers.length === 0 ? '' : readers[0]!(row)
        for (let i = 1; i < readers.length; i++) line += sep + readers[i]!(row)
        text += (only && line === '' ? '""' : line) + end
      }
      return Buffer.from(text)
    },
  }
}

function cellReader(
  read: ValueReader,
  format: (value: Value) => string,
  nullText: string,
): (row: number) => string {
  return (row) => {
    const value = read(row)
    return value === null ? nullText : format(value)
  }
}

/** Texts that may hold separators; the others never do, but with an odd separator. */
function needsQuotes(kind: string): boolean {
  return kind === 'binary' || kind.startsWith('interval') || kind.startsWith('timestamp') || kind === 'date'
}

function quoteAll(
  plain: (value: Value) => string,
  given: OptionReader,
  field: (text: string) => string,
): (value: Value) => string {
  const sep = given.plain('sep', ',', 'delimiter')
  return given.flag('quoteAll', false) || /[-+.\w]/.test(sep) ? (value) => field(plain(value)) : plain
}

function formatterOf(
  type: Schema['fields'][number]['type'],
  given: OptionReader,
  settings: { readonly timeZone: string },
): (value: Value) => string {
  const date = given.pattern('dateFormat')
  if (type.kind === 'date' && date !== null) return formatDay(date)
  const moment = given.pattern('timestampFormat')
  if (type.kind === 'timestamp' && moment !== null) return formatMoment(moment, timeZone(settings.timeZone))
  const local = given.pattern('timestampNTZFormat')
  if (type.kind === 'timestamp_ntz' && local !== null) return formatMoment(local, UTC)
  return textFormatter(type, settings)
}

/** Quotes a text where it must be. */
function fieldWriter(given: OptionReader, sep: string, end: string): (text: string) => string {
  const quote = given.plain('quote', '"')
  const escape = given.plain('escape', '"')
  const empty = given.text('emptyValue') ?? '""'
  const all = given.flag('quoteAll', false)
  if (quote === '') return (text) => text
  const special = [sep, quote, '\r', '\n', end].filter((text) => text !== '')
  return (text) => {
    if (text === '') return empty
    if (!all && !special.some((part) => text.includes(part))) return text
    return quote + text.replaceAll(quote, escape + quote) + quote
  }
}
