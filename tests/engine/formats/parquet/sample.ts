import {
  decimalType,
  field,
  listType,
  mapType,
  type Schema,
  structType,
  types,
  type Value,
} from '../../../../engine/types/index.ts'
import { randomOf } from './round-trip.ts'

const member = structType([
  field('a', types.int32),
  field('b', types.string),
  field('c', listType(types.int64)),
])

/** A column of every type that is written. */
export const sampleSchema: Schema = {
  fields: [
    field('id', types.int64, false),
    field('bool', types.boolean),
    field('int8', types.int8),
    field('int16', types.int16),
    field('int32', types.int32),
    field('int64', types.int64),
    field('float', types.float32),
    field('double', types.float64),
    field('dec5', decimalType(5, 2)),
    field('dec18', decimalType(18, 6)),
    field('dec38', decimalType(38, 10)),
    field('text', types.string),
    field('few', types.string),
    field('bytes', types.binary),
    field('date', types.date),
    field('ts', types.timestamp),
    field('ntz', types.timestampNtz),
    field('ym', types.intervalYm),
    field('dt', types.intervalDt),
    field('list', listType(types.int32)),
    field('lists', listType(listType(types.string))),
    field('struct', member),
    field('structs', listType(member)),
    field('map', mapType(types.string, types.int32)),
    field('nothing', types.null),
  ],
}

/** Rows of `sampleSchema`; about `nullShare` of the nullable values are NULL. */
export function sampleRows(rowCount: number, nullShare: number, seed: number): Value[][] {
  const random = randomOf(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const orNull = (value: Value): Value => (random() < nullShare ? null : value)
  const int64 = () =>
    BigInt.asIntN(64, (BigInt(below(2 ** 32)) << 32n) | BigInt(below(2 ** 32))) >> BigInt(below(64))
  const text = () =>
    Array.from({ length: below(12) }, () => ['a', 'b', 'é', '漢', '🎈', ' '][below(6)]!).join('')
  const some = (make: () => Value): Value[] => Array.from({ length: below(4) }, () => orNull(make()))
  const struct = (): Value => [orNull(below(5)), orNull(text()), orNull(some(int64))]
  const wide = () => (int64() << 60n) % 10n ** 38n
  return Array.from({ length: rowCount }, (_, id) => [
    BigInt(id),
    orNull(random() < 0.5),
    orNull(below(256) - 128),
    orNull(below(65_536) - 32_768),
    orNull(below(2 ** 32) - 2 ** 31),
    orNull(int64()),
    orNull(Math.fround(random() * 100)),
    orNull([0, -0, Number.NaN, Number.POSITIVE_INFINITY, random()][below(5)]!),
    orNull(BigInt(below(199_999) - 99_999)),
    orNull(int64() % 10n ** 18n),
    orNull(random() < 0.5 ? int64() : wide()),
    orNull(text()),
    orNull(['red', 'green', 'blue', ''][below(4)]!),
    orNull(Uint8Array.from({ length: below(6) }, () => below(256))),
    orNull(below(100_000) - 50_000),
    orNull(int64()),
    orNull(int64()),
    orNull(below(1000) - 500),
    orNull(int64()),
    orNull(some(() => below(100))),
    orNull(some(() => some(text))),
    orNull(struct()),
    orNull(some(struct)),
    orNull(Array.from({ length: below(3) }, (_, i): Value => [`k${i}`, orNull(i)])),
    null,
  ])
}
