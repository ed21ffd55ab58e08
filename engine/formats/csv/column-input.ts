import type { LocalClock } from '../../functions/index.ts'
import type { Region } from '../../memory/index.ts'
import type { Field } from '../../types/index.ts'
import type { BadRows } from '../text/bad-records.ts'
import type { FieldTable } from './field-table.ts'
import type { CsvOptions } from './options.ts'
import { fieldText } from './unescape.ts'

/** Fields of one column of scanned records, and what is needed to turn them into a vector. */
export interface ColumnInput {
  readonly bytes: Uint8Array
  readonly table: FieldTable
  /** Position of the column in the file. */
  readonly column: number
  readonly field: Field
  readonly options: CsvOptions
  readonly nulls: NullText
  readonly clock: LocalClock
  readonly region: Region
  readonly bad: BadRows
}

/** What stands for NULL. */
export interface NullText {
  readonly bytes: Uint8Array
  /** Whether a field of two quotes is NULL: where emptyValue and nullValue are the same, as in Spark. */
  readonly emptyIsNull: boolean
}

export function nullText(options: CsvOptions): NullText {
  return {
    bytes: new TextEncoder().encode(options.nullValue),
    emptyIsNull: options.emptyValue === options.nullValue,
  }
}

/** Whether a field is missing, empty or the text that stands for NULL. */
export function isNullField(bytes: Uint8Array, start: number, packedEnd: number, nulls: NullText): boolean {
  if (start < 0) return true
  const length = (packedEnd >> 2) - start
  if (length === 0) return (packedEnd & 1) === 0 || nulls.emptyIsNull
  const text = nulls.bytes
  if (length !== text.length) return false
  for (let i = 0; i < length; i++) if (bytes[start + i] !== text[i]) return false
  return true
}

/** Whether two fields hold the same bytes. */
export function sameBytes(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[a + i] !== bytes[b + i]) return false
  return true
}

/** Marks a row whose field does not fit its type. */
export function markMisfit(input: ColumnInput, row: number, typeText: string): void {
  const { bytes, table, column, field, options } = input
  const index = row * table.columnCount + column
  const text = fieldText(bytes, table.starts[index]!, table.ends[index]!, options.dialect)
  input.bad.mark(row, misfitReason(field.name, text, typeText))
}

/** `column "Quantity": "six" is no int`. */
function misfitReason(name: string, text: string, typeText: string): string {
  return `column "${name}": "${text.length > 100 ? `${text.slice(0, 100)}…` : text}" is no ${typeText}`
}
