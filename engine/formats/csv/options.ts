import type { DatetimePattern } from '../../functions/index.ts'
import type { NullText } from '../text/field-column.ts'
import type { DeclaredOptions, OptionReader } from '../text/options.ts'
import { unescapeControl } from '../text/options.ts'

/** How a CSV file is written down: bytes that have a meaning, -1 for none. */
export interface CsvDialect {
  /** UTF-8 of the separator of fields, one character or more. */
  readonly separator: Uint8Array
  readonly quote: number
  readonly escape: number
  readonly comment: number
  /** The byte that ends a record; -1: LF, CR or CRLF, whichever comes. */
  readonly lineBreak: number
  /** Whether a field in quotes may hold line breaks. */
  readonly multiLine: boolean
  readonly trimLeft: boolean
  readonly trimRight: boolean
}

/** How texts of types are read. */
export interface CsvOptions {
  readonly dialect: CsvDialect
  readonly header: boolean
  readonly nullValue: string
  readonly emptyValue: string
  readonly nanValue: string
  readonly positiveInf: string
  readonly negativeInf: string
  /** null: as CAST reads it. */
  readonly dateFormat: DatetimePattern | null
  readonly timestampFormat: DatetimePattern | null
  readonly timestampNtzFormat: DatetimePattern | null
  readonly maxColumns: number
  readonly maxLineBytes: number
}

/** The options that describe the text of a CSV file; a source adds those about files. */
export const CSV_OPTIONS = {
  sep: { usage: 'separator of fields', default: ',' },
  delimiter: { usage: 'the same as sep' },
  quote: { usage: 'character around fields; empty: none', default: '"' },
  escape: {
    usage: 'character before a quote inside a quoted field; a doubled quote is always one',
    default: '\\',
  },
  comment: { usage: 'lines that begin with this character are left out' },
  header: { usage: 'the first line of each file names the columns', default: 'false' },
  lineSep: { usage: 'character that ends a record; default: LF, CR or CRLF' },
  multiLine: { usage: 'fields in quotes may hold line breaks', default: 'false' },
  ignoreLeadingWhiteSpace: { usage: 'skip blanks before values', default: 'false' },
  ignoreTrailingWhiteSpace: { usage: 'skip blanks after values', default: 'false' },
  nullValue: { usage: 'text that stands for NULL', default: '' },
  emptyValue: { usage: 'what a field of nothing but two quotes holds', default: '' },
  nanValue: { usage: 'text that stands for NaN', default: 'NaN' },
  positiveInf: { usage: 'text that stands for infinity', default: 'Inf' },
  negativeInf: { usage: 'text that stands for minus infinity', default: '-Inf' },
  dateFormat: { usage: 'pattern of dates; default: yyyy-MM-dd as CAST reads it' },
  timestampFormat: { usage: 'pattern of timestamps; default: as CAST reads them' },
  timestampNTZFormat: { usage: 'pattern of timestamps without time zone' },
  maxColumns: { usage: 'most columns a record may have', default: '20480' },
  maxLineBytes: { usage: 'longest record; longer ones are malformed', default: '67108864' },
} as const satisfies DeclaredOptions

/** The options of a read; CONFIG_INVALID for values that make no sense. */
export function csvOptions(given: OptionReader): CsvOptions {
  const sep = unescapeControl(given.text('sep', 'delimiter') ?? ',')
  if (sep === '') throw given.invalid('sep', sep, 'Give one character or more.')
  const separator = new TextEncoder().encode(sep)
  return {
    dialect: {
      separator,
      quote: given.byte(34, 'quote'),
      escape: given.byte(92, 'escape'),
      comment: given.byte(-1, 'comment'),
      lineBreak: lineBreakOf(given),
      multiLine: given.flag('multiLine', false),
      trimLeft: given.flag('ignoreLeadingWhiteSpace', false),
      trimRight: given.flag('ignoreTrailingWhiteSpace', false),
    },
    header: given.flag('header', false),
    nullValue: given.text('nullValue') ?? '',
    emptyValue: given.text('emptyValue') ?? '',
    nanValue: given.text('nanValue') ?? 'NaN',
    positiveInf: given.text('positiveInf') ?? 'Inf',
    negativeInf: given.text('negativeInf') ?? '-Inf',
    dateFormat: given.pattern('dateFormat'),
    timestampFormat: given.pattern('timestampFormat'),
    timestampNtzFormat: given.pattern('timestampNTZFormat'),
    maxColumns: given.number('maxColumns', 20_480, 1),
    maxLineBytes: given.number('maxLineBytes', 64 << 20, 64),
  }
}

/** -1: any of LF, CR, CRLF. */
export function lineBreakOf(given: OptionReader): number {
  const text = given.text('lineSep')
  if (text === undefined || unescapeControl(text) === '\r\n') return -1
  return given.byte(-1, 'lineSep')
}

/** What stands for NULL. */
export function nullText(options: CsvOptions): NullText {
  return {
    bytes: new TextEncoder().encode(options.nullValue),
    emptyIsNull: options.emptyValue === options.nullValue,
  }
}
