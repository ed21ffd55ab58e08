/**
 * Expressions as WebAssembly: what is compiled to one function over rows of a batch. It must give what the
 * interpreter gives; what it cannot do, rows that fail included, it leaves to it. Start with emit-expr.ts
 * (values of one row), then compiled-loop.ts (one function for each shape of inputs) and the doors
 * compile-predicate.ts and compile-project.ts.
 */

export type { AddedRows, CodedGroups, StateTarget } from './added-rows.ts'
export { AggregateLoop, isCompiledAggregate } from './aggregate-loop.ts'
export { isCompiledPredicate, selectCompiled } from './compile-predicate.ts'
export {
  evaluateCompiled,
  isByRow,
  isCandidate,
  isCandidate as hasCompiledForm,
  isCompiledExpr,
} from './compile-project.ts'
export { formOf } from './emitted.ts'
export { exprKey } from './expr-key.ts'
export type { FlatState, PlacedState } from './flat-state.ts'
export { type Matches, MatchLoop } from './match-loop.ts'
export { isSteady } from './plan-inputs.ts'
export {
  canProbe,
  type ProbeStep,
  type Probes,
  type RowLookup,
  type RowTest,
  type TableInput,
  tableInputs,
} from './probe-step.ts'
