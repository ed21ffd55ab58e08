import {
  constantVector,
  onesToIndices,
  type RecordBatch,
  type Vector,
  vectorBuilder,
} from '../batch/index.ts'
import { assert, EngineError } from '../errors.ts'
import type { Expr } from '../expr/index.ts'
import { evaluateCall } from './call.ts'
import { evaluateCase } from './choice.ts'
import {
  type AddedRows,
  type AggregateLoop,
  type CodedGroups,
  evaluateCompiled,
  isByRow,
  isCandidate,
  type Matches,
  type MatchLoop,
  type StateTarget,
  selectCompiled,
} from './compile/index.ts'
import type { EvalContext, Interpreter, SelectedRows } from './eval-context.ts'
import { evaluateLogic } from './logic.ts'
import { restrictRows, truthBits } from './rows.ts'
import { evaluateUserCall } from './user-call.ts'

/**
 * The value of an expression for every row of a batch, a vector at a time. The result has `batch.rowCount`
 * rows, any encoding, and lies in `context.region` or shares buffers with the batch. Throws what its
 * functions throw.
 */
export function evaluate(expr: Expr, batch: RecordBatch, context: EvalContext): Vector {
  return compute(expr, batch, interpreter(context, true))
}

/**
 * The values of several expressions, as `evaluate` gives them; those that are compiled run as one function.
 */
export function evaluateAll(
  exprs: readonly Expr[],
  batch: RecordBatch,
  context: EvalContext,
): readonly Vector[] {
  const start = interpreter(context, true)
  const chosen = exprs.filter((expr) => mayCompile(expr, batch, start))
  const compiled = chosen.length > 1 ? evaluateCompiled(chosen, batch, start) : undefined
  return exprs.map((expr) => {
    const index = chosen.indexOf(expr)
    if (index >= 0 && compiled) return compiled[index]!
    return compute(expr, batch, compiled === null ? { ...start, compiles: false } : start)
  })
}

/**
 * The same as `evaluate` by the interpreter alone: what is compiled is judged by it.
 */
export function evaluateInterpreted(expr: Expr, batch: RecordBatch, context: EvalContext): Vector {
  return compute(expr, batch, interpreter(context, false))
}

function interpreter(context: EvalContext, compiles: boolean): Interpreter {
  return { ...context, evaluate: compute, select, compiles }
}

function mayCompile(expr: Expr, batch: RecordBatch, context: Interpreter): boolean {
  if (!context.compiles || context.variables !== undefined || batch.rowCount === 0) return false
  return isCandidate(expr) && isByRow(expr, batch)
}

/** Compiled where that is possible, else interpreted; the same for subexpressions. */
function compute(expr: Expr, batch: RecordBatch, context: Interpreter): Vector {
  if (!mayCompile(expr, batch, context)) return interpret(expr, batch, context)
  const compiled = evaluateCompiled([expr], batch, context)
  if (compiled) return compiled[0]!
  return interpret(expr, batch, compiled === null ? { ...context, compiles: false } : context)
}

function interpret(expr: Expr, batch: RecordBatch, context: Interpreter): Vector {
  if (batch.rowCount === 0) return vectorBuilder(expr.type, context.region, 0).finish()
  switch (expr.kind) {
    case 'column': {
      const column = batch.columns[expr.index]
      assert(
        column !== undefined,
        `column ${expr.index} "${expr.name}" is not among ${batch.columns.length} columns`,
      )
      return column
    }
    case 'literal':
      return constantVector(expr.type, expr.value, batch.rowCount, context.region)
    case 'call':
    case 'cast':
      return evaluateCall(expr, batch, context)
    case 'and':
    case 'or':
      return evaluateLogic(expr, batch, context)
    case 'case':
      return evaluateCase(expr, batch, context)
    case 'variable': {
      const variable = context.variables?.get(expr.id)
      assert(variable !== undefined, `lambda variable "${expr.name}" is not bound`)
      return variable
    }
    case 'user':
      return evaluateUserCall(expr, batch, context)
    case 'lambda':
      throw new EngineError('DATATYPE_MISMATCH', 'a lambda stands where a value is needed', {
        hint: 'Only higher-order functions such as "transform" take a lambda.',
      })
  }
}

/** The values of an expression for rows `selection` of a batch (null: all), and for no others. */
export function evaluateRows(
  expr: Expr,
  batch: RecordBatch,
  selection: Int32Array | null,
  count: number,
  context: EvalContext,
): Vector {
  const start = interpreter(context, true)
  if (selection === null) return compute(expr, batch, start)
  const narrow = restrictRows(expr, batch, selection, count, start)
  return compute(expr, narrow.batch, narrow.context)
}

/** Adds rows to states of aggregates: `loop` computes their arguments. */
export function addToStates(
  loop: AggregateLoop,
  batch: RecordBatch,
  rows: AddedRows,
  target: StateTarget,
  context: EvalContext,
): void {
  loop.add(batch, rows, target, interpreter(context, true))
}

/**
 * Adds all rows of a batch for which the predicate of `loop` is TRUE, to group 0 or to coded groups. Gives
 * how many rows it went through; those behind must be added otherwise.
 */
export function addWholeBatch(
  loop: AggregateLoop,
  batch: RecordBatch,
  groups: CodedGroups | null,
  target: () => StateTarget,
  context: EvalContext,
): number {
  return loop.addWhole(batch, groups, target, interpreter(context, true))
}

/**
 * The rows of a batch from `from` on that pass all steps of probes; null if they have to be found otherwise.
 */
export function matchRows(
  loop: MatchLoop,
  batch: RecordBatch,
  from: number,
  context: EvalContext,
): Matches | null {
  return loop.match(batch, from, interpreter(context, true))
}

/** The rows for which a boolean expression is TRUE, in order; `indices` is longer than `count`. */
export function evaluatePredicate(expr: Expr, batch: RecordBatch, context: EvalContext): SelectedRows {
  return select(expr, batch, interpreter(context, true))
}

/** Those of some rows of a batch for which a boolean expression is TRUE. */
export function selectAmong(
  expr: Expr,
  batch: RecordBatch,
  { indices, count }: SelectedRows,
  context: EvalContext,
): SelectedRows {
  const narrow = restrictRows(expr, batch, indices, count, interpreter(context, true))
  const selected = select(expr, narrow.batch, narrow.context)
  for (let i = 0; i < selected.count; i++) selected.indices[i] = indices[selected.indices[i]!]!
  return selected
}

function select(expr: Expr, batch: RecordBatch, context: Interpreter): SelectedRows {
  if (context.compiles && context.variables === undefined && batch.rowCount > 0) {
    const selected = selectCompiled(expr, batch, context)
    if (selected !== null) return selected
  }
  const { isTrue } = truthBits(context.evaluate(expr, batch, context), context.region)
  const indices = context.region.int32(batch.rowCount)
  return { indices, count: onesToIndices(isTrue, batch.rowCount, indices) }
}
