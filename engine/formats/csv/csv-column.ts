import { lanesOf } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { LocalClock, type TimeZone } from '../../functions/index.ts'
import type { Region } from '../../memory/index.ts'
import { type Field, typeName } from '../../types/index.ts'
import type { BadRows } from '../text/bad-records.ts'
import { type FieldColumn, FixedFieldColumn } from '../text/field-column.ts'
import { DayOffsets, fieldKernel, powersOfTen } from '../text/field-kernels.ts'
import {
  bigintReader,
  booleanReader,
  decimalReader,
  integerReader,
  type TypedFieldReader,
} from '../text/field-readers.ts'
import { TextFieldColumn } from '../text/text-field-column.ts'
import { dateReader, timestampReader } from '../text/time-readers.ts'
import { floatReader } from './float-reader.ts'
import { type CsvOptions, nullText } from './options.ts'
import { fieldText } from './unescape.ts'

/** What the columns of one reader share. */
export interface CsvColumnContext {
  readonly options: CsvOptions
  readonly zone: TimeZone
  /** Of a batch; of the whole reader. */
  readonly region: Region
  readonly tables: Region
  /** Gets rows whose fields do not fit. */
  readonly bad: BadRows
}

/** Collects the vectors of one column. Fields that do not fit are NULL and their rows marked bad. */
export function csvColumn(field: Field, context: CsvColumnContext): FieldColumn {
  const { options, region, tables, bad } = context
  const { type, name } = field
  const nulls = nullText(options)
  if (type.kind === 'string' || type.kind === 'binary')
    return new TextFieldColumn({
      name,
      type,
      region,
      tables,
      nulls,
      emptyText: new TextEncoder().encode(options.emptyValue),
      escapes: options.dialect,
    })
  const offsets = type.kind === 'timestamp' ? new DayOffsets(context.zone, tables) : null
  const reader = readerOf(field, context, offsets)
  const isFloat = type.kind === 'float32' || type.kind === 'float64'
  return new FixedFieldColumn({
    type,
    region,
    tables,
    nulls,
    kernel: hasPattern(field, options) ? null : fieldKernel(type),
    reader,
    flags: { mask: 0, wanted: 0 },
    extra: isFloat ? powersOfTen(tables) : (offsets?.address ?? 0),
    misfit: (row, text, start, packedEnd) =>
      bad.mark(row, misfitReason(name, fieldText(text, start, packedEnd, options.dialect), reader.typeText)),
  })
}

function readerOf(
  { type, name }: Field,
  { options, zone }: CsvColumnContext,
  offsets: DayOffsets | null,
): TypedFieldReader {
  switch (type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
      return integerReader({ kind: type.kind })
    case 'int64':
      return bigintReader()
    case 'float32':
    case 'float64':
      return floatReader(type, options)
    case 'decimal':
      return decimalReader(type, lanesOf(type))
    case 'boolean':
      return booleanReader()
    case 'date':
      return dateReader(options.dateFormat)
    case 'timestamp':
      return timestampReader(options.timestampFormat, new LocalClock(zone), offsets)
    case 'timestamp_ntz':
      return timestampReader(options.timestampNtzFormat, null, null)
    default:
      throw new EngineError('UNSUPPORTED_FEATURE', `column "${name}" of type ${typeName(type)} in CSV`, {
        hint: 'CSV holds no nested types; read the column as a string.',
      })
  }
}

/** Whether times follow a pattern, which kernels do not know. */
function hasPattern({ type }: Field, options: CsvOptions): boolean {
  const { dateFormat, timestampFormat, timestampNtzFormat } = options
  if (type.kind === 'date') return dateFormat !== null
  if (type.kind === 'timestamp') return timestampFormat !== null
  return type.kind === 'timestamp_ntz' && timestampNtzFormat !== null
}

/** `column "Quantity": "six" is no int`. */
function misfitReason(name: string, text: string, typeText: string): string {
  return `column "${name}": "${text.length > 100 ? `${text.slice(0, 100)}…` : text}" is no ${typeText}`
}
