import { EngineError } from '../errors.ts'
import {
  canCastImplicitly,
  commonTypeOf,
  type DataType,
  isDatetime,
  isInteger,
  isNumeric,
  typeName,
  types,
} from '../types/index.ts'
import type { ScalarFunction, Signature } from './scalar-function.ts'

/** What one parameter takes: the type to which an argument is cast, or undefined if it cannot be taken. */
export interface Parameter {
  /** For messages: `a number`. */
  readonly text: string
  readonly accept: (type: DataType) => DataType | undefined
}

/** A parameter of exactly one type; arguments are cast to it where that goes unasked. */
export function exactly(type: DataType): Parameter {
  return { text: `"${typeName(type)}"`, accept: (from) => (canCastImplicitly(from, type) ? type : undefined) }
}

/** A parameter of one of several kinds, as it is; NULL and others are cast to `fallback` where possible. */
export function oneOf(text: string, test: (type: DataType) => boolean, fallback: DataType): Parameter {
  return {
    text,
    accept: (from) => (test(from) ? from : canCastImplicitly(from, fallback) ? fallback : undefined),
  }
}

/** Any type at all. */
export const any: Parameter = { text: 'any value', accept: (type) => type }
export const string: Parameter = exactly(types.string)
export const binary: Parameter = exactly(types.binary)
export const boolean: Parameter = exactly(types.boolean)
export const int32: Parameter = exactly(types.int32)
export const int64: Parameter = exactly(types.int64)
export const float64: Parameter = exactly(types.float64)
export const date: Parameter = exactly(types.date)
export const timestamp: Parameter = exactly(types.timestamp)
export const timestampNtz: Parameter = exactly(types.timestampNtz)
/** Numbers as they are; strings become double. */
export const numeric: Parameter = oneOf('a number', isNumeric, types.float64)
/** Integers as they are; strings become bigint. */
export const integer: Parameter = oneOf('an integer', isInteger, types.int64)
/** String or binary as it is. */
export const stringOrBinary: Parameter = oneOf(
  'a string or binary value',
  ({ kind }) => kind === 'string' || kind === 'binary',
  types.string,
)
/** Date and timestamps as they are; strings become timestamps. */
export const datetime: Parameter = oneOf('a date or timestamp', isDatetime, types.timestamp)

/** How many arguments there may be besides the listed ones. */
export interface ArgumentCount {
  /** Fewest arguments; all parameters if absent. */
  readonly min?: number
  /** Whether the last parameter repeats. */
  readonly variadic?: boolean
}

/** WRONG_NUM_ARGS unless `count` lies in [min, max]. */
export function checkCount(name: string, count: number, min: number, max = min): void {
  if (count >= min && count <= max) return
  const wanted =
    min === max ? `${min}` : max === Number.POSITIVE_INFINITY ? `at least ${min}` : `${min} to ${max}`
  throw new EngineError('WRONG_NUM_ARGS', `function "${name}" takes ${wanted} arguments, not ${count}`)
}

/** The error for arguments that a function cannot take. */
export function mismatch(name: string, args: readonly DataType[], wanted: string): EngineError {
  const given = args.map((type) => `"${typeName(type)}"`).join(', ')
  return new EngineError('DATATYPE_MISMATCH', `"${name}" cannot take ${given}`, {
    hint: `It asks for ${wanted}.`,
  })
}

/** A `resolve` for fixed parameters; `returns` may depend on the types that the arguments are cast to. */
export function signature(
  name: string,
  parameters: readonly Parameter[],
  returns: DataType | ((args: readonly DataType[]) => DataType),
  { min = parameters.length, variadic = false }: ArgumentCount = {},
): ScalarFunction['resolve'] {
  return (args) => {
    checkCount(name, args.length, min, variadic ? Number.POSITIVE_INFINITY : parameters.length)
    const cast = args.map((type, index) => {
      const parameter = parameters[index] ?? parameters.at(-1)!
      const accepted = parameter.accept(type)
      if (accepted === undefined)
        throw new EngineError(
          'DATATYPE_MISMATCH',
          `argument ${index + 1} of "${name}" cannot be "${typeName(type)}"`,
          { hint: `It asks for ${parameter.text}.` },
        )
      return accepted
    })
    return { args: cast, returns: typeof returns === 'function' ? returns(cast) : returns }
  }
}

/** A `resolve` for arguments that all get one common type; `returns` defaults to it. */
export function sameTypes(
  name: string,
  {
    min = 1,
    max = Number.POSITIVE_INFINITY,
    returns,
  }: { min?: number; max?: number; returns?: DataType } = {},
): ScalarFunction['resolve'] {
  return (args): Signature => {
    checkCount(name, args.length, min, max)
    const common = commonTypeOf(args)
    if (common === undefined) throw mismatch(name, args, 'values of one type')
    return { args: args.map(() => common), returns: returns ?? common }
  }
}
