import { EngineError } from '../../errors.ts'
import { commonType, type DataType, isInteger, types } from '../../types/index.ts'
import type { ScalarFunction } from '../scalar-function.ts'
import { checkCount, int32, integer, mismatch, oneOf, signature } from '../signature.ts'

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: false } as const

const intOrLong = oneOf('an int or bigint', ({ kind }) => kind === 'int32' || kind === 'int64', types.int32)

/** Operations on the bits of integers. */
export const bitFunctions: readonly ScalarFunction[] = [
  binary(
    '&',
    'a & b - bits that are set in both',
    (a, b) => a & b,
    (a, b) => a & b,
  ),
  binary(
    '|',
    'a | b - bits that are set in either',
    (a, b) => a | b,
    (a, b) => a | b,
  ),
  binary(
    '^',
    'a ^ b - bits that are set in just one',
    (a, b) => a ^ b,
    (a, b) => a ^ b,
  ),
  {
    ...plain,
    name: '~',
    usage: '~a - all bits turned',
    resolve: signature('~', [integer], ([type]) => type!),
    bind: () => (value: number | bigint) => (typeof value === 'bigint' ? ~value : ~value),
  },
  shift(
    'shiftleft',
    '<<',
    (a, by) => a << by,
    (a, by) => BigInt.asIntN(64, a << (by & 63n)),
  ),
  shift(
    'shiftright',
    '>>',
    (a, by) => a >> by,
    (a, by) => a >> (by & 63n),
  ),
  shift(
    'shiftrightunsigned',
    '>>>',
    (a, by) => (a >>> by) | 0,
    (a, by) => BigInt.asIntN(64, BigInt.asUintN(64, a) >> (by & 63n)),
  ),
  {
    ...plain,
    name: 'bit_count',
    usage: 'bit_count(a) - how many bits are set',
    resolve: signature(
      'bit_count',
      [oneOf('an integer or boolean', (type) => isInteger(type) || type.kind === 'boolean', types.int64)],
      types.int32,
    ),
    bind: () => (value: number | bigint | boolean) => {
      let rest = BigInt.asUintN(64, BigInt(value))
      let count = 0
      for (; rest > 0n; rest &= rest - 1n) count++
      return count
    },
  },
  {
    ...plain,
    name: 'bit_get',
    aliases: ['getbit'],
    usage: 'bit_get(a, position) - the bit at the position, from 0 at the right',
    mayFail: true,
    resolve: signature('bit_get', [integer, int32], types.int8),
    bind: ({ argTypes }) => {
      const size = { int8: 8, int16: 16, int32: 32, int64: 64 }[argTypes[0]!.kind as 'int8']
      return (value: number | bigint, position: number) => {
        if (position < 0 || position >= size)
          throw new EngineError(
            'INVALID_ARGUMENT',
            `a bit position must lie in 0 to ${size - 1}, not be ${position}`,
          )
        return Number((BigInt(value) >> BigInt(position)) & 1n)
      }
    },
  },
]

function binary(
  name: string,
  usage: string,
  ofNumbers: (a: number, b: number) => number,
  ofBigints: (a: bigint, b: bigint) => bigint,
): ScalarFunction {
  return {
    ...plain,
    name,
    usage,
    resolve: (args) => {
      checkCount(name, args.length, 2)
      const common = commonType(args[0]!, args[1]!)
      const type: DataType | undefined = common?.kind === 'null' ? types.int32 : common
      if (type === undefined || !isInteger(type)) throw mismatch(name, args, 'two integers')
      return { args: [type, type], returns: type }
    },
    bind: ({ returns }) => (returns.kind === 'int64' ? ofBigints : ofNumbers),
  }
}

function shift(
  name: string,
  alias: string,
  ofNumbers: (a: number, by: number) => number,
  ofBigints: (a: bigint, by: bigint) => bigint,
): ScalarFunction {
  return {
    ...plain,
    name,
    aliases: [alias],
    usage: `${name}(a, count) - the bits moved by so many places`,
    resolve: signature(name, [intOrLong, int32], ([type]) => type!),
    bind: ({ returns }) => {
      if (returns.kind !== 'int64') return ofNumbers
      return (a: bigint, by: number) => ofBigints(a, BigInt.asUintN(64, BigInt(by)))
    },
  }
}
