import type { Expr } from '../../expr/index.ts'
import { columnsOf } from '../can-fail.ts'
import { EmitError } from './emitted.ts'
import { planKey } from './expr-key.ts'
import { isSmall, type PlannedInput, planInputs } from './plan-inputs.ts'

/**
 * What happens to each row of a batch on its way past tables of joins. Columns of all expressions count on:
 * first those of the batch, which is source 0, then those of each table, sources 1, 2, …
 */
export interface Probes {
  readonly steps: readonly ProbeStep[]
  /** The first column of each source. */
  readonly sourceStarts: readonly number[]
}

/** One step: only the rows that pass it go on. */
export type ProbeStep = RowTest | RowLookup

/** Rows for which the predicate is TRUE pass. */
export interface RowTest {
  readonly kind: 'test'
  readonly predicate: Expr
}

/**
 * Rows that find their key in a table pass; with `isAnti` those that do not. Keys are integers, each within
 * its range; see kernels/assembly/join-codes.ts and join-table.ts.
 */
export interface RowLookup {
  readonly kind: 'lookup'
  readonly keys: readonly Expr[]
  readonly form: 'direct' | 'bits' | 'hash32' | 'hash64'
  readonly isAnti: boolean
  /** The source whose rows are found; null if they are not wanted. */
  readonly source: number | null
  /** Where ranges of keys, heads (or bits, or slots) and codes are, and the number of slots. */
  readonly table: TableAddresses
}

/** Numbers by which code finds a table; they are not part of the code. */
export interface TableAddresses {
  readonly ranges: number
  readonly heads: number
  readonly slotCount: number
  readonly codes: number
}

/** The source of a column. */
export function sourceOf({ sourceStarts }: Probes, column: number): number {
  return sourceStarts.findLastIndex((start) => column >= start)
}

/** Text that is equal for probes that have the same code. */
export function probesKey({ steps, sourceStarts }: Probes): string {
  const keys = steps.map((step) =>
    step.kind === 'test'
      ? `test ${planKey(step.predicate)}`
      : `${step.form} ${step.isAnti} ${step.source} ${step.keys.map(planKey).join()}`,
  )
  return `probe ${sourceStarts.join()} ${keys.join('&')}`
}

/** Whether all steps have a compiled form. */
export function canProbe(probes: Probes): boolean {
  try {
    planProbes(probes, [])
    return true
  } catch (error) {
    if (error instanceof EmitError) return false
    throw error
  }
}

/**
 * The inputs of probes and of what is computed behind them; EmitError if they cannot be compiled. What the
 * interpreter computes first must be of the batch alone.
 */
export function planProbes(probes: Probes, behind: readonly Expr[]): ReadonlyMap<string, PlannedInput> {
  const exprs = [
    ...probes.steps.flatMap((step) => (step.kind === 'test' ? [step.predicate] : step.keys)),
    ...behind,
  ]
  if (!exprs.every(isSmall)) throw new EmitError('large expressions')
  const inputs = planInputs(exprs.map((expr, index) => ({ expr, isLazy: index > 0 })))
  for (const { expr } of inputs.values())
    if (expr.kind !== 'column')
      for (const column of columnsOf(expr))
        if (sourceOf(probes, column) > 0) throw new EmitError('an input over a table')
  return inputs
}
