import { constantVector } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { typeName, types, type Value } from '../../types/index.ts'
import type { ScalarFunction } from '../scalar-function.ts'
import { any, boolean, signature, string } from '../signature.ts'

const plain = { volatility: 'immutable', nulls: 'custom', mayFail: false } as const

/** Functions about the query itself, and those that raise errors. */
export const queryFunctions: readonly ScalarFunction[] = [
  {
    ...plain,
    name: 'typeof',
    usage: 'typeof(value) - the name of its type',
    resolve: signature('typeof', [any], types.string),
    evaluate: (_args, { rowCount, region, argTypes }) =>
      constantVector(types.string, typeName(argTypes[0]!), rowCount, region),
  },
  {
    ...plain,
    name: 'version',
    usage: 'version() - the version of Millrace',
    resolve: signature('version', [], types.string),
    bind: () => () => VERSION,
  },
  {
    ...plain,
    name: 'assert_true',
    usage: 'assert_true(condition[, message]) - NULL where the condition is TRUE, else an error',
    mayFail: true,
    volatility: 'volatile',
    resolve: signature('assert_true', [boolean, string], types.null, { min: 1 }),
    bind:
      () =>
      (condition: Value, message: Value = 'the condition of assert_true is not TRUE') => {
        if (condition === true) return null
        throw new EngineError('USER_RAISED_EXCEPTION', String(message))
      },
  },
  {
    ...plain,
    name: 'raise_error',
    usage: 'raise_error(message) - always an error',
    mayFail: true,
    volatility: 'volatile',
    resolve: signature('raise_error', [string], types.null),
    bind: () => (message: Value) => {
      throw new EngineError('USER_RAISED_EXCEPTION', String(message))
    },
  },
]

/** The version of the package, as package.json has it. */
const VERSION = '0.1.0'
