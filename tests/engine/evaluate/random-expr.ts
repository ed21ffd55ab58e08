import {
  constantVector,
  dictionaryVector,
  type FixedVector,
  type FlatVector,
  getBit,
  type Vector,
  vectorBuilder,
} from '../../../engine/batch/index.ts'
import type { Expr } from '../../../engine/expr/index.ts'
import type { Region } from '../../../engine/memory/index.ts'
import { type DataType, decimalType, types, type Value } from '../../../engine/types/index.ts'
import { call, cast, column, literal } from '../functions/fixture.ts'

/** Types of the columns that random expressions read. */
export const COLUMN_TYPES: readonly DataType[] = [
  types.boolean,
  types.boolean,
  types.int8,
  types.int32,
  types.int32,
  types.int64,
  types.int64,
  decimalType(10, 2),
  decimalType(15, 2),
  decimalType(15, 2),
  decimalType(30, 4),
  decimalType(38, 6),
  types.float32,
  types.float64,
  types.float64,
  types.date,
  types.timestampNtz,
  types.string,
  types.string,
]

const WORDS = ['', 'a', 'PROMO', 'PROMO BRASS', 'abc special requests', 'x%y', 'é', 'zz']

/** How large the integers of a column are: most columns are small, as those of tables are. */
type Size = 'small' | 'middle' | 'extreme'

export function randomValue(type: DataType, size: Size, random: () => number): Value {
  const pick = (count: number) => Math.floor(random() * count)
  switch (type.kind) {
    case 'boolean':
      return random() < 0.5
    case 'int8':
      return size === 'extreme' ? pick(256) - 128 : pick(20) - 10
    case 'int32':
      return size === 'extreme' ? [2 ** 31 - 1, -(2 ** 31), 0, 65_536][pick(4)]! : pick(2000) - 1000
    case 'date':
      return size === 'extreme' ? pick(4_000_000) - 2_000_000 : pick(20_000) - 2000
    case 'float32':
      return Math.fround((random() - 0.5) * 100)
    case 'float64':
      return [Number.NaN, 0, -0, 1.5, Number.POSITIVE_INFINITY, random() * 1e6, -random(), 3][pick(8)]!
    case 'string':
      return WORDS[pick(WORDS.length)]!
    default:
      return bigValue(type, size, random)
  }
}

function bigValue(type: DataType, size: Size, random: () => number): bigint {
  const digits = type.kind === 'decimal' ? type.precision : 18
  const most = 10n ** BigInt(size === 'extreme' ? digits : size === 'middle' ? Math.min(digits, 12) : 4) - 1n
  if (size === 'extreme' && random() < 0.3) {
    if (type.kind !== 'decimal') return random() < 0.5 ? 2n ** 63n - 1n : -(2n ** 63n)
    return random() < 0.5 ? most : -most
  }
  const value = (most * BigInt(Math.floor(random() * 2 ** 40))) / 2n ** 40n
  return random() < 0.5 ? value : -value
}

/** A column in a random encoding; what lies under its NULLs is not 0. */
export function randomVector(type: DataType, rowCount: number, region: Region, random: () => number): Vector {
  const size: Size = random() < 0.6 ? 'small' : random() < 0.6 ? 'middle' : 'extreme'
  const nullRate = random() < 0.5 ? 0 : random() < 0.8 ? 0.2 : 1
  const next = (): Value => (random() < nullRate ? null : randomValue(type, size, random))
  const kind = random()
  if (kind < 0.1) return constantVector(type, next(), rowCount, region)
  if (kind < 0.35) {
    const entries = build(
      type,
      Array.from({ length: 5 }, () => randomValue(type, size, random)),
      region,
    )
    const codes = region.int32(rowCount)
    const validity = region.bitmap(rowCount, true)
    for (let row = 0; row < rowCount; row++) {
      const isNull = random() < nullRate
      codes[row] = isNull ? 0 : Math.floor(random() * 5)
      if (isNull) validity[row >> 3]! &= ~(1 << (row & 7))
    }
    return dictionaryVector(rowCount, codes, entries, validity)
  }
  return spoiled(build(type, Array.from({ length: rowCount }, next), region), random)
}

function build(type: DataType, values: readonly Value[], region: Region): FlatVector {
  const builder = vectorBuilder(type, region, values.length)
  for (const value of values) builder.append(value)
  return builder.finish() as FlatVector
}

