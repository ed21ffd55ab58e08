import { allocateFixed, fixedVector, isNull, type Vector } from '../../batch/index.ts'
import { type DataType, type DecimalType, isNumeric, typeName, types } from '../../types/index.ts'
import type { CallContext, ScalarFunction } from '../scalar-function.ts'
import { type Parameter, signature } from '../signature.ts'
import { arithmeticOverflow } from './arithmetic-error.ts'
import { decimalWriter } from './decimal-arithmetic.ts'
import { bigintReader, boundBits, operandOf } from './operand.ts'

const signed: Parameter = {
  text: 'a number or an interval',
  accept: (type) => {
    if (isNumeric(type) || type.kind === 'interval_ym' || type.kind === 'interval_dt') return type
    return type.kind === 'string' || type.kind === 'null' ? types.float64 : undefined
  },
}

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: true } as const

/** Functions of the sign of a number or interval. */
export const signFunctions: readonly ScalarFunction[] = [
  {
    ...plain,
    name: 'negative',
    usage: 'negative(x) - the number or interval with the other sign',
    resolve: signature('negative', [signed], ([type]) => type!),
    evaluate: ([input], call) =>
      negate(input!, call) ??
      eachValue(
        input!,
        call,
        (value) => -value,
        (value) => -value,
      ),
  },
  {
    ...plain,
    name: 'positive',
    mayFail: false,
    usage: 'positive(x) - the number or interval itself',
    resolve: signature('positive', [signed], ([type]) => type!),
    evaluate: ([input]) => input!,
  },
  {
    ...plain,
    name: 'abs',
    usage: 'abs(x) - the number or interval without its sign',
    resolve: signature('abs', [signed], ([type]) => type!),
    evaluate: ([input], call) => eachValue(input!, call, Math.abs, (value) => (value < 0n ? -value : value)),
  },
  {
    ...plain,
    name: 'sign',
    aliases: ['signum'],
    mayFail: false,
    usage: 'sign(x) - -1, 0 or 1 as x is negative, zero or positive',
    resolve: signature('sign', [signed], types.float64),
    bind: () => (value: number | bigint) =>
      typeof value === 'bigint' ? (value > 0n ? 1 : value < 0n ? -1 : 0) : Math.sign(value),
  },
]

/** 64-bit values that surely do not overflow. */
function negate(input: Vector, { rowCount, region, returns }: CallContext): Vector | undefined {
  const operand = operandOf<BigInt64Array>(input)
  if (!(operand.values instanceof BigInt64Array) || operand.lanes === 2 || operand.step === 0)
    return undefined
  if (boundBits(operand.values, rowCount) > 62) return undefined
  const out = region.int64(rowCount)
  for (let row = 0; row < rowCount; row++) out[row] = BigInt.asIntN(64, -operand.values[row]!)
  return fixedVector(returns, rowCount, out)
}

const LIMITS: Readonly<Record<string, number>> = {
  int8: 128,
  int16: 32_768,
  int32: 2 ** 31,
  interval_ym: 2 ** 31,
}

/** Row by row, checking that the smallest integer has no counterpart. */
function eachValue(
  input: Vector,
  call: CallContext,
  ofNumber: (value: number) => number,
  ofBigint: (value: bigint) => bigint,
): Vector {
  const { rowCount, region, returns } = call
  const { values, step, lanes } = operandOf(input)
  if (values instanceof BigInt64Array) {
    if (lanes === 2) return wide(input, call, ofBigint)
    const out = region.int64(rowCount)
    const max = 2n ** 63n
    for (let row = 0; row < rowCount; row++) {
      const value = ofBigint(values[row * step]!)
      if (value === max && isPresent(input, row))
        throw arithmeticOverflow(returns.kind === 'int64' ? 'bigint' : 'interval')
      out[row] = value
    }
    return fixedVector(returns, rowCount, out)
  }
  // Same type in as out, so the array kinds agree.
  const out = allocateFixed(returns, rowCount, region) as Float64Array
  const limit = LIMITS[returns.kind] ?? Number.NaN
  for (let row = 0; row < rowCount; row++) {
    const value = ofNumber(values[row * step] as number)
    if (value === limit && isPresent(input, row)) throw arithmeticOverflow(typeText(returns))
    out[row] = value
  }
  return fixedVector(returns, rowCount, out)
}

function typeText(type: DataType): string {
  return type.kind === 'interval_ym' ? 'interval' : typeName(type)
}

function isPresent(input: Vector, row: number): boolean {
  return !isNull(input, row)
}

function wide(
  input: Vector,
  { rowCount, region, returns }: CallContext,
  compute: (value: bigint) => bigint,
): Vector {
  const read = bigintReader(operandOf(input))
  const writer = decimalWriter(returns as DecimalType, rowCount, region)
  for (let row = 0; row < rowCount; row++) if (isPresent(input, row)) writer.set(row, compute(read(row)))
  return writer.finish()
}
