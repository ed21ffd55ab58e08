import { bytesVector, clearBit, type Vector } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { type ColumnInput, isNullField } from './column-input.ts'
import { ESCAPED } from './field-table.ts'
import { dictionaryColumn } from './text-dictionary.ts'
import { unescapeField } from './unescape.ts'

/** string and binary: the bytes of the fields, without escapes. Few distinct strings become a dictionary. */
export function textColumn(input: ColumnInput): Vector {
  return (input.field.type.kind === 'string' ? dictionaryColumn(input) : null) ?? plainColumn(input)
}

function plainColumn(input: ColumnInput): Vector {
  const { bytes, table, column, field, options, nulls, region } = input
  const { columnCount, starts, ends, rowCount } = table
  const emptyValue = new TextEncoder().encode(options.emptyValue)
  const validity = region.bitmap(rowCount, true)
  const offsets = region.int32(rowCount + 1)
  const out = region.uint8(roomFor(input, emptyValue.length))
  let at = 0
  for (let row = 0, i = column; row < rowCount; row++, i += columnCount) {
    offsets[row] = at
    const start = starts[i]!
    const packedEnd = ends[i]!
    const end = packedEnd >> 2
    if (isNullField(bytes, start, packedEnd, nulls)) clearBit(validity, row)
    else if ((packedEnd & ESCAPED) !== 0) at = unescapeField(bytes, start, end, options.dialect, out, at)
    else if (end === start) {
      out.set(emptyValue, at)
      at += emptyValue.length
    } else if (end - start > 64) {
      out.set(bytes.subarray(start, end), at)
      at += end - start
    } else for (let from = start; from < end; from++) out[at++] = bytes[from]!
  }
  offsets[rowCount] = at
  return bytesVector(field.type, rowCount, offsets, out.subarray(0, at), validity)
}

function roomFor({ table, column, field }: ColumnInput, emptyBytes: number): number {
  const { columnCount, starts, ends, rowCount } = table
  let room = 0
  for (let row = 0, i = column; row < rowCount; row++, i += columnCount) {
    const length = starts[i]! < 0 ? 0 : (ends[i]! >> 2) - starts[i]!
    room += length === 0 ? emptyBytes : length
  }
  if (room > 2 ** 31 - 1)
    throw new EngineError(
      'RESOURCES_EXHAUSTED',
      `a batch holds more than 2 GiB of text in column "${field.name}"`,
    )
  return room
}
