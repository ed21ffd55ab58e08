import { columnsOf, hasCompiledForm, isCompiledAggregate, isSteady } from '../evaluate/index.ts'
import { type AggregateCall, type Expr, transformExpr } from '../expr/index.ts'
import type { HashAggregateExec, PhysicalPlan, ProjectExec } from '../plan/index.ts'
import { FlatLayout } from './flat-layout.ts'

/** An aggregate that does the work of the filters and projections below it too. */
export interface FusedAggregate {
  readonly node: HashAggregateExec
  /** Rows that count; null: all. */
  readonly predicate: Expr | null
  /** What it reads. */
  readonly input: PhysicalPlan
}

/**
 * An aggregate together with the filters and projections directly below it, so that no rows are copied
 * between them: the filter gives row numbers, and keys and arguments are computed from the columns below.
 * null if there is nothing to join.
 */
export function fuseAggregate(plan: PhysicalPlan): FusedAggregate | null {
  if (plan.kind !== 'HashAggregateExec' || readsStates(plan) || !partsOf(plan).every(isSteady)) return null
  let fused: FusedAggregate = { node: plan, predicate: null, input: plan.input }
  for (;;) {
    const { input } = fused
    if (input.kind === 'FilterExec') {
      const both = fused.predicate === null ? [input.predicate] : [input.predicate, fused.predicate]
      fused = { ...fused, predicate: conjunction(both), input: input.input }
    } else if (input.kind === 'ProjectExec' && isCheap(input)) fused = throughProject(fused, input)
    else return input === plan.input ? null : fused
  }
}

/** The columns that it reads of its input. */
export function columnsRead({ node, predicate }: Omit<FusedAggregate, 'input'>): ReadonlySet<number> {
  const exprs = predicate === null ? partsOf(node) : [...partsOf(node), predicate]
  return new Set(exprs.flatMap((expr) => [...columnsOf(expr)]))
}

/** Whether compiled code adds to the states of some call; for EXPLAIN. */
export function isCompiledPlan(plan: HashAggregateExec): boolean {
  const { calls, mode } = plan
  if (readsStates(plan)) return false
  const layout = new FlatLayout()
  for (const call of calls) layout.place(call, mode, 0)
  return layout.states.length > 0 && isCompiledAggregate(layout.states, layout.wordsPerGroup)
}

function readsStates({ mode }: HashAggregateExec): boolean {
  return mode === 'final' || mode === 'merge'
}

function conjunction(conditions: readonly Expr[]): Expr {
  const operands = conditions.flatMap((each) => (each.kind === 'and' ? each.operands : [each]))
  return operands.length === 1 ? operands[0]! : { kind: 'and', operands, type: { kind: 'boolean' } }
}

/** The expressions of an aggregate. */
export function partsOf({ keys, calls }: HashAggregateExec): readonly Expr[] {
  const ofCalls = calls.flatMap(({ args, filter, order }) => [
    ...args,
    ...(filter === null ? [] : [filter]),
    ...order.map((key) => key.expr),
  ])
  return [...keys, ...ofCalls]
}

/** Whether its expressions may be computed where they are used, be it twice. */
function isCheap({ exprs }: ProjectExec): boolean {
  return exprs.every((expr) => {
    if (expr.kind === 'column' || expr.kind === 'literal') return true
    return hasCompiledForm(expr) && isSteady(expr)
  })
}

function throughProject({ node, predicate }: FusedAggregate, project: ProjectExec): FusedAggregate {
  const put = (expr: Expr): Expr =>
    transformExpr(expr, (part) => (part.kind === 'column' ? project.exprs[part.index]! : part))
  const calls = node.calls.map((call): AggregateCall => {
    const order = call.order.map((key) => ({ ...key, expr: put(key.expr) }))
    return { ...call, args: call.args.map(put), filter: call.filter && put(call.filter), order }
  })
  const input = project.input
  return {
    node: { ...node, keys: node.keys.map(put), calls, input },
    predicate: predicate && put(predicate),
    input,
  }
}
