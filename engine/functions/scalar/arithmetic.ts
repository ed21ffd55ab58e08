import type { Vector } from '../../batch/index.ts'
import {
  commonType,
  type DataType,
  type DecimalType,
  decimalFor,
  decimalForLiteral,
  decimalResult,
  isFloat,
  isInteger,
  isNumeric,
  types,
  type Value,
} from '../../types/index.ts'
import type { CallContext, ScalarFunction, Signature } from '../scalar-function.ts'
import { checkCount, mismatch } from '../signature.ts'
import { datetimeArithmetic, datetimeSignature } from './datetime-arithmetic.ts'
import { type DecimalOperator, decimalArithmetic, type OnFailure } from './decimal-arithmetic.ts'
import { floatArithmetic } from './float-arithmetic.ts'
import { integerArithmetic } from './integer-arithmetic.ts'
import { intervalScaling, intervalScalingSignature } from './interval-arithmetic.ts'

type Literals = readonly (Value | undefined)[]

/** `+ - * / % pmod div` and the try_ forms. */
export const arithmeticFunctions: readonly ScalarFunction[] = [
  arithmetic('+', '+', 'throw', 'a + b - the sum'),
  arithmetic('-', '-', 'throw', 'a - b - the difference'),
  arithmetic('*', '*', 'throw', 'a * b - the product'),
  arithmetic('/', '/', 'throw', 'a / b - the quotient, never rounded to an integer'),
  arithmetic('%', '%', 'throw', 'a % b - the remainder, with the sign of a', ['mod']),
  arithmetic('pmod', 'pmod', 'throw', 'pmod(a, b) - the remainder that is not negative'),
  arithmetic('try_add', '+', 'null', 'try_add(a, b) - the sum, or NULL if it overflows'),
  arithmetic('try_subtract', '-', 'null', 'try_subtract(a, b) - the difference, or NULL if it overflows'),
  arithmetic('try_multiply', '*', 'null', 'try_multiply(a, b) - the product, or NULL if it overflows'),
  arithmetic('try_divide', '/', 'null', 'try_divide(a, b) - the quotient, or NULL if b is zero'),
  arithmetic('try_mod', '%', 'null', 'try_mod(a, b) - the remainder, or NULL if b is zero'),
  {
    name: 'div',
    usage: 'a div b - the quotient without its fraction, as bigint',
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: true,
    resolve: resolveDiv,
    evaluate: ([a, b], { rowCount, region, argTypes }) => {
      const kind = argTypes[0]!.kind
      if (kind === 'int64') return integerArithmetic('div', [a!, b!], types.int64, rowCount, region, 'throw')
      return intervalScaling('div', [a!, b!], types.int64, rowCount, region, 'throw')
    },
  },
]

function arithmetic(
  name: string,
  operator: DecimalOperator,
  onFailure: OnFailure,
  usage: string,
  aliases: readonly string[] = [],
): ScalarFunction {
  return {
    name,
    aliases,
    usage,
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: onFailure === 'throw',
    resolve: (args, literals) => resolveArithmetic(name, operator, args, literals),
    evaluate: (args, call) => {
      const { rowCount, region, returns } = call
      const kinds = args.map(({ type }) => type.kind)
      if (kinds.every((kind) => kind === 'decimal'))
        return decimalArithmetic(operator, args, returns as DecimalType, rowCount, region, onFailure)
      if (isFloat(args[0]!.type) && isFloat(args[1]!.type))
        return floatArithmetic(operator, args, rowCount, region, onFailure)
      if (isInteger(args[0]!.type) && isInteger(args[1]!.type) && operator !== '/')
        return integerArithmetic(operator, args, returns, rowCount, region, onFailure)
      return temporal(operator, args, call, onFailure)
    },
  }
}

function temporal(
  operator: DecimalOperator,
  args: readonly Vector[],
  call: CallContext,
  onFailure: OnFailure,
): Vector {
  if (operator === '+' || operator === '-') return datetimeArithmetic(operator, args, call)
  return intervalScaling(
    operator === '*' ? '*' : '/',
    args,
    call.returns,
    call.rowCount,
    call.region,
    onFailure,
  )
}

function resolveArithmetic(
  name: string,
  operator: DecimalOperator,
  args: readonly DataType[],
  literals: Literals,
): Signature {
  checkCount(name, args.length, 2)
  const [a, b] = args as [DataType, DataType]
  if (operator === '+' || operator === '-') {
    const found = datetimeSignature(operator, args, literals)
    if (found !== undefined) return found
  }
  if (operator === '*' || operator === '/') {
    const found = intervalScalingSignature(operator, a, b)
    if (found !== undefined) return found
  }
  const numbers = numberTypes(a, b, literals)
  if (numbers === undefined) throw mismatch(name, args, 'two numbers, or a date or timestamp and an interval')
  const [left, right] = numbers
  if (left.kind === 'decimal' && right.kind === 'decimal') {
    const returns = decimalResult(operator === 'pmod' ? '%' : operator, left, right)
    return { args: [left, right], returns }
  }
  if (operator === '/' && isInteger(left))
    return { args: [types.float64, types.float64], returns: types.float64 }
  if (operator === '/') return { args: [types.float64, types.float64], returns: types.float64 }
  return { args: [left, right], returns: left }
}

/** The types to which two numbers are cast: one common type, or two decimals of their own scale. */
function numberTypes(
  a: DataType,
  b: DataType,
  literals: Literals,
): readonly [DataType, DataType] | undefined {
  if (a.kind === 'null' && b.kind === 'null') return [types.float64, types.float64]
  if (a.kind === 'string' && b.kind === 'string') return undefined
  const plain = [a, b].every((type) => isNumeric(type) || type.kind === 'string' || type.kind === 'null')
  if (!plain) return undefined
  const isDecimalPair = [a, b].some(({ kind }) => kind === 'decimal') && isExact(a) && isExact(b)
  if (isDecimalPair) return [exactDecimal(a, b, literals[0]), exactDecimal(b, a, literals[1])]
  const common = commonType(a, b)
  return common && [common, common]
}

function isExact(type: DataType): boolean {
  return type.kind === 'decimal' || isInteger(type) || type.kind === 'null'
}

function exactDecimal(type: DataType, other: DataType, literal: Value | undefined): DecimalType {
  if (type.kind === 'null') return other as DecimalType
  // Spark reads the digits of all integer literals but TINYINT.
  if (isInteger(type) && type.kind !== 'int8' && (typeof literal === 'number' || typeof literal === 'bigint'))
    return decimalForLiteral(literal)
  return decimalFor(type)!
}

function resolveDiv(args: readonly DataType[], literals: Literals): Signature {
  checkCount('div', args.length, 2)
  const [a, b] = args as [DataType, DataType]
  if (a.kind === b.kind && (a.kind === 'interval_ym' || a.kind === 'interval_dt'))
    return { args, returns: types.int64 }
  const numbers = numberTypes(a, b, literals)
  if (numbers === undefined || isFloat(numbers[0])) {
    const textual = [a, b].every(({ kind }) => kind === 'string' || kind === 'null')
    if (!textual) throw mismatch('div', args, 'two integers or decimals')
  }
  if (numbers?.[0].kind === 'decimal') return { args: [...numbers], returns: types.int64 }
  return { args: [types.int64, types.int64], returns: types.int64 }
}
