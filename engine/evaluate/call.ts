import {
  andBits,
  constantVector,
  flatten,
  getBit,
  nulls,
  type RecordBatch,
  type Vector,
  valueReader,
  vectorBuilder,
} from '../batch/index.ts'
import { assert, EngineError } from '../errors.ts'
import type { CallExpr, CaseExpr, CastExpr, Expr } from '../expr/index.ts'
import { type CallContext, lookupScalar, type ScalarFunction } from '../functions/index.ts'
import type { Region } from '../memory/index.ts'
import { commonType, typesEqual, type Value } from '../types/index.ts'
import { callContext } from './call-context.ts'
import { canFail } from './can-fail.ts'
import { castMayFail, castVector } from './cast.ts'
import { evaluateCase, evaluateCoalesce } from './choice.ts'
import type { Interpreter } from './eval-context.ts'
import { evaluateLambdaCall } from './lambda.ts'
import { applyOperation, type Operation } from './operation.ts'

/**
 * Calls a scalar function or converts; constants are computed once and dictionaries entry by entry. Chains
 * along the first argument, as `a + b + c + …` makes them, are walked in a loop and so may be as long as one
 * likes.
 */
export function evaluateCall(expr: CallExpr | CastExpr, batch: RecordBatch, context: Interpreter): Vector {
  const chain: (CallExpr | CastExpr)[] = []
  let bottom: Expr = expr
  while (isStrict(bottom)) {
    chain.push(bottom)
    bottom = bottom.kind === 'cast' ? bottom.input : bottom.args[0]!
  }
  const isOwn = chain.length === 0
  let value = isOwn
    ? evaluateOther(expr as CallExpr, batch, context)
    : context.evaluate(bottom, batch, context)
  for (let index = chain.length - 1; index >= 0; index--) {
    const node = chain[index]!
    if (node.kind === 'cast') value = evaluateCast(node, value, context)
    else {
      const rest = node.args.slice(1).map((arg) => context.evaluate(arg, batch, context))
      value = evaluateStrict(node, [value, ...rest], batch.rowCount, context)
    }
  }
  return value
}

const LAZY = new Set(['if', 'iff', 'coalesce', 'ifnull', 'nvl', 'nvl2', 'nullif'])

/** Whether all arguments are evaluated on all rows, and there is a first one. */
function isStrict(expr: Expr): expr is CallExpr | CastExpr {
  if (expr.kind === 'cast') return true
  if (expr.kind !== 'call' || expr.args.length === 0 || LAZY.has(expr.name)) return false
  return !expr.args.some(({ kind }) => kind === 'lambda')
}

/** Calls without arguments, with lambdas, or of functions that evaluate their arguments lazily. */
function evaluateOther(expr: CallExpr, batch: RecordBatch, context: Interpreter): Vector {
  const lazy = evaluateLazily(expr, batch, context)
  if (lazy !== undefined) return lazy
  if (expr.args.some(({ kind }) => kind === 'lambda'))
    return evaluateLambdaCall(findFunction(expr.name), expr, batch, context)
  const args = expr.args.map((arg) => context.evaluate(arg, batch, context))
  return evaluateStrict(expr, args, batch.rowCount, context)
}

function findFunction(name: string): ScalarFunction {
  const entry = lookupScalar(name)
  if (entry === undefined) throw new EngineError('UNRESOLVED_ROUTINE', `function "${name}" does not exist`)
  return entry
}

function evaluateStrict(
  expr: CallExpr,
  args: readonly Vector[],
  rowCount: number,
  context: Interpreter,
): Vector {
  const entry = findFunction(expr.name)
  const operation: Operation = {
    run: (vectors, count) => callFunction(entry, vectors, callContext(expr, context, count)),
    mayFail: entry.mayFail,
    isPure: entry.volatility !== 'volatile',
    seesNulls: entry.nulls === 'custom',
  }
  return applyOperation(operation, args, rowCount, context.region)
}

/** Converts; see cast.ts for the rules. */
function evaluateCast(expr: CastExpr, input: Vector, context: Interpreter): Vector {
  const { region, settings } = context
  const operation: Operation = {
    run: ([vector]) => castVector(vector!, expr.type, expr.safe, region, settings),
    mayFail: !expr.safe && castMayFail(expr.input.type, expr.type),
    isPure: true,
    seesNulls: false,
  }
  return applyOperation(operation, [input], input.length, region)
}

