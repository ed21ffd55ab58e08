import {
  type DataType,
  decimalType,
  field,
  listType,
  structType,
  types,
  type Value,
} from '../../../engine/types/index.ts'

/** Types of keys, with few distinct values each so that rows meet. */
export const KEY_TYPES: readonly DataType[] = [
  types.boolean,
  types.int8,
  types.int16,
  types.int32,
  types.int64,
  types.float32,
  types.float64,
  types.string,
  types.binary,
  types.date,
  types.timestamp,
  types.intervalYm,
  decimalType(10, 2),
  decimalType(30, 4),
  listType(types.int32),
  structType([field('a', types.int32), field('b', types.string)]),
  types.null,
]

const BIG = 12345678901234567890123n

/** A random value of a type out of about a dozen, NULL now and then. */
export function randomValue(type: DataType, random: () => number, nullRate = 0.15): Value {
  if (type.kind === 'null' || random() < nullRate) return null
  const pick = Math.floor(random() * 9) - 4
  switch (type.kind) {
    case 'boolean':
      return pick > 0
    case 'int8':
    case 'int16':
    case 'int32':
    case 'date':
    case 'interval_ym':
      return pick * 13
    case 'int64':
    case 'timestamp':
    case 'timestamp_ntz':
    case 'interval_dt':
      return BigInt(pick) * 0x1_0000_0001n
    case 'float32':
    case 'float64':
      return [Number.NaN, 0, -0, 1.5, -1.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 7, -7][
        pick + 4
      ]!
    case 'decimal':
      return type.precision > 18 && pick % 2 === 0 ? BIG * BigInt(pick) : BigInt(pick) * 10_000_000n
    case 'string':
      return ['', 'a', 'a\0', 'ab', 'common-prefix-1', 'common-prefix-2', 'é', '😀', '\uffff'][pick + 4]!
    case 'binary':
      return Uint8Array.from({ length: pick + 4 }, (_, index) => index * 40)
    case 'list':
      return Array.from({ length: (pick + 4) % 4 }, () => randomValue(type.element, random))
    case 'struct':
      return type.fields.map((member) => randomValue(member.type, random))
    case 'map':
      return [[randomValue(type.key, random, 0), randomValue(type.value, random)]]
  }
}
