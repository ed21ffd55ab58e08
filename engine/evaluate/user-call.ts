import { type RecordBatch, type Vector, valueReader, vectorBuilder } from '../batch/index.ts'
import { EngineError } from '../errors.ts'
import type { UserCallExpr } from '../expr/index.ts'
import type { DataType, Value } from '../types/index.ts'
import type { Interpreter, PublicValues } from './eval-context.ts'

/** Calls a function of the user's program a row at a time. USER_CODE_FAILED, with the cause, if it throws. */
export function evaluateUserCall(expr: UserCallExpr, batch: RecordBatch, context: Interpreter): Vector {
  const find = context.userFunctions
  if (find === undefined)
    throw new EngineError('UNSUPPORTED_FEATURE', `the user function "${expr.name}" cannot be called here`)
  const compute = find(expr.functionId)
  const values = context.publicValues ?? plainValues
  const readers = expr.args.map((arg) => valueReader(context.evaluate(arg, batch, context)))
  const builder = vectorBuilder(expr.type, context.region, batch.rowCount)
  for (let row = 0; row < batch.rowCount; row++) {
    const args = readers.map((read, index) => values.toPublic(read(row), expr.args[index]!.type))
    let result: unknown
    try {
      result = compute(...args)
    } catch (cause) {
      if (cause instanceof EngineError) throw cause
      const text = cause instanceof Error ? cause.message : String(cause)
      throw new EngineError('USER_CODE_FAILED', `user function "${expr.name}" failed: ${text}`, { cause })
    }
    builder.append(values.fromPublic(result, expr.type))
  }
  return builder.finish()
}

/** Plain types only: int64 as a number, the others as the engine has them. */
const plainValues: PublicValues = { toPublic: plainToPublic, fromPublic: plainFromPublic }

function plainToPublic(value: Value, type: DataType): unknown {
  if (type.kind !== 'int64' || value === null) return value
  const number = Number(value)
  if (!Number.isSafeInteger(number))
    throw new EngineError(
      'INT64_OUT_OF_RANGE',
      `the bigint ${String(value)} does not fit a JavaScript number`,
      {
        hint: 'Cast it to string or double first.',
      },
    )
  return number
}

function plainFromPublic(value: unknown, type: DataType): Value {
  if (value === null || value === undefined) return null
  const isInteger = type.kind === 'int64' && typeof value === 'number'
  if (isInteger && !Number.isInteger(value))
    throw new EngineError(
      'USER_CODE_FAILED',
      `a user function gave ${String(value)} where a bigint is declared`,
    )
  // The declared type is a promise of the user; builders store what fits it.
  return isInteger ? BigInt(value) : (value as Value)
}