/** Functions that must not evaluate all their arguments on all rows. */
function evaluateLazily(expr: CallExpr, batch: RecordBatch, context: Interpreter): Vector | undefined {
  const [a, b, c] = expr.args
  switch (expr.name) {
    case 'if':
    case 'iff':
      return evaluateCase(
        { kind: 'case', branches: [{ when: a!, then: b! }], otherwise: c!, type: expr.type },
        batch,
        context,
      )
    case 'coalesce':
    case 'ifnull':
    case 'nvl':
      return evaluateCoalesce(expr, expr.args, batch, context)
    case 'nullif':
      return typesEqual(a!.type, b!.type) ? undefined : evaluateCase(nullIf(expr, a!, b!), batch, context)
    case 'nvl2': {
      if (!canFail(b!) && !canFail(c!)) return undefined
      const when: Expr = { kind: 'call', name: 'isnotnull', args: [a!], type: { kind: 'boolean' } }
      return evaluateCase(
        { kind: 'case', branches: [{ when, then: b! }], otherwise: c!, type: expr.type },
        batch,
        context,
      )
    }
    default:
      return undefined
  }
}

/** nullif of two types: they are compared in their common type, and the result has the first. */
function nullIf(expr: CallExpr, a: Expr, b: Expr): CaseExpr {
  const common = commonType(a.type, b.type) ?? a.type
  const both = [a, b].map((input): Expr => ({ kind: 'cast', input, type: common, safe: false }))
  const when: Expr = { kind: 'call', name: '=', args: both, type: { kind: 'boolean' } }
  const then: Expr = { kind: 'literal', value: null, type: expr.type }
  return { kind: 'case', branches: [{ when, then }], otherwise: a, type: expr.type }
}

/** Runs a function on flat or constant vectors and puts in the NULLs of its arguments. */
export function callFunction(entry: ScalarFunction, args: readonly Vector[], call: CallContext): Vector {
  const { rowCount, region, returns } = call
  const propagates = entry.nulls === 'propagate'
  if (propagates && args.some((arg) => arg.length > 0 && arg.nullCount === arg.length))
    return constantVector(returns, null, rowCount, region)
  const validity = propagates ? commonValidity(args, rowCount, region) : null
  if (entry.evaluate !== undefined) {
    const result = entry.evaluate(args, call)
    return validity === null ? result : withValidity(result, validity, region)
  }
  assert(entry.bind !== undefined, `function "${entry.name}" has neither evaluate nor bind`)
  return callByRow(entry.bind(call) as (...values: Value[]) => Value, args, validity, call)
}

function callByRow(
  compute: (...values: Value[]) => Value,
  args: readonly Vector[],
  validity: Uint8Array | null,
  { rowCount, region, returns }: CallContext,
): Vector {
  const readers = args.map(valueReader)
  const builder = vectorBuilder(returns, region, rowCount)
  const [first, second] = readers
  for (let row = 0; row < rowCount; row++) {
    if (validity !== null && !getBit(validity, row)) builder.append(null)
    else if (readers.length === 1) builder.append(compute(first!(row)))
    else if (readers.length === 2) builder.append(compute(first!(row), second!(row)))
    else builder.append(compute(...readers.map((read) => read(row))))
  }
  return builder.finish()
}

/** Rows where no argument is NULL; null if that is all of them. */
function commonValidity(args: readonly Vector[], rowCount: number, region: Region): Uint8Array | null {
  let common: Uint8Array | null = null
  let isOwn = false
  for (const { validity } of args) {
    if (validity === null) continue
    if (common === null) common = validity
    else {
      const out: Uint8Array = isOwn ? common : region.bitmap(rowCount)
      andBits(common, validity, out, rowCount)
      common = out
      isOwn = true
    }
  }
  return common
}

/** The vector with further rows made NULL. */
function withValidity(vector: Vector, validity: Uint8Array, region: Region): Vector {
  const flat = flatten(vector, region)
  let bits = validity
  if (flat.validity !== null) {
    bits = region.bitmap(flat.length)
    andBits(flat.validity, validity, bits, flat.length)
  }
  return { ...flat, ...nulls(bits, flat.length) }
}
