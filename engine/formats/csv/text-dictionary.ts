import { bytesVector, clearBit, dictionaryVector, type Vector } from '../../batch/index.ts'
import { type ColumnInput, isNullField, sameBytes } from './column-input.ts'
import { ESCAPED } from './field-table.ts'

/** Rows that are looked at first, and most distinct texts among them, for a dictionary to be worth trying. */
const SAMPLE_ROWS = 512
const SAMPLE_DISTINCT = 200

/**
 * A string column as codes into a dictionary of its distinct texts; null where it has too many for that to
 * pay, or
 * where texts have escapes. Texts are compared where they lie: only those of the dictionary are copied.
 */
export function dictionaryColumn(input: ColumnInput): Vector | null {
  const { table, region } = input
  const { rowCount } = table
  if (rowCount < 2 * SAMPLE_ROWS || input.options.emptyValue !== '') return null
  const limit = rowCount >> 3
  const slots = new Int32Array(1 << (33 - Math.clz32(2 * limit))).fill(-1)
  const entryStarts = new Int32Array(limit)
  const entryEnds = new Int32Array(limit)
  const codes = region.int32(rowCount)
  const validity = region.bitmap(rowCount, true)
  const distinct = encode(input, slots, entryStarts, entryEnds, codes, validity)
  if (distinct < 0) return null
  const dictionary = entriesOf(input, entryStarts, entryEnds, Math.max(0, distinct))
  return dictionaryVector(rowCount, codes, dictionary, validity)
}

/** Fills `codes` and gives the number of distinct texts; -1 if there are too many, or escapes. */
function encode(
  { bytes, table, column, nulls }: ColumnInput,
  slots: Int32Array,
  entryStarts: Int32Array,
  entryEnds: Int32Array,
  codes: Int32Array,
  validity: Uint8Array,
): number {
  const { columnCount, starts, ends, rowCount } = table
  const mask = slots.length - 1
  let distinct = 0
  for (let row = 0, i = column; row < rowCount; row++, i += columnCount) {
    const start = starts[i]!
    const packedEnd = ends[i]!
    codes[row] = 0
    if (isNullField(bytes, start, packedEnd, nulls)) {
      clearBit(validity, row)
      continue
    }
    if ((packedEnd & ESCAPED) !== 0) return -1
    const end = packedEnd >> 2
    let slot = hashOf(bytes, start, end) & mask
    let code = slots[slot]!
    while (code >= 0 && !isEntry(bytes, start, end, entryStarts[code]!, entryEnds[code]!)) {
      slot = (slot + 1) & mask
      code = slots[slot]!
    }
    if (code < 0) {
      if (distinct === entryStarts.length || (row < SAMPLE_ROWS && distinct >= SAMPLE_DISTINCT)) return -1
      code = distinct++
      slots[slot] = code
      entryStarts[code] = start
      entryEnds[code] = end
    }
    codes[row] = code
  }
  return distinct === 0 ? -1 : distinct
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash ^ (hash >>> 15)
}

function isEntry(
  bytes: Uint8Array,
  start: number,
  end: number,
  entryStart: number,
  entryEnd: number,
): boolean {
  return entryEnd - entryStart === end - start && sameBytes(bytes, start, entryStart, end - start)
}

function entriesOf(
  { bytes, field, region }: ColumnInput,
  starts: Int32Array,
  ends: Int32Array,
  count: number,
) {
  const offsets = region.int32(count + 1)
  let used = 0
  for (let code = 0; code < count; code++) {
    offsets[code] = used
    used += ends[code]! - starts[code]!
  }
  offsets[count] = used
  const out = region.uint8(used)
  for (let code = 0; code < count; code++) out.set(bytes.subarray(starts[code]!, ends[code]!), offsets[code]!)
  return bytesVector(field.type, count, offsets, out)
}
