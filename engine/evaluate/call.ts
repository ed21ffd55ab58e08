import {
  andBits,
  constantOf,
  constantVector,
  type DictionaryVector,
  dictionaryVector,
  type FlatVector,
  flatten,
  getBit,
  nulls,
  type RecordBatch,
  setBit,
  take,
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

/** A vector-at-a-time operation: a call of a function, or a cast. */
interface Operation {
  readonly run: (args: readonly Vector[], rowCount: number) => Vector
  readonly mayFail: boolean
  readonly isPure: boolean
  readonly seesNulls: boolean
}

/** Calls a scalar function; constants are computed once and dictionaries entry by entry. */
export function evaluateCall(expr: CallExpr, batch: RecordBatch, context: Interpreter): Vector {
  const lazy = evaluateLazily(expr, batch, context)
  if (lazy !== undefined) return lazy
  const entry = lookupScalar(expr.name)
  if (entry === undefined)
    throw new EngineError('UNRESOLVED_ROUTINE', `function "${expr.name}" does not exist`)
  if (expr.args.some(({ kind }) => kind === 'lambda')) return evaluateLambdaCall(entry, expr, batch, context)
  const args = expr.args.map((arg) => context.evaluate(arg, batch, context))
  const operation: Operation = {
    run: (vectors, rowCount) => callFunction(entry, vectors, callContext(expr, context, rowCount)),
    mayFail: entry.mayFail,
    isPure: entry.volatility !== 'volatile',
    seesNulls: entry.nulls === 'custom',
  }
  return applyOperation(operation, args, batch.rowCount, context.region)
}

/** Converts; see cast.ts for the rules. */
export function evaluateCast(expr: CastExpr, batch: RecordBatch, context: Interpreter): Vector {
  const input = context.evaluate(expr.input, batch, context)
  const { region, settings } = context
  const operation: Operation = {
    run: ([vector]) => castVector(vector!, expr.type, expr.safe, region, settings),
    mayFail: !expr.safe && castMayFail(expr.input.type, expr.type),
    isPure: true,
    seesNulls: false,
  }
  return applyOperation(operation, [input], batch.rowCount, region)
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

function applyOperation(
  operation: Operation,
  args: readonly Vector[],
  rowCount: number,
  region: Region,
): Vector {
  if (operation.isPure && args.every(({ encoding }) => encoding === 'constant')) {
    const one = args.map((arg) => resizeConstant(arg, 1, region))
    return constantOf(flatten(operation.run(one, 1), region), rowCount, region)
  }
  if (operation.isPure) {
    const changing = args.filter(({ encoding }) => encoding !== 'constant')
    const [only] = changing
    if (changing.length === 1 && only!.encoding === 'dictionary' && only!.dictionary.length < rowCount) {
      const result = overDictionary(operation, args, only as DictionaryVector, region)
      if (result !== undefined) return result
    }
  }
  const flat = args.map((arg) => (arg.encoding === 'dictionary' ? flatten(arg, region) : arg))
  return operation.run(flat, rowCount)
}

function resizeConstant(vector: Vector, rowCount: number, region: Region): Vector {
  return vector.encoding === 'constant' ? constantOf(vector.value, rowCount, region) : vector
}

/** Runs over the entries of the dictionary instead of the rows. Undefined if an entry fails, used or not. */
function overDictionary(
  operation: Operation,
  args: readonly Vector[],
  column: DictionaryVector,
  region: Region,
): Vector | undefined {
  // A function that sees NULLs gets one more entry, which is NULL, for the rows that are.
  const needsNull = operation.seesNulls && column.nullCount > 0
  const entries = needsNull ? withNullEntry(column.dictionary, region) : column.dictionary
  const count = entries.length
  const inputs = args.map((arg) => (arg === column ? entries : resizeConstant(arg, count, region)))
  let results: FlatVector
  try {
    results = flatten(operation.run(inputs, count), region)
  } catch (error) {
    if (operation.mayFail && error instanceof EngineError) return undefined
    throw error
  }
  const codes = needsNull ? codesOfNulls(column, count - 1, region) : column.codes
  if (results.type.kind === 'boolean' && results.validity === null && (needsNull || column.validity === null))
    return take(results, codes, column.length, region)
  const validity = entryValidity(results, codes, needsNull ? null : column.validity, column.length, region)
  if (results.type.kind === 'boolean')
    return { ...flatten(dictionaryVector(column.length, codes, results, validity), region) }
  return dictionaryVector(column.length, zeroUnderNulls(codes, validity, column, region), results, validity)
}

function withNullEntry(dictionary: FlatVector, region: Region): FlatVector {
  const indices = region.int32(dictionary.length + 1)
  for (let i = 0; i < dictionary.length; i++) indices[i] = i
  indices[dictionary.length] = -1
  // Taking rows of a flat vector gives a flat vector.
  return take(dictionary, indices, indices.length, region) as FlatVector
}

function codesOfNulls(column: DictionaryVector, nullCode: number, region: Region): Int32Array {
  const codes = region.int32(column.length)
  for (let row = 0; row < column.length; row++)
    codes[row] = getBit(column.validity!, row) ? column.codes[row]! : nullCode
  return codes
}

function entryValidity(
  entries: FlatVector,
  codes: Int32Array,
  rows: Uint8Array | null,
  rowCount: number,
  region: Region,
): Uint8Array | null {
  if (entries.validity === null) return rows
  const out = region.bitmap(rowCount)
  const { validity } = entries
  for (let row = 0; row < rowCount; row++) if (getBit(validity, codes[row]!)) setBit(out, row)
  if (rows !== null) andBits(out, rows, out, rowCount)
  return out
}

/** Codes under NULL are 0 by the rules of dictionary vectors. */
function zeroUnderNulls(
  codes: Int32Array,
  validity: Uint8Array | null,
  column: DictionaryVector,
  region: Region,
): Int32Array {
  if (validity === null || validity === column.validity) return codes
  const out = region.int32(column.length)
  for (let row = 0; row < column.length; row++) out[row] = getBit(validity, row) ? codes[row]! : 0
  return out
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
