import type { Expr } from '../../expr/index.ts'
import { assembleModule, op, wasm } from '../../wasm/index.ts'
import { type Emission, emitExpr, emitTruth } from './emit-expr.ts'
import { emitUpdate, SumSizes } from './emit-state.ts'
import type { Emitted } from './emitted.ts'
import { exprKey } from './expr-key.ts'
import type { PlacedState } from './flat-state.ts'
import { loadBit } from './load-input.ts'
import type { PlannedInput } from './plan-inputs.ts'
import { ProbeCode, probeSlots } from './probe-code.ts'
import type { Probes } from './probe-step.ts'
import { RowCode } from './row-code.ts'
import { type Cells, GroupCells, TotalCells } from './state-cells.ts'

/**
 * How the rows of a call lie: all of the batch or a selection; in groups by position, by the codes of their
 * keys, or all in group 0. `isNarrow`: exact sums are within 62 bits before it, and are added up in 64; it
 * ends before they could overflow.
 */
export interface RowsForm {
  readonly isSelected: boolean
  readonly groups: 'total' | 'listed' | 'coded'
  /** Of coded groups: for each key whether it has NULLs. */
  readonly keys: readonly boolean[]
  readonly isNarrow: boolean
}

/** Slots behind the inputs: states, groups by position or by cell, rows by position; then those of keys. */
const STATES = 0
const GROUPS = 1
const SELECTION = 2
export const AGGREGATE_SLOTS = 3

/** Slots of a key: codes, validity, cells from one code to the next, cells before that of NULL. */
export const SLOTS_PER_KEY = 4

/** What is added, for the rows where the predicate is TRUE. */
export interface AddedStates {
  readonly states: readonly PlacedState[]
  readonly wordsPerGroup: number
  readonly predicate: Expr | null
  /** What rows go through before they are added, if they do. */
  readonly probes: PlannedProbes | null
}

/** Probes with the inputs of all that is computed. */
export interface PlannedProbes extends Probes {
  readonly planned: ReadonlyMap<string, PlannedInput>
}

/** A loop that adds rows to the states of their groups, `wordsPerGroup` words each. */
export function emitAggregate(
  { states, wordsPerGroup, predicate, probes }: AddedStates,
  { isSelected, groups, keys, isNarrow }: RowsForm,
  inputs: Emission['inputs'],
  slot: number,
): Uint8Array {
  const firstOfProbes = slot + AGGREGATE_SLOTS + SLOTS_PER_KEY * keys.length
  const slotCount = firstOfProbes + (probes === null ? 0 : probeSlots(probes))
  const row = new RowCode(slotCount, isSelected || probes !== null)
  const { code } = row
  const steps = probes && new ProbeCode(probes, firstOfProbes, row)
  const emission: Emission = { row, inputs: steps?.placed(inputs, probes!.planned) ?? inputs }
  const base = row.pointer(slot + STATES)
  const cells: Cells = groups === 'total' ? new TotalCells(base, states, code) : new GroupCells(code)
  const sizes = isNarrow ? new SumSizes(row) : null
  const add = (next: number): void => {
    if (predicate !== null)
      code
        .get(emitTruth(predicate, true, emission))
        .emit(op.i32Eqz)
        .brIf(next)
    if (groups === 'coded') pushCodedGroup(keys, slot, row)
    else if (groups === 'listed') row.at(row.pointer(slot + GROUPS), row.position, 2).memory(op.i32Load, 2)
    if (cells instanceof GroupCells)
      code
        .i32(wordsPerGroup * 8)
        .emit(op.i32Mul)
        .get(base)
        .emit(op.i32Add)
        .set(cells.address)
    const byFilter = groupByFilter(states)
    // All that can fail comes before the first state is changed: a row that fails has added nothing.
    const values = byFilter.map(({ filter, members }) =>
      underFilter(filter, emission, () => members.map((state) => argOf(state, emission))),
    )
    byFilter.forEach(({ filter, members }, index) => {
      underFilter(filter, emission, () => {
        for (const [at, state] of members.entries()) emitUpdate(state, values[index]![at]!, cells, sizes, row)
      })
    })
  }
  const after = () => {
    if (cells instanceof TotalCells) cells.writeBack()
  }
  if (steps === null) row.loop(isSelected ? slot + SELECTION : -1, add, after)
  else steps.loop(emission, add, after)
  sizes?.finish()
  return assembleModule(code, [wasm.i32])
}

/** Pushes the group that stands in the cell of a row's keys; a row whose cell has none ends the function. */
function pushCodedGroup(keys: readonly boolean[], slot: number, row: RowCode): void {
  const { code } = row
  const first = slot + AGGREGATE_SLOTS
  keys.forEach((isNullable, index) => {
    const [codes, validity, step, nullCell] = [0, 1, 2, 3].map((part) =>
      row.pointer(first + index * SLOTS_PER_KEY + part),
    ) as [number, number, number, number]
    const valid = isNullable ? loadBit(validity, row.row, row) : null
    row.at(codes, row.row, 2).memory(op.i32Load, 2).get(step).emit(op.i32Mul)
    if (valid !== null) code.get(nullCell).get(valid).emit(op.select)
    if (index > 0) code.emit(op.i32Add)
  })
  const cell = row.keep(wasm.i32)
  row.at(row.pointer(slot + GROUPS), cell, 2).memory(op.i32Load, 2)
  const group = row.keep(wasm.i32)
  code.get(group).i32(0).emit(op.i32LtS)
  row.failIf()
  code.get(group)
}

function groupByFilter(states: readonly PlacedState[]) {
  const groups = new Map<string, { filter: Expr | null; members: PlacedState[] }>()
  for (const state of states) {
    const key = state.filter === null ? '' : exprKey(state.filter)
    const group = groups.get(key) ?? { filter: state.filter, members: [] }
    group.members.push(state)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function underFilter<T>(filter: Expr | null, emission: Emission, body: () => T): T {
  if (filter === null) return body()
  const { row } = emission
  row.code.get(emitTruth(filter, true, emission)).if()
  let result: T | undefined
  row.branch(() => {
    result = body()
  })
  row.code.end()
  return result as T
}

function argOf({ arg }: PlacedState, emission: Emission): Emitted | null {
  return arg === null ? null : emitExpr(arg, emission)
}
