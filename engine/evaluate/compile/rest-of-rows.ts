import { type RecordBatch, take } from '../../batch/index.ts'
import { columnsOf } from '../can-fail.ts'
import type { Interpreter } from '../eval-context.ts'
import type { AddedRows } from './added-rows.ts'
import { exprKey } from './expr-key.ts'
import type { PlacedState } from './flat-state.ts'

/** Rows as a batch of their own. */
export interface Rest {
  readonly batch: RecordBatch
  readonly groups: Int32Array | null
}

/** The rows from position `from` on, as a batch of their own. */
export function restOf(
  batch: RecordBatch,
  { selection, count, groups }: AddedRows,
  from: number,
  states: readonly PlacedState[],
  { region }: Interpreter,
): Rest {
  if (from === 0 && selection === null) return { batch, groups }
  let indices = selection?.subarray(from, count)
  if (indices === undefined) {
    indices = region.int32(count - from)
    for (let i = from; i < count; i++) indices[i - from] = i
  }
  const used = new Set<number>()
  for (const { arg, filter } of states)
    for (const expr of [arg, filter])
      if (expr !== null) for (const column of columnsOf(expr)) used.add(column)
  const left = count - from
  const columns = batch.columns.map((column, index) =>
    used.has(index) ? take(column, indices, left, region) : column,
  )
  return { batch: { rowCount: left, columns }, groups: groups?.subarray(from, count) ?? null }
}

/** The groups of some rows. */
export function gather(
  groups: Int32Array,
  indices: Int32Array,
  count: number,
  { region }: Interpreter,
): Int32Array {
  const out = region.int32(count)
  for (let i = 0; i < count; i++) out[i] = groups[indices[i]!]!
  return out
}

/** The states of each filter. */
export function byFilter(states: readonly PlacedState[]): ReadonlyMap<string, readonly PlacedState[]> {
  const groups = new Map<string, PlacedState[]>()
  for (const state of states) {
    const key = state.filter === null ? '' : exprKey(state.filter)
    const members = groups.get(key)
    if (members === undefined) groups.set(key, [state])
    else members.push(state)
  }
  return groups
}
