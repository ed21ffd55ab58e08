import { expect, test } from 'vitest'
import { partitionValue } from '../../../connectors/file/partition-columns.ts'
import { type DataType, decimalType, field, types, type Value } from '../../../engine/types/index.ts'

test.each<[text: string | null, type: DataType, expected: Value]>([
  [null, types.int32, null],
  ['7', types.int32, 7],
  ['-9007199254740993', types.int64, -9007199254740993n],
  ['2020-02-29', types.date, 18_321],
  ['2020-02-29 00:00:00.000001', types.timestampNtz, 1_582_934_400_000_001n],
  ['-1.5', decimalType(5, 2), -150n],
])('partitionValue() of %j as $kind', (text, type, expected) => {
  expect(partitionValue(text, field('k', type))).toBe(expected)
})

test.each<[text: string, type: DataType]>([
  ['x', types.int32],
  ['1.5', types.int64],
  ['2021-02-29', types.date],
  ['x', decimalType(5, 2)],
])('partitionValue() refuses %j', (text, type) => {
  expect(() => partitionValue(text, field('k', type))).toThrow('partition folder')
})
