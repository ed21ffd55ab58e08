import { type RecordBatch, type ValueReader, valueReader } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { timeZone, UTC } from '../../functions/index.ts'
import { isNested, type Schema, typeName, type Value } from '../../types/index.ts'
import type { BatchFormatter } from '../text/batch-formatter.ts'
import { formatDay, formatMoment, textFormatter } from '../text/format-text.ts'
import { writeLines } from '../text/line-writer.ts'
import type { DeclaredOptions } from '../text/options.ts'
import { OptionReader } from '../text/options.ts'
import { type CsvLook, csvLines, ODD_BYTES } from './csv-lines.ts'

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
  const look: CsvLook = {
    sep: given.plain('sep', ',', 'delimiter'),
    end: given.plain('lineSep', '\n'),
    quote: given.plain('quote', '"'),
    escape: given.plain('escape', '"'),
    empty: given.text('emptyValue') ?? '""',
    nullText: given.text('nullValue') ?? '',
    quoteAll: given.flag('quoteAll', false),
  }
  const field = fieldWriter(look)
  const header = given.flag('header', false)
    ? schema.fields.map(({ name }) => field(name)).join(look.sep) + look.end
    : ''
  const formats = schema.fields.map(({ type }) => formatterOf(type, given, settings))
  const plainly = plainFormat(schema, look, formats)
  const lines = csvLines(schema, look, formats, given, settings)
  return {
    header: () => Buffer.from(header),
    format: (batch, region) =>
      lines === null ? [plainly(batch)] : writeLines(lines.format, lines.columns, batch, region),
    formatPlainly: plainly,
  }
}

/** One value after the other: what every option is good for, and what kernels are compared with. */
function plainFormat(
  schema: Schema,
  look: CsvLook,
  formats: readonly ((value: Value) => string)[],
): (batch: RecordBatch) => Uint8Array {
  const { sep, end, nullText } = look
  const field = fieldWriter(look)
  // Texts may hold separators; others never do, but with an odd separator.
  const quotesAll = look.quoteAll || ODD_BYTES.test(sep)
  const cells = schema.fields.map(({ type }, index) => {
    const plain = formats[index]!
    const mayNeedQuotes = type.kind === 'string' || isNested(type) || needsQuotes(type.kind)
    return mayNeedQuotes || quotesAll ? (value: Value) => field(plain(value)) : plain
  })
  const only = cells.length === 1 && nullText === ''
  return (batch) => {
    const readers = batch.columns.map((column, index) =>
      cellReader(valueReader(column), cells[index]!, nullText),
    )
    let text = ''
    for (let row = 0; row < batch.rowCount; row++) {
      let line = readers.length === 0 ? '' : readers[0]!(row)
      for (let i = 1; i < readers.length; i++) line += sep + readers[i]!(row)
      text += (only && line === '' ? '""' : line) + end
    }
    return Buffer.from(text)
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

/** Kinds whose texts may hold separators. */
function needsQuotes(kind: string): boolean {
  return kind === 'binary' || kind.startsWith('interval') || kind.startsWith('timestamp') || kind === 'date'
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
function fieldWriter({ sep, end, quote, escape, empty, quoteAll }: CsvLook): (text: string) => string {
  if (quote === '') return (text) => text
  const special = [sep, quote, '\r', '\n', end].filter((text) => text !== '')
  return (text) => {
    if (text === '') return empty
    if (!quoteAll && !special.some((part) => text.includes(part))) return text
    return quote + text.replaceAll(quote, escape + quote) + quote
  }
}
