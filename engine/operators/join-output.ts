import {
  BATCH_ROWS,
  dictionaryVector,
  fixedVector,
  getBit,
  type RecordBatch,
  setBit,
  take,
  takeBatch,
  type Vector,
} from '../batch/index.ts'
import { addressIn, rowsFlagged, takeKernels } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { JoinRoles } from '../plan/index.ts'
import { types } from '../types/index.ts'
import { emptyBatch } from './collect.ts'

/**
 * A batch of pairs, left columns first; index -1 gives NULLs. Texts stay where they are: a column of them is
 * a dictionary of the side they come from, so that who needs them copies them once, and not every join.
 */
export function pairBatch(
  stream: RecordBatch,
  streamRows: Int32Array,
  kept: RecordBatch,
  keptRows: Int32Array,
  count: number,
  roles: JoinRoles,
  region: Region,
): RecordBatch {
  const streamed = isIdentity(streamRows, count, stream.rowCount)
    ? stream.columns
    : sideColumns(stream, streamRows, count, region)
  const other = sideColumns(kept, keptRows, count, region)
  return { rowCount: count, columns: roles.streamIsLeft ? [...streamed, ...other] : [...other, ...streamed] }
}

function sideColumns(
  { columns }: RecordBatch,
  rows: Int32Array,
  count: number,
  region: Region,
): readonly Vector[] {
  let hasAll: boolean | undefined
  return columns.map((column) => {
    if (column.encoding === 'bytes' && column.validity === null && rows.buffer instanceof SharedArrayBuffer) {
      hasAll ??= takeKernels(region.pool).anyNegative(addressIn(region, rows), count) === 0
      if (hasAll) return dictionaryVector(count, rows.subarray(0, count), column)
    }
    return take(column, rows, count, region)
  })
}

function isIdentity(rows: Int32Array, count: number, rowCount: number): boolean {
  if (count !== rowCount) return false
  for (let i = 0; i < count; i++) if (rows[i] !== i) return false
  return true
}

/** Positions i < rowCount where `matched[i]` is `wanted`. */
export function rowsWhere(matched: Uint8Array, wanted: 0 | 1, rowCount: number, region: Region): Int32Array {
  const rows = region.int32(rowCount)
  return rows.subarray(0, rowsFlagged(region.pool, matched, rowCount, wanted, rows))
}

/** The rows of one side as the filter asks: with a match, without one, or all with a flag. */
export function filteredRows(
  batch: RecordBatch,
  matched: Uint8Array,
  filter: 'semi' | 'anti' | 'existence',
  region: Region,
): RecordBatch {
  if (filter === 'existence') return withFlag(batch, matched, region)
  const rows = rowsWhere(matched, filter === 'semi' ? 1 : 0, batch.rowCount, region)
  return rows.length === batch.rowCount ? batch : takeBatch(batch, rows, rows.length, region)
}

function withFlag(batch: RecordBatch, matched: Uint8Array, region: Region): RecordBatch {
  const bits = region.bitmap(batch.rowCount)
  for (let i = 0; i < batch.rowCount; i++) if (matched[i] === 1) setBit(bits, i)
  return {
    rowCount: batch.rowCount,
    columns: [...batch.columns, fixedVector(types.boolean, batch.rowCount, bits)],
  }
}

/** What is left of the kept side when all is streamed: rows without a match, or what the filter asks for. */
export function* keptRowsAtEnd(
  kept: RecordBatch,
  matched: Uint8Array,
  roles: JoinRoles,
  streamSchema: Parameters<typeof emptyBatch>[0],
  region: Region,
): Iterable<RecordBatch> {
  for (let from = 0; from < kept.rowCount; from += BATCH_ROWS) {
    region.reset()
    const count = Math.min(BATCH_ROWS, kept.rowCount - from)
    const flags = matched.subarray(from, from + count)
    if (roles.filter !== null) {
      yield filteredRows(rowRange(kept, from, count, region), flags, roles.filter, region)
      continue
    }
    const rows = rowsWhere(flags, 0, count, region)
    if (rows.length === 0) continue
    const none = region.int32(rows.length).fill(-1)
    for (let i = 0; i < rows.length; i++) rows[i]! += from
    yield pairBatch(emptyBatch(streamSchema, region), none, kept, rows, rows.length, roles, region)
  }
}

function rowRange(batch: RecordBatch, from: number, count: number, region: Region): RecordBatch {
  const rows = region.int32(count)
  for (let i = 0; i < count; i++) rows[i] = from + i
  return takeBatch(batch, rows, count, region)
}

/** Whether any row of a column is NULL; and a byte a row that says so. */
export function nullFlags(vector: Vector, rowCount: number): Uint8Array {
  const flags = new Uint8Array(rowCount)
  const { validity } = vector
  if (validity !== null) for (let i = 0; i < rowCount; i++) flags[i] = getBit(validity, i) ? 0 : 1
  return flags
}
