import { expect, test } from 'vitest'
import { JSON_LINES, jsonColumn } from '../../cli/json-columns.ts'
import { localClock, toJson } from '../../cli/json-value.ts'
import {
  constantOf,
  dictionaryVector,
  type FlatVector,
  type Vector,
  valueReader,
  vectorBuilder,
} from '../../engine/batch/index.ts'
import { writeLines } from '../../engine/formats/text/index.ts'
import {
  type DataType,
  decimalType,
  field,
  listType,
  mapType,
  structType,
  types,
  type Value,
} from '../../engine/types/index.ts'
import { pool, within } from '../engine/kernels/arena.ts'

const SAMPLES: readonly (readonly [DataType, readonly Value[]])[] = [
  [types.int64, [0n, null, -5n, 2n ** 53n - 1n]],
  [types.int64, [0n, null, 2n ** 53n, -(2n ** 63n)]],
  [types.float64, [1, 1.5, null, 1e21, Number.NaN, Number.POSITIVE_INFINITY, -0]],
  [types.float32, [Math.fround(1.1), null]],
  [types.boolean, [true, null, false]],
  [types.int8, [-128, null, 127]],
  [decimalType(9, 2), [0n, null, -1n, 12_345n]],
  [decimalType(38, 3), [10n ** 30n, null, -1n]],
  [types.date, [0, null, -719_528, 2_932_897]],
  [types.timestamp, [0n, null, -500_000n, 1_593_590_400_000_001n]],
  [types.timestampNtz, [0n, null, 1_593_590_400_120_000n]],
  [types.string, ['', null, 'q"\\\n\u0001é😀']],
  [types.binary, [Uint8Array.of(0, 255), null]],
  [listType(types.int64), [[1n, null, 2n ** 60n], null, []]],
  [mapType(types.string, types.date), [[['k', 1]], null]],
  [structType([field('a', types.int32), field('b', types.string)]), [[1, null], null]],
]

test.each(['UTC', 'Europe/Berlin'])('lines of jsonColumn() are those of toJson(), %s', (zone) => {
  const local = localClock(zone)
  for (const [type, values] of SAMPLES)
    within((region) => {
      const builder = vectorBuilder(type, region)
      for (const value of values) builder.append(value)
      const flat = builder.finish() as FlatVector
      const codes = region.int32(3)
      codes.set([0, 0, values.length - 1])
      const shapes: Vector[] = [flat, constantOf(flat, 2, region)]
      if (flat.nullCount === 0) shapes.push(dictionaryVector(3, codes, flat))
      for (const vector of shapes) {
        const name = 'a "name"'
        const column = jsonColumn(field(name, type), vector, zone)
        const batch = { rowCount: vector.length, columns: [vector] }
        const text = Array.from(writeLines(JSON_LINES, [column], batch, region), (piece) =>
          Buffer.from(piece).toString(),
        )
        const read = valueReader(vector)
        const expected = Array.from(
          { length: vector.length },
          (_, row) => `${JSON.stringify({ [name]: toJson(read(row), type, local) })}\n`,
        )
        expect(text.join('')).toBe(expected.join(''))
      }
    })
  expect(pool.usedBytes).toBe(0)
})
