import { expect, test } from 'vitest'
import { type Vector, valueReader } from '../../../engine/batch/index.ts'
import { csvColumn } from '../../../engine/formats/csv/csv-column.ts'
import { CSV_OPTIONS, csvOptions } from '../../../engine/formats/csv/index.ts'
import { FixedFieldColumn } from '../../../engine/formats/text/field-column.ts'
import { BadRows, OptionReader } from '../../../engine/formats/text/index.ts'
import { TextFieldColumn } from '../../../engine/formats/text/text-field-column.ts'
import { timeZone } from '../../../engine/functions/index.ts'
import { MemoryPool, type Region } from '../../../engine/memory/index.ts'
import { type DataType, decimalType, field, typeName, types } from '../../../engine/types/index.ts'
import { randomFrom } from './twins/random.ts'
import { textsTwin } from './twins/strings.ts'

const pool = MemoryPool.create({ limitBytes: 64 << 20, startBytes: 2 ** 31, poison: true })

/** Texts as fields of a column: pairs, with the byte before and behind each another one's. */
function fieldsOf(texts: readonly (string | null)[], region: Region, flags: (row: number) => number) {
  const source = Buffer.from(texts.map((text) => text ?? '').join(''))
  const text = region.uint8(source.length)
  text.set(source)
  const fields = region.int32(2 * texts.length)
  let at = 0
  texts.forEach((each, row) => {
    const length = Buffer.byteLength(each ?? '')
    fields[2 * row] = each === null ? -1 : at
    fields[2 * row + 1] = ((at + length) << 2) | flags(row)
    at += length
  })
  return { text, fields }
}

const numbers = ['0', '-0', '+7', '12', '127', '128', '-129', '32767', '40000', '2147483647', '-2147483648']
const wide = [
  '2147483648',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
  '123456789012',
]
const long = ['00000000000000000042', '000000000000000001', '123456789012345678', '99999999999999999999']
const points = [
  '1.5',
  '-.5',
  '5.',
  '.',
  '-',
  '+',
  '1..2',
  '0.10',
  '-12.345',
  '99999999.99',
  '1e3',
  '1,000.5',
  '1.005',
]
const odd = [
  '',
  'x',
  '1x',
  ' 1',
  '1 ',
  'NaN',
  'Infinity',
  '-Inf',
  '0x10',
  '½',
  '12345678901234.5',
  '1234567890123456.7',
]
const words = ['true', 'FALSE', 'True', 'truE', 'fals', 'falsey', 'tru\u0065x', '\u0014\u0012\u0015\u0005']
const days = [
  '1996-03-13',
  '2000-02-29',
  '1900-02-29',
  '2023-02-29',
  '0000-01-01',
  '9999-12-31',
  '1996-3-1',
  '1996-04-31',
]
const moments = [
  '1996-03-13 08:26:00',
  '1996-03-13T08:26:59.5',
  '2024-03-31 02:30:00',
  '2024-10-27 02:30:00.123456',
  '1969-12-31 23:59:59.999999Z',
  '2024-07-01T24:00:00',
  '2024-07-01T23:60:00',
  '2024-07-01 10:00:00.1234567',
  '2024-07-01 10:00:00.Z',
  '2024-07-01 10:00:00+02:00',
  '2024-07-01 10:00',
  '2024-07-01 10:00:00z',
  '2099-07-01 10:00:00',
]
const all = [numbers, wide, long, points, odd, words, days, moments].flat()

/** A text of the lists, or one of them with a byte changed, or digits. */
function randomText(random: () => number): string | null {
  const pick = all[Math.floor(random() * all.length)]!
  const kind = random()
  if (kind < 0.05) return null
  if (kind < 0.6) return pick
  if (kind < 0.8) {
    const digits = Array.from({ length: 1 + Math.floor(random() * 20) }, () =>
      Math.floor(random() * 10),
    ).join('')
    const point = Math.floor(random() * (digits.length + 4))
    const sign = random() < 0.3 ? '-' : ''
    return `${sign}${digits.slice(0, point)}${random() < 0.6 ? '.' : ''}${digits.slice(point)}`
  }
  const at = Math.floor(random() * (pick.length + 1))
  return pick.slice(0, at) + String.fromCharCode(32 + Math.floor(random() * 95)) + pick.slice(at + 1)
}

const kinds: readonly DataType[] = [
  types.int8,
  types.int16,
  types.int32,
  types.int64,
  types.float32,
  types.float64,
  decimalType(5, 2),
  decimalType(15, 0),
  decimalType(18, 6),
  decimalType(38, 18),
  types.boolean,
  types.date,
  types.timestamp,
  types.timestampNtz,
]

