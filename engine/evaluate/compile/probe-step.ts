import type { Expr } from '../../expr/index.ts'
import { canFail, columnsOf } from '../can-fail.ts'
import { EmitError } from './emitted.ts'
import { planKey } from './expr-key.ts'
import { isSmall, type PlannedInput, planInputs, type Wanted } from './plan-inputs.ts'

/**
 * What happens to each row of a batch on its way past tables of joins. Columns of all expressions count on:
 * first those of the batch, which is source 0, then those of each table, sources 1, 2, …
 */
export interface Probes {
  readonly steps: readonly ProbeStep[]
  /** The source of each column. */
  readonly sources: readonly number[]
  /** How many sources there are. */
  readonly sourceCount: number
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

/** Text that is equal for probes that have the same code. */
export function probesKey({ steps, sources }: Probes): string {
  const keys = steps.map((step) =>
    step.kind === 'test'
      ? `test ${planKey(step.predicate)}`
      : `${step.form} ${step.isAnti} ${step.source} ${step.keys.map(planKey).join()}`,
  )
  return `probe ${sources.join('')} ${keys.join('&')}`
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
export function planProbes(probes: Probes, behind: readonly Wanted[]): ReadonlyMap<string, PlannedInput> {
  const exprs = probes.steps.flatMap((step) => (step.kind === 'test' ? [step.predicate] : step.keys))
  if (!exprs.every(isSmall)) throw new EmitError('large expressions')
  const inputs = planInputs([...exprs.map((expr, index) => ({ expr, isLazy: index > 0 })), ...behind])
  for (const { expr } of inputs.values())
    if (expr.kind !== 'column')
      for (const column of columnsOf(expr))
        if (probes.sources[column] !== 0) throw new EmitError('an input over a table')
  return inputs
}

/** Parts of an expression that the interpreter computes, and that read columns of one table only. */
export function tableInputs(probes: Probes, expr: Expr): readonly TableInput[] {
  if (!isSmall(expr)) return []
  try {
    return [...planInputs([{ expr, isLazy: false }]).values()].flatMap((input) => {
      const sources = new Set([...columnsOf(input.expr)].map((column) => probes.sources[column]!))
      const [source = 0] = sources
      if (input.expr.kind === 'column' || sources.size !== 1 || source === 0 || canFail(input.expr)) return []
      return [{ expr: input.expr, source }]
    })
  } catch (error) {
    if (error instanceof EmitError) return []
    throw error
  }
}

/** A part of an expression, and the source of its columns. */
export interface TableInput {
  readonly expr: Expr
  readonly source: number
}
