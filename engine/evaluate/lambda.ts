import { flatten, type RecordBatch, take, type Vector } from '../batch/index.ts'
import { EngineError } from '../errors.ts'
import type { CallExpr, LambdaExpr } from '../expr/index.ts'
import type { LambdaBody, ScalarFunction } from '../functions/index.ts'
import { callContext } from './call-context.ts'
import { columnsOf } from './can-fail.ts'
import type { Interpreter } from './eval-context.ts'

/** Calls a higher-order function: it evaluates its lambdas over the elements of all rows at once. */
export function evaluateLambdaCall(
  entry: ScalarFunction,
  expr: CallExpr,
  batch: RecordBatch,
  context: Interpreter,
): Vector {
  if (entry.evaluateLambda === undefined)
    throw new EngineError('DATATYPE_MISMATCH', `function "${expr.name}" does not take a lambda`)
  const lambdas: LambdaBody[] = []
  const args: Vector[] = []
  expr.args.forEach((arg, index) => {
    if (arg.kind === 'lambda') lambdas.push(bindLambda(arg, index, batch, context))
    else args.push(flatten(context.evaluate(arg, batch, context), context.region))
  })
  return entry.evaluateLambda(args, lambdas, callContext(expr, context, batch.rowCount))
}

function bindLambda(lambda: LambdaExpr, index: number, batch: RecordBatch, context: Interpreter): LambdaBody {
  const used = columnsOf(lambda.body)
  const { region } = context
  return {
    index,
    returns: lambda.body.type,
    parameterCount: lambda.params.length,
    apply(elements, elementCount, rowOfElement) {
      const spread = (vector: Vector) => take(vector, rowOfElement, elementCount, region)
      const columns = batch.columns.map((column, at) => (used.has(at) ? spread(column) : column))
      const variables = new Map<number, Vector>()
      for (const [id, vector] of context.variables ?? []) variables.set(id, spread(vector))
      lambda.params.forEach((param, at) => {
        if (elements[at] !== undefined) variables.set(param.id, elements[at])
      })
      return context.evaluate(lambda.body, { rowCount: elementCount, columns }, { ...context, variables })
    },
  }
}
