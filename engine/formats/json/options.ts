import type { DatetimePattern } from '../../functions/index.ts'
import type { DeclaredOptions, OptionReader } from '../text/options.ts'

/** How JSON texts are read. */
export interface JsonOptions {
  /** A file is one value or an array of records, over many lines; else every line is a record. */
  readonly multiLine: boolean
  /** Byte that ends a record; -1: LF or CRLF. */
  readonly lineBreak: number
  readonly primitivesAsString: boolean
  readonly prefersDecimal: boolean
  /** null: as CAST reads it. */
  readonly dateFormat: DatetimePattern | null
  readonly timestampFormat: DatetimePattern | null
  readonly timestampNtzFormat: DatetimePattern | null
  readonly maxLineBytes: number
}

/** The options that describe the text of a JSON file; a source adds those about files. */
export const JSON_OPTIONS = {
  multiLine: { usage: 'a file is one record or an array of records', default: 'false' },
  lineSep: { usage: 'character that ends a record; default: LF or CRLF' },
  primitivesAsString: { usage: 'infer numbers and booleans as strings', default: 'false' },
  prefersDecimal: { usage: 'infer fractions as decimals where they fit', default: 'false' },
  dateFormat: { usage: 'pattern of dates; default: yyyy-MM-dd as CAST reads it' },
  timestampFormat: { usage: 'pattern of timestamps; default: as CAST reads them' },
  timestampNTZFormat: { usage: 'pattern of timestamps without time zone' },
  maxLineBytes: { usage: 'longest record; longer ones are malformed', default: '67108864' },
} as const satisfies DeclaredOptions

/** The options of a read; CONFIG_INVALID for values that make no sense. */
export function jsonOptions(given: OptionReader): JsonOptions {
  const lineSep = given.text('lineSep')
  return {
    multiLine: given.flag('multiLine', false),
    lineBreak: lineSep === '\r\n' || lineSep === '\\r\\n' ? -1 : given.byte(-1, 'lineSep'),
    primitivesAsString: given.flag('primitivesAsString', false),
    prefersDecimal: given.flag('prefersDecimal', false),
    dateFormat: given.pattern('dateFormat'),
    timestampFormat: given.pattern('timestampFormat'),
    timestampNtzFormat: given.pattern('timestampNTZFormat'),
    maxLineBytes: given.number('maxLineBytes', 64 << 20, 64),
  }
}