/** Writes something under the NULLs of a 64-bit or float column. */
function spoiled(vector: FlatVector, random: () => number): FlatVector {
  const { values, lanes } = vector as FixedVector
  const { validity } = vector
  if (validity === null || !(values instanceof BigInt64Array || values instanceof Float64Array)) return vector
  for (let i = 0; i < values.length; i++) {
    if (getBit(validity, Math.floor(i / lanes))) continue
    if (values instanceof Float64Array) values[i] = random()
    else values[i] = BigInt(Math.floor(random() * 2 ** 52)) << 11n
  }
  return vector
}

/** A random expression of one of several forms; `depth` bounds how deep it nests. */
export function randomExpr(form: 'bool' | 'number', depth: number, random: () => number): Expr {
  for (;;) {
    try {
      return form === 'bool' ? randomCondition(depth, random) : randomNumber(depth, random)
    } catch (error) {
      // Types that do not go together are drawn again.
      if (!(error instanceof Error) || !('code' in error)) throw error
    }
  }
}

function randomColumn(test: (type: DataType) => boolean, random: () => number): Expr {
  const fitting = COLUMN_TYPES.flatMap((type, index) => (test(type) ? [column(index, type)] : []))
  return fitting[Math.floor(random() * fitting.length)]!
}

function choose<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)]!
}

function randomCondition(depth: number, random: () => number): Expr {
  const again = () => randomExpr('bool', depth - 1, random)
  const number = () => randomExpr('number', depth - 1, random)
  const text = randomColumn(({ kind }) => kind === 'string', random)
  const kind = Math.floor(random() * 12)
  if (depth <= 0) return randomColumn((type) => type.kind === 'boolean', random)
  if (kind < 4) return call(choose(['=', '<', '<=', '>', '>=', '<=>'], random), number(), number())
  if (kind === 4) return call('not', again())
  if (kind === 5) return call(choose(['isnull', 'isnotnull'], random), random() < 0.3 ? text : number())
  if (kind === 6) return call('in', number(), literal(types.int32, 3), literal(types.int32, null))
  if (kind === 7)
    return call('like', text, literal(types.string, choose(['PROMO%', '%special%', '_'], random)))
  if (kind === 8) return call(choose(['=', '<'], random), text, literal(types.string, choose(WORDS, random)))
  const operands = [again(), again(), again()]
  if (kind < 11) return { kind: kind === 9 ? 'and' : 'or', operands, type: types.boolean }
  return {
    kind: 'case',
    branches: [{ when: again(), then: again() }],
    otherwise: again(),
    type: types.boolean,
  }
}

function randomNumber(depth: number, random: () => number): Expr {
  const again = () => randomExpr('number', depth - 1, random)
  const kind = Math.floor(random() * 12)
  if (depth <= 0 || kind === 0)
    return randomColumn(({ kind }) => kind !== 'string' && kind !== 'boolean', random)
  if (kind === 1) return literal(types.int32, Math.floor(random() * 200) - 100)
  if (kind < 6) return call(choose(['+', '-', '*', '/'], random), again(), again())
  if (kind === 6) return call(choose(['negative', 'abs'], random), again())
  if (kind === 7) {
    const date = randomColumn((type) => type.kind === 'date', random)
    return call(choose(['year', 'month', 'day', 'quarter'], random), date)
  }
  if (kind === 8) return randomCast(again(), random)
  if (kind === 9) return call('coalesce', again(), again())
  if (kind === 10) return call('if', randomExpr('bool', depth - 1, random), again(), again())
  const value = again()
  const branches = [1, 2].map(() => ({
    when: randomExpr('bool', depth - 1, random),
    then: random() < 0.2 ? literal(value.type, null) : value,
  }))
  return { kind: 'case', branches, otherwise: random() < 0.5 ? null : value, type: value.type }
}

function randomCast(input: Expr, random: () => number): Expr {
  const targets = [types.int32, types.int64, types.float64, decimalType(12, 1), decimalType(25, 5)]
  if (input.type.kind === 'date' || input.type.kind.startsWith('timestamp'))
    return cast(input, types.timestampNtz)
  if (input.type.kind.startsWith('interval')) return input
  return cast(input, choose(targets, random))
}
