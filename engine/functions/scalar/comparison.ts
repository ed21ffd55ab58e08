import {
  type BytesVector,
  fixedVector,
  getBit,
  isNull,
  readValue,
  setBit,
  type Vector,
  valueReader,
  vectorBuilder,
} from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { addressIn, textKernels } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import { commonTypeOf, type DataType, types } from '../../types/index.ts'
import type { CallContext, ScalarFunction, Signature } from '../scalar-function.ts'
import { any, boolean, checkCount, mismatch, numeric, signature } from '../signature.ts'
import { valueKey } from './compare-values.ts'
import { compareVectors, invertBits } from './compare-vectors.ts'
import { operandOf } from './operand.ts'

/** Comparisons and tests that give a boolean. */
export const comparisonFunctions: readonly ScalarFunction[] = [
  comparison('=', 'a = b - whether a equals b', ['==']),
  comparison('<', 'a < b - whether a is less than b'),
  comparison('<=', 'a <= b - whether a is at most b'),
  comparison('>', 'a > b - whether a is greater than b'),
  comparison('>=', 'a >= b - whether a is at least b'),
  {
    name: '<=>',
    aliases: ['equal_null'],
    usage: 'a <=> b - whether a equals b, where NULL equals NULL',
    volatility: 'immutable',
    nulls: 'custom',
    mayFail: false,
    resolve: (args) => comparable('<=>', args),
    evaluate: nullSafeEqual,
  },
  {
    name: 'not',
    aliases: ['!'],
    usage: 'not(a) - TRUE becomes FALSE and FALSE becomes TRUE',
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: false,
    resolve: signature('not', [boolean], types.boolean),
    evaluate: ([input], { rowCount, region }) => {
      const { values, step } = operandOf<Uint8Array>(input!)
      const bits = region.uint8((rowCount + 7) >> 3)
      if (step === 0) bits.fill(getBit(values, 0) ? 0 : 0xff)
      else for (let i = 0; i < bits.length; i++) bits[i] = ~values[i]!
      return fixedVector(types.boolean, rowCount, bits)
    },
  },
  nullTest('isnull', 'isnull(a) - whether a is NULL', true),
  nullTest('isnotnull', 'isnotnull(a) - whether a is not NULL', false),
  {
    name: 'isnan',
    usage: 'isnan(a) - whether a is NaN; FALSE for NULL',
    volatility: 'immutable',
    nulls: 'custom',
    mayFail: false,
    resolve: signature('isnan', [numeric], types.boolean),
    evaluate: ([input], { rowCount, region }) => {
      const bits = region.bitmap(rowCount)
      const read = valueReader(input!)
      for (let i = 0; i < rowCount; i++) if (Number.isNaN(read(i))) setBit(bits, i)
      return fixedVector(types.boolean, rowCount, bits)
    },
  },
  {
    name: 'in',
    usage: 'a in (b, c, ...) - whether a equals one of the values',
    volatility: 'immutable',
    nulls: 'custom',
    mayFail: false,
    resolve: (args) => {
      checkCount('in', args.length, 1, Number.POSITIVE_INFINITY)
      return comparable('in', args)
    },
    evaluate: isIn,
  },
]

function comparable(name: string, args: readonly DataType[]): Signature {
  const common = commonTypeOf(args)
  if (common === undefined) throw mismatch(name, args, 'values of one type')
  if (containsMap(common))
    throw new EngineError('DATATYPE_MISMATCH', `"${name}" cannot compare maps`, {
      hint: 'Compare map_entries instead.',
    })
  return { args: args.map(() => common), returns: types.boolean }
}

function containsMap(type: DataType): boolean {
  if (type.kind === 'list') return containsMap(type.element)
  if (type.kind === 'struct') return type.fields.some((field) => containsMap(field.type))
  return type.kind === 'map'
}

function comparison(
  name: '=' | '<' | '<=' | '>' | '>=',
  usage: string,
  aliases: readonly string[] = [],
): ScalarFunction {
  return {
    name,
    aliases,
    usage,
    volatility: 'immutable',
    nulls: 'propagate',
    mayFail: false,
    resolve: (args) => {
      checkCount(name, args.length, 2)
      return comparable(name, args)
    },
    evaluate: ([a, b], { rowCount, region }) => {
      const mirrored = name === '>' || name === '<='
      const bits = compareVectors(
        name === '=' ? '=' : '<',
        mirrored ? b! : a!,
        mirrored ? a! : b!,
        rowCount,
        region,
      )
      if (name === '<=' || name === '>=') invertBits(bits)
      return fixedVector(types.boolean, rowCount, bits)
    },
  }
}