test.each(kinds.map((type) => [typeName(type), type] as const))(
  'kernels give what the slow readers give: %s',
  (_name, type) => {
    const seed = Number(process.env['SEED'] ?? 11)
    const random = randomFrom(seed)
    for (const zone of ['UTC', 'Europe/Berlin']) {
      for (const nullValue of ['', 'NULL', 'x']) {
        const texts = Array.from({ length: 1000 }, () => randomText(random))
        const quoted = Array.from({ length: texts.length }, () => (random() < 0.2 ? 1 : 0))
        const given = { nullValue, emptyValue: random() < 0.5 ? 'e' : nullValue }
        const fast = readColumn(type, texts, quoted, given, zone, true)
        const slow = readColumn(type, texts, quoted, given, zone, false)
        fast.values.forEach((value, row) => {
          const label = `seed ${seed}, ${JSON.stringify(texts[row])} in ${zone}`
          expect(value, label).toEqual(slow.values[row])
          expect(fast.reasons.get(row), label).toBe(slow.reasons.get(row))
        })
        expect(fast.nullCount).toBe(slow.nullCount)
      }
    }
    expect(pool.usedBytes).toBe(0)
  },
)

/** The column of texts, in two blocks, with and without the kernel. */
function readColumn(
  type: DataType,
  texts: readonly (string | null)[],
  quoted: readonly number[],
  given: Readonly<Record<string, string>>,
  zone: string,
  usesKernel: boolean,
) {
  const region = pool.createRegion()
  const tables = pool.createRegion()
  const bad = new BadRows()
  const options = csvOptions(new OptionReader(given, CSV_OPTIONS, 'csv'))
  const context = { options, zone: timeZone(zone), region, tables, bad }
  const column = csvColumn(field('c', type), context)
  const slow = column instanceof FixedFieldColumn && !usesKernel ? column.withoutKernel() : column
  const { text, fields } = fieldsOf(texts, region, (row) => quoted[row]!)
  slow.begin(texts.length)
  const half = 504
  slow.append({ text, fields, count: half, first: 0 })
  slow.append({ text, fields: fields.subarray(2 * half), count: texts.length - half, first: half })
  const vector = slow.finish(texts.length)
  const values = valuesOf(vector)
  region.free()
  tables.free()
  return { values, nullCount: vector.nullCount, reasons: bad.reasons }
}

function valuesOf(vector: Vector): unknown[] {
  const read = valueReader(vector)
  return Array.from({ length: vector.length }, (_, row) => read(row))
}

const jsonEscapes = [
  '\\n',
  '\\"',
  '\\\\',
  '\\/',
  '\\u00e9',
  '\\ud83d\\ude00',
  '\\ud83d',
  '\\udc00x',
  '\\u0000',
  '\\b\\f\\r\\t',
]

test.each(['csv', 'json'] as const)('strings are copied or coded without their escapes: %s', (kind) => {
  const seed = Number(process.env['SEED'] ?? 5)
  const random = randomFrom(seed)
  const parts = [
    'a',
    'é',
    'some sixteen or more bytes of text',
    '',
    ' ',
    ...(kind === 'json' ? jsonEscapes : ['""', '\\"', '\\\\']),
  ]
  const pick = (): string => parts[Math.floor(random() * parts.length)]!
  const nulls = { bytes: Buffer.from(kind === 'csv' ? 'a' : ''), emptyIsNull: kind === 'csv' }
  const unescape =
    kind === 'json'
      ? (raw: string) => JSON.parse(`"${raw}"`).toWellFormed()
      : (raw: string) => raw.replace(/""|\\(["\\])/g, (two) => two[1]!)
  for (const variety of [3, 40, 700, 100_000]) {
    const region = pool.createRegion()
    const tables = pool.createRegion()
    const stock = Array.from({ length: Math.min(variety, 3000) }, () =>
      Array.from({ length: Math.floor(random() * 5) }, pick).join(''),
    )
    const column = new TextFieldColumn({
      name: 'c',
      type: types.string,
      region,
      tables,
      nulls,
      emptyText: new Uint8Array(0),
      escapes: kind === 'json' ? 'json' : { quote: 34, escape: 92 },
    })
    for (let batch = 0; batch < 3; batch++) {
      region.reset()
      const escapes = random() < 0.7
      const texts = Array.from({ length: 3000 }, () =>
        random() < 0.05 ? null : stock[Math.floor(random() * stock.length)]!,
      )
      const { text, fields } = fieldsOf(texts, region, (row) => {
        const hasEscape = /["\\]/.test(texts[row] ?? '')
        return hasEscape && escapes ? 3 : 1
      })
      const plain = texts.map((each) => (each !== null && /["\\]/.test(each) && !escapes ? null : each))
      plain.forEach((each, row) => {
        if (each === null) fields[2 * row] = -1
      })
      column.begin(texts.length)
      for (let first = 0; first < texts.length; first += 1024) {
        const count = Math.min(1024, texts.length - first)
        column.append({ text, fields: fields.subarray(2 * first), count, first })
      }
      const vector = column.finish(texts.length)
      const expected = textsTwin(text, fields, texts.length, nulls, unescape)
      expect(valuesOf(vector), `seed ${seed}, ${variety} texts, batch ${batch}`).toEqual(expected)
      expect(vector.nullCount).toBe(expected.filter((each) => each === null).length)
    }
    region.free()
    tables.free()
  }
  expect(pool.usedBytes).toBe(0)
})
