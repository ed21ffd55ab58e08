import type { Expr } from '../../engine/expr/index.ts'
import { type DataType, decimalType, typeName, types } from '../../engine/types/index.ts'
import type { Call, Expression } from '../parser/index.ts'
import { userError } from './check.ts'
import { castTo, castToCommon } from './coerce-types.ts'
import type { Environment } from './environment.ts'
import { callArraysZip, callScalar, callStruct } from './scalar-calls.ts'

type Special = (call: Call, environment: Environment) => Expr | undefined

/** Calls that the analyzer itself turns into expressions; undefined leaves the call to the registry. */
export const specialCalls: Readonly<Record<string, Special>> = {
  struct: ({ args, position }, environment) => callStruct(args, environment, position),
  arrays_zip: ({ args, position }, environment) => callArraysZip(args, environment, position),
  ltrim: (call, environment) => trimCall('ltrim', call, environment),
  rtrim: (call, environment) => trimCall('rtrim', call, environment),
  grouping: (call, environment) => groupingCall('grouping', types.int8, call, environment),
  grouping_id: (call, environment) => groupingCall('grouping_id', types.int64, call, environment),
  typeof: (call, environment) => text(typeName(one(call, environment).type)),
  current_schema: (_, { analysis }) => text(analysis.context.catalog.currentSchema),
  current_database: (_, { analysis }) => text(analysis.context.catalog.currentSchema),
  current_catalog: () => text('spark_catalog'),
  if: ifCall,
  iff: ifCall,
  nvl2: ({ args, position }, environment) => {
    if (args.length !== 3) return undefined
    const [tested, present, absent] = resolveAll(args, environment)
    return choose(callScalar('isnotnull', [tested!], environment, position), present!, absent!, position)
  },
  nullif: ({ args, position }, environment) => {
    if (args.length !== 2) return undefined
    const [value, other] = resolveAll(args, environment)
    const equal = callScalar('=', [value!, other!], environment, position)
    return choose(equal, { kind: 'literal', value: null, type: value!.type }, value!, position)
  },
  boolean: castCall(types.boolean),
  tinyint: castCall(types.int8),
  smallint: castCall(types.int16),
  int: castCall(types.int32),
  bigint: castCall(types.int64),
  float: castCall(types.float32),
  double: castCall(types.float64),
  decimal: castCall(decimalType(10, 0)),
  string: castCall(types.string),
  binary: castCall(types.binary),
  date: castCall(types.date),
  timestamp: castCall(types.timestamp),
}

/** `ltrim(characters, text)`: as a plain call the characters come first, in Spark. */
function trimCall(
  name: 'ltrim' | 'rtrim',
  { args, form, position }: Call,
  environment: Environment,
): Expr | undefined {
  if (args.length !== 2 || form !== undefined) return undefined
  return callScalar(name, resolveAll(args, environment).toReversed(), environment, position)
}

function ifCall({ args, position }: Call, environment: Environment): Expr | undefined {
  if (args.length !== 3) return undefined
  const [condition, then, otherwise] = resolveAll(args, environment)
  if (condition!.type.kind !== 'boolean' && condition!.type.kind !== 'null')
    throw userError(
      'DATATYPE_MISMATCH',
      `the condition of "if" has type "${typeName(condition!.type)}"`,
      position,
    )
  return choose(castTo(condition!, types.boolean), then!, otherwise!, position)
}

function choose(when: Expr, then: Expr, otherwise: Expr, position: Call['position']): Expr {
  const [first, second] = castToCommon([then, otherwise], 'the two results', position)
  return { kind: 'case', branches: [{ when, then: first! }], otherwise: second!, type: first!.type }
}

function castCall(type: DataType): Special {
  return (call, environment) => (call.args.length === 1 ? castTo(one(call, environment), type) : undefined)
}

/** Stays a call with the grouping expressions as arguments until the grouping is known. */
function groupingCall(name: string, type: DataType, { args }: Call, environment: Environment): Expr {
  return { kind: 'call', name, args: resolveAll(args, environment), type }
}

function resolveAll(args: readonly Expression[], environment: Environment): Expr[] {
  return args.map((arg) => environment.resolve(arg, environment))
}

function one({ name, args, position }: Call, environment: Environment): Expr {
  const [arg] = args
  if (arg !== undefined && args.length === 1) return environment.resolve(arg, environment)
  throw userError('WRONG_NUM_ARGS', `function "${name}" takes 1 argument, not ${args.length}`, position)
}

function text(value: string): Expr {
  return { kind: 'literal', value, type: types.string }
}
