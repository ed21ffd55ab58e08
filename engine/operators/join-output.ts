import {
  BATCH_ROWS,
  fixedVector,
  getBit,
  type RecordBatch,
  setBit,
  takeBatch,
  type Vector,
} from '../batch/index.ts'
import { evaluatePredicate } from '../evaluate/index.ts'
import type { Expr } from '../expr/index.ts'
import type { Region } from '../memory/index.ts'
import type { JoinType } from '../plan/index.ts'
import { types } from '../types/index.ts'
import { emptyBatch } from './collect.ts'
import type { TaskContext } from './operator.ts'

/** What a join does with rows of its two sides, the kept one (collected) and the streamed one. */
export interface JoinRoles {
  /** Whether the streamed side is the left one. */
  readonly streamIsLeft: boolean
  /** Pairs of rows are given (inner and outer joins). */
  readonly givesPairs: boolean
  /** Streamed rows without a match are given, with NULLs for the other side. */
  readonly streamOuter: boolean
  /** Kept rows without a match are given, with NULLs for the other side. */
  readonly keptOuter: boolean
  /**
   * Only left rows are given, for having a match (semi), for having none (anti), or with a flag
   * (existence).
   */
  readonly filter: 'semi' | 'anti' | 'existence' | null
}

/** The roles for a join type when one side is kept. nullAwareAnti counts as anti here. */
export function joinRoles(joinType: JoinType, kept: 'left' | 'right'): JoinRoles {
  const streamIsLeft = kept === 'right'
  const outer = (side: 'left' | 'right') => joinType === side || joinType === 'full'
  const filter =
    joinType === 'semi' || joinType === 'existence'
      ? joinType
      : joinType === 'anti' || joinType === 'nullAwareAnti'
        ? 'anti'
        : null
  return {
    streamIsLeft,
    givesPairs: filter === null,
    streamOuter: outer(streamIsLeft ? 'left' : 'right'),
    keptOuter: outer(kept),
    filter,
  }
}

/** A batch of pairs, left columns first; index -1 gives NULLs. */
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
    : takeBatch(stream, streamRows, count, region).columns
  const other = takeBatch(kept, keptRows, count, region).columns
  return { rowCount: count, columns: roles.streamIsLeft ? [...streamed, ...other] : [...other, ...streamed] }
}

function isIdentity(rows: Int32Array, count: number, rowCount: number): boolean {
  if (count !== rowCount) return false
  for (let i = 0; i < count; i++) if (rows[i] !== i) return false
  return true
}

/**
 * Keeps the pairs that meet the condition, in place; gives their number. The condition sees left then right
 * columns.
 */
export function filterPairs(
  condition: Expr,
  pairs: RecordBatch,
  first: Int32Array,
  second: Int32Array,
  region: Region,
  context: TaskContext,
): number {
  const { indices, count } = evaluatePredicate(condition, pairs, context.evalContext(region))
  for (let i = 0; i < count; i++) {
    first[i] = first[indices[i]!]!
    second[i] = second[indices[i]!]!
  }
  return count
}

/** Positions i < rowCount where `matched[i]` is `wanted`. */
export function rowsWhere(matched: Uint8Array, wanted: 0 | 1, rowCount: number, region: Region): Int32Array {
  const rows = region.int32(rowCount)
  let count = 0
  for (let i = 0; i < rowCount; i++) if (matched[i] === wanted) rows[count++] = i
  return rows.subarray(0, count)
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
