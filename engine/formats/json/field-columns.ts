import type { Vector } from '../../batch/index.ts'
import { LocalClock, type TimeZone } from '../../functions/index.ts'
import type { TextFields } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import type { DataType, Field } from '../../types/index.ts'
import { BadRows } from '../text/bad-records.ts'
import { type FieldColumn, FixedFieldColumn } from '../text/field-column.ts'
import { DayOffsets, fieldKernel, powersOfTen } from '../text/field-kernels.ts'
import { ESCAPED, QUOTED } from '../text/field-table.ts'
import { TextFieldColumn } from '../text/text-field-column.ts'
import { jsonFieldReader } from './field-readers.ts'
import type { JsonColumn, JsonTarget } from './json-column.ts'
import { JsonCursor } from './json-cursor.ts'
import { jsonColumn } from './nested-columns.ts'
import type { JsonOptions } from './options.ts'

/** What the columns of one reader share. */
export interface JsonFieldContext {
  readonly options: JsonOptions
  readonly zone: TimeZone
  /** Of a batch; of the whole reader. */
  readonly region: Region
  readonly tables: Region
  /** Told of rows with a value that does not fit. */
  readonly misfit: (row: number) => void
}

/** Nothing stands for NULL but `null`, which is a field that is missing. */
const NO_NULLS = { bytes: new Uint8Array(0), emptyIsNull: false }

/** Collects the vectors of one column from the places of its values. Values that do not fit are NULL. */
export function jsonFieldColumn({ name, type }: Field, context: JsonFieldContext): FieldColumn {
  const { options, zone, region, tables, misfit } = context
  if (type.kind === 'string')
    return new TextFieldColumn({
      name,
      type,
      region,
      tables,
      nulls: NO_NULLS,
      emptyText: new Uint8Array(0),
      escapes: 'json',
    })
  const flags = fieldFlags(type)
  if (flags === null) return new NestedFieldColumn(name, type, context)
  const offsets = type.kind === 'timestamp' ? new DayOffsets(zone, tables) : null
  const isFloat = type.kind === 'float32' || type.kind === 'float64'
  return new FixedFieldColumn({
    type,
    region,
    tables,
    nulls: NO_NULLS,
    kernel: hasPattern(type, options) ? null : fieldKernel(type),
    reader: jsonFieldReader(type, options, new LocalClock(zone), offsets),
    flags,
    extra: isFloat ? powersOfTen(tables) : (offsets?.address ?? 0),
    misfit,
  })
}

/** Which values of a type kernels may read: strings for times, numbers and words for the others. */
function fieldFlags({ kind }: DataType): { readonly mask: number; readonly wanted: number } | null {
  switch (kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'float32':
    case 'float64':
    case 'boolean':
      return { mask: QUOTED, wanted: 0 }
    case 'decimal':
      return { mask: 0, wanted: 0 }
    case 'date':
    case 'timestamp':
    case 'timestamp_ntz':
      return { mask: QUOTED | ESCAPED, wanted: QUOTED }
    default:
      return null
  }
}

function hasPattern({ kind }: DataType, options: JsonOptions): boolean {
  if (kind === 'date') return options.dateFormat !== null
  if (kind === 'timestamp') return options.timestampFormat !== null
  return kind === 'timestamp_ntz' && options.timestampNtzFormat !== null
}

/** Lists, maps, structs and bytes: read where they lie by the columns for values of any depth. */
class NestedFieldColumn implements FieldColumn {
  readonly #target: JsonTarget
  readonly #column: JsonColumn
  readonly #misfit: (row: number) => void

  constructor(name: string, type: DataType, { options, zone, region, misfit }: JsonFieldContext) {
    const bad = new BadRows()
    const clock = new LocalClock(zone)
    this.#target = { cursor: new JsonCursor(), region, bad, options, clock, record: 0 }
    this.#column = jsonColumn(this.#target, name, type)
    this.#misfit = misfit
  }

  begin(): void {}

  append({ text, fields, count, first }: TextFields): void {
    const { cursor, bad } = this.#target
    for (let i = 0; i < count; i++) {
      const row = first + i
      const start = fields[2 * i]!
      if (start < 0) {
        this.#column.setNull(row)
        continue
      }
      const packedEnd = fields[2 * i + 1]!
      const quote = packedEnd & QUOTED
      cursor.reset(text, start - quote, (packedEnd >> 2) + quote)
      this.#column.read(row)
      if (bad.count === 0) continue
      bad.clear()
      this.#misfit(row)
    }
  }

  finish(rowCount: number): Vector {
    return this.#column.finish(rowCount)
  }
}
