import { expect, test } from 'vitest'
import {
  constantOf,
  dictionaryVector,
  type FlatVector,
  type Vector,
  vectorBuilder,
} from '../../../../engine/batch/index.ts'
import { csvWriter } from '../../../../engine/formats/csv/index.ts'
import { jsonWriter } from '../../../../engine/formats/json/index.ts'
import type { BatchFormatter } from '../../../../engine/formats/text/index.ts'
import type { Region } from '../../../../engine/memory/index.ts'
import {
  type DataType,
  decimalType,
  field,
  listType,
  types,
  type Value,
} from '../../../../engine/types/index.ts'
import { pool, SEED, within } from '../../kernels/arena.ts'

type Below = (limit: number) => number

const TEXTS = [
  '',
  ' ',
  'plain',
  '"',
  ',',
  '\n',
  '\r',
  '\\',
  '\t',
  '\u0001',
  '\u001f',
  '\b\f',
  'é',
  '😀',
  '|',
  "'",
  ';',
  '1',
]
const DOUBLES = [
  0,
  -0,
  1,
  -1,
  0.1,
  1e-3,
  9.99e-4,
  9999999,
  1e7,
  123456.789,
  1 / 3,
  1e21,
  5e-324,
  Number.NaN,
  -Infinity,
  1e300,
]
const LONGS = [0n, 1n, -1n, 99n, 100n, 99_999_999n, 100_000_000n, -(2n ** 63n), 2n ** 63n - 1n, 10n ** 16n]
const DAYS = [0, -1, 59, 60, 11_016, -719_528, -719_529, 2_932_896, 2_932_897, -1_000_000, 100_000_000]

/** Values of a type: those at its ends, and random ones. */
function valueOf(type: DataType, below: Below): Value {
  const any =
    BigInt(below(2 ** 32)) * BigInt(below(2 ** 31)) - BigInt(below(2 ** 31)) * BigInt(below(2 ** 31))
  switch (type.kind) {
    case 'boolean':
      return below(2) === 0
    case 'int8':
      return below(256) - 128
    case 'int16':
      return below(65_536) - 32_768
    case 'int32':
      return below(2) === 0 ? below(2 ** 32) - 2 ** 31 : below(200) - 100
    case 'int64':
      return below(3) === 0 ? LONGS[below(LONGS.length)]! : any
    case 'decimal':
      if (type.precision > 18 && below(2) === 0) return any * any * (below(2) === 0 ? 1n : -1n)
      return below(3) === 0 ? BigInt(below(300) - 150) : any % 10n ** BigInt(Math.min(18, type.precision))
    case 'float64':
      return below(2) === 0 ? DOUBLES[below(DOUBLES.length)]! : (below(2 ** 32) - 2 ** 31) / 10 ** below(12)
    case 'float32':
      return Math.fround(
        below(2) === 0 ? DOUBLES[below(DOUBLES.length)]! : (below(2e6) - 1e6) / 10 ** below(8),
      )
    case 'date':
      return below(2) === 0 ? DAYS[below(DAYS.length)]! : below(60_000) - 30_000
    case 'timestamp':
    case 'timestamp_ntz': {
      const seconds = BigInt(below(2 ** 32)) * 2n - 2_000_000_000n
      return seconds * 1_000_000n + [0n, 500_000n, 120_000n, 7n, BigInt(below(1_000_000))][below(5)]!
    }
    case 'binary':
      return Uint8Array.from({ length: below(5) }, () => 32 + below(90))
    case 'list':
      return Array.from({ length: below(3) }, () => valueOf(type.element, below))
    default:
      return Array.from({ length: below(9) }, () => TEXTS[below(TEXTS.length)]!).join('x'.repeat(below(12)))
  }
}

/** The same type in each encoding, with NULLs and without. */
function columnOf(type: DataType, rowCount: number, region: Region, below: Below): Vector {
  const build = (count: number, nulls: boolean): FlatVector => {
    const builder = vectorBuilder(type, region)
    for (let row = 0; row < count; row++)
      builder.append(nulls && below(4) === 0 ? null : valueOf(type, below))
    return builder.finish() as FlatVector
  }
  const shape = below(5)
  if (shape === 0) return constantOf(build(1, true), rowCount, region)
  if (shape > 1) return build(rowCount, shape === 2)
  const codes = region.int32(rowCount)
  for (let row = 0; row < rowCount; row++) codes[row] = below(7)
  return dictionaryVector(rowCount, codes, build(7, false))
}

const plainTypes: readonly DataType[] = [
  types.boolean,
  types.int8,
  types.int16,
  types.int32,
  types.int64,
  decimalType(9, 2),
  decimalType(18, 0),
  decimalType(18, 18),
  decimalType(38, 4),
  decimalType(38, 25),
  types.float32,
  types.float64,
  types.date,
  types.timestamp,
  types.timestampNtz,
  types.string,
  types.binary,
]

const csvOptions = [
  {},
  { sep: '|', quote: "'", escape: '\\', lineSep: '\r\n', nullValue: 'NULL', emptyValue: '' },
  { quoteAll: 'true', lineSep: ';' },
  { sep: '\t', dateFormat: 'dd/MM/yyyy', timestampFormat: 'yyyy, HH:mm' },
  { sep: '::' },
  { sep: '-' },
  { quote: '' },
]

const jsonOptions = [{}, { ignoreNullFields: 'false', dateFormat: 'dd/MM/yyyy' }]

const formats = [
  ...csvOptions.map((options) => ({ name: 'csv', make: csvWriter, options, columns: plainTypes })),
  ...csvOptions.map((options) => ({ name: 'csv', make: csvWriter, options, columns: [types.string] })),
  ...jsonOptions.map((options) => ({
    name: 'json',
    make: jsonWriter,
    options,
    columns: [...plainTypes, listType(types.string)],
  })),
]

function allOf(
  formatter: BatchFormatter,
  rowCount: number,
  columns: readonly Vector[],
  region: Region,
): string {
  const pieces = formatter.format({ rowCount, columns }, region)
  return Array.from(pieces, (piece) => Buffer.from(piece).toString()).join('')
}

test.each(formats)(
  `writeLines() of $name with $options gives what one value after the other gives, seed ${SEED}`,
  (format) => {
    const fields = format.columns.map((type, index) => field(`c"${index}`, type))
    for (const timeZone of ['UTC', 'Europe/Berlin', '-03:30'])
      for (const rowCount of [0, 1, 50, 700])
        within((region, below) => {
          const columns = fields.map(({ type }) => columnOf(type, rowCount, region, below))
          const formatter = format.make({ fields }, format.options, { timeZone })
          const plain = Buffer.from(formatter.formatPlainly({ rowCount, columns })).toString()
          expect(allOf(formatter, rowCount, columns, region)).toBe(plain)
        })
    expect(pool.usedBytes).toBe(0)
  },
)

test('writeLines() gives a line that is longer than its room a piece of its own', () => {
  within((region) => {
    const builder = vectorBuilder(types.string, region)
    for (const length of [10, 3 << 19, 20]) builder.append('"'.repeat(length))
    const columns = [builder.finish()]
    const fields = [field('a', types.string)]
    for (const make of [csvWriter, jsonWriter]) {
      const formatter = make({ fields }, {}, { timeZone: 'UTC' })
      const plain = Buffer.from(formatter.formatPlainly({ rowCount: 3, columns })).toString()
      expect(allOf(formatter, 3, columns, region) === plain).toBe(true)
    }
  })
  expect(pool.usedBytes).toBe(0)
})