function nullSafeEqual([a, b]: readonly Vector[], { rowCount, region }: CallContext): Vector {
  const bits = compareVectors('=', a!, b!, rowCount, region)
  if (a!.validity === null && b!.validity === null) return fixedVector(types.boolean, rowCount, bits)
  for (let i = 0; i < bits.length; i++) {
    const left = a!.validity === null ? 0xff : a!.validity[i]!
    const right = b!.validity === null ? 0xff : b!.validity[i]!
    bits[i] = (bits[i]! & left & right) | (~left & ~right)
  }
  return fixedVector(types.boolean, rowCount, bits)
}

function nullTest(name: string, usage: string, wanted: boolean): ScalarFunction {
  return {
    name,
    usage,
    volatility: 'immutable',
    nulls: 'custom',
    mayFail: false,
    resolve: signature(name, [any], types.boolean),
    evaluate: ([input], { rowCount, region }) => {
      const { validity } = input!
      const bits = region.uint8((rowCount + 7) >> 3)
      if (validity === null) bits.fill(wanted ? 0 : 0xff)
      else for (let i = 0; i < bits.length; i++) bits[i] = wanted ? ~validity[i]! : validity[i]!
      return fixedVector(types.boolean, rowCount, bits)
    },
  }
}

/** Up to so many values are compared one after the other, more through a set. */
const MAX_LINEAR = 16

/** TRUE on a match; else NULL if the value or any of the list is NULL. */
function isIn([value, ...list]: readonly Vector[], { rowCount, region }: CallContext): Vector {
  const bits = region.bitmap(rowCount)
  const constants = list.every((item) => item.encoding === 'constant')
  const isText = value!.encoding === 'bytes' && list.every(isConstantText)
  if (isText && list.length <= MAX_LINEAR) matchTexts(value as BytesVector, list, bits, rowCount, region)
  else if (constants && list.length > MAX_LINEAR) matchSet(value!, list, bits, rowCount)
  else
    for (const item of list) {
      const matches = compareVectors('=', value!, item, rowCount, region)
      for (let i = 0; i < bits.length; i++)
        bits[i]! |= matches[i]! & (item.validity === null ? 0xff : item.validity[i]!)
    }
  const validity = region.bitmap(rowCount, true)
  for (let i = 0; i < validity.length; i++) {
    let known = 0xff
    for (const item of list) if (item.validity !== null) known &= item.validity[i]!
    const present = value!.validity === null ? 0xff : value!.validity[i]!
    validity[i] = list.length === 0 ? 0xff : present & (known | bits[i]!)
  }
  return fixedVector(types.boolean, rowCount, bits, validity)
}

function isConstantText(item: Vector): boolean {
  return item.encoding === 'constant' && (item.validity !== null || item.value.encoding === 'bytes')
}

/** Looks texts up in a list of constant ones, all at once. */
function matchTexts(
  { type, offsets, bytes }: BytesVector,
  list: readonly Vector[],
  bits: Uint8Array,
  rowCount: number,
  region: Region,
): void {
  const builder = vectorBuilder(type, region, list.length)
  for (const item of list) if (!isNull(item, 0)) builder.append(readValue(item, 0))
  const items = builder.finish() as BytesVector
  textKernels(region.pool).textsIn(
    addressIn(region, offsets),
    addressIn(region, bytes),
    rowCount,
    addressIn(region, items.offsets),
    addressIn(region, items.bytes),
    items.length,
    bits.byteOffset,
  )
}

function matchSet(value: Vector, list: readonly Vector[], bits: Uint8Array, rowCount: number): void {
  const keys = new Set(list.filter((item) => !isNull(item, 0)).map((item) => valueKey(valueReader(item)(0))))
  const read = valueReader(value)
  for (let i = 0; i < rowCount; i++) if (!isNull(value, i) && keys.has(valueKey(read(i)))) setBit(bits, i)
}
