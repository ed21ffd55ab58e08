/**
 * Expressions over batches, a vector at a time: the interpreter, which covers all of them, and in compile/
 * what becomes WebAssembly. Start with evaluate.ts.
 */
export { canFail, columnsOf } from './can-fail.ts'
export * from './cast.ts'
export {
  type AddedRows,
  AggregateLoop,
  type CodedGroups,
  canProbe,
  exprKey,
  type FlatState,
  formOf,
  hasCompiledForm,
  isCompiledAggregate,
  isCompiledExpr,
  isCompiledPredicate,
  isSteady,
  type Matches,
  MatchLoop,
  type PlacedState,
  type ProbeStep,
  type Probes,
  type RowLookup,
  type RowTest,
  type StateTarget,
  type TableInput,
  tableInputs,
} from './compile/index.ts'
export * from './eval-context.ts'
export * from './evaluate.ts'
