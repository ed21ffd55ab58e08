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
import type { EvalContext, Interpreter } from './eval-context.ts'
import { evaluateLogic } from './logic.ts'
import { truthBits } from './rows.ts'
import { evaluateUserCall } from './user-call.ts'

/**
 * The value of an expression for every row of a batch, a vector at a time. The result has `batch.rowCount`
 * rows, any encoding, and lies in `context.region` or shares buffers with the batch. Throws what its
 * functions throw.
 */
export function evaluate(expr: Expr, batch: RecordBatch, context: EvalContext): Vector {
  return interpret(expr, batch, { ...context, evaluate: interpret })
}

/** The same, also for subexpressions. */
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

/** The rows for which a boolean expression is TRUE, in order; `indices` is longer than `count`. */
export function evaluatePredicate(
  expr: Expr,
  batch: RecordBatch,
  context: EvalContext,
): { readonly indices: Int32Array; readonly count: number } {
  const { isTrue } = truthBits(evaluate(expr, batch, context), context.region)
  const indices = context.region.int32(batch.rowCount)
  return { indices, count: onesToIndices(isTrue, batch.rowCount, indices) }
}
