import { expect, test } from 'vitest'
import {
  constantOf,
  dictionaryVector,
  type FlatVector,
  readValue,
  type Vector,
  vectorBuilder,
} from '../../../engine/batch/index.ts'
import type { Region } from '../../../engine/memory/index.ts'
import { type RowOptions, rowReader, toPublic } from '../../../engine/run/index.ts'
import { decimalType, field, type Schema, types, type Value } from '../../../engine/types/index.ts'
import { pool, within } from '../kernels/arena.ts'

const schema: Schema = {
  fields: [
    field('id', types.int64),
    field('a "name"', types.string),
    field('__proto__', types.int32),
    field('price', decimalType(9, 2)),
    field('day', types.date),
    field('id', types.boolean),
    field('other', types.int64),
  ],
}

const rows: readonly (readonly Value[])[] = [
  [0n, 'x', 1, 100n, 0, true, 2n ** 53n - 1n],
  [-1n, '', -1, -5n, -1, false, -(2n ** 53n) + 1n],
  [null, null, null, null, null, null, null],
  [4_294_967_296n, 'é', 7, 0n, 20_000, null, -4_294_967_297n],
]

function flat(index: number, region: Region): FlatVector {
  const builder = vectorBuilder(schema.fields[index]!.type, region)
  for (const row of rows) builder.append(row[index]!)
  return builder.finish() as FlatVector
}

const encodings: Readonly<Record<string, (vector: FlatVector, region: Region) => Vector>> = {
  flat: (vector) => vector,
  dictionary: (vector, region) => {
    const codes = region.int32(5)
    codes.set([3, 0, 1, 1, 0])
    return dictionaryVector(5, codes, vector)
  },
  constant: (vector, region) => constantOf(vector, 3, region),
}

test.each(Object.entries(encodings))(
  'rowReader() gives what toPublic() makes of each value: %s',
  (_, encode) => {
    within((region) => {
      const columns = schema.fields.map((_field, index) => encode(flat(index, region), region))
      for (const options of [{}, { int64: 'bigint' }] satisfies RowOptions[]) {
        const rowCount = columns[0]!.length
        const read = rowReader(schema, { rowCount, columns }, options)
        for (let row = 0; row < rowCount; row++) {
          const expected = new Map<string, unknown>()
          for (const [index, { name, type }] of schema.fields.entries())
            expected.set(name, toPublic(type, name, options)(readValue(columns[index]!, row)))
          expect(new Map(Object.entries(read(row)))).toEqual(expected)
        }
      }
    })
    expect(pool.usedBytes).toBe(0)
  },
)

test.each([2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)])(
  'rowReader() refuses %s as a number',
  (value) => {
    within((region) => {
      const builder = vectorBuilder(types.int64, region)
      builder.append(value)
      const read = rowReader(
        { fields: [field('n', types.int64)] },
        { rowCount: 1, columns: [builder.finish()] },
        {},
      )
      expect(() => read(0)).toThrow(`column "n" holds ${value}, which a JavaScript number cannot`)
    })
  },
)
