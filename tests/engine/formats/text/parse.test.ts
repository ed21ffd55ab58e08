import { expect, test } from 'vitest'
import { DateTimeFields, LocalClock } from '../../../../engine/formats/text/datetime-fields.ts'
import { dateTimePattern } from '../../../../engine/formats/text/datetime-pattern.ts'
import { parseIso } from '../../../../engine/formats/text/parse-iso.ts'
import {
  parseDecimal,
  parseDouble,
  parseInt64,
  parseSmallDecimal,
  parseSmallInteger,
} from '../../../../engine/formats/text/parse-number.ts'
import { timeZone, toInstant } from '../../../../engine/functions/index.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

test.each([
  '0',
  '-0',
  '1',
  '-1.5',
  '.5',
  '5.',
  '1e5',
  '1E-7',
  '123456789012345678',
  '0.1',
  '1e400',
  '00012',
  '+3',
  '9007199254740993',
])('parseDouble() of %s is what Number gives', (text) => {
  expect(parseDouble(bytesOf(text), 0, text.length)).toBe(Number(text))
})

test.each(['', '-', '.', 'e5', '1e', '1e+', '1.2.3', '0x10', '1 ', 'NaN', '--1', '1_0'])(
  'parseDouble() refuses %j',
  (text) => {
    expect(parseDouble(bytesOf(text), 0, text.length)).toBeNaN()
  },
)

test('parseDouble() is exact for random numbers, seed 7', () => {
  let state = 7
  const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0)
  for (let i = 0; i < 100_000; i++) {
    const digits = String(next()).slice(0, 1 + (next() % 10)) + String(next()).slice(0, next() % 9)
    const at = next() % (digits.length + 1)
    const sign = next() % 2 === 0 ? '-' : ''
    const exponent = next() % 4 === 0 ? `e${(next() % 60) - 30}` : ''
    const text = `${sign}${digits.slice(0, at)}.${digits.slice(at)}${exponent}`
    const value = parseDouble(bytesOf(text), 0, text.length)
    if (!Object.is(value, Number(text))) expect(value, text).toBe(Number(text))
  }
})

test.each([
  ['9223372036854775807', 9223372036854775807n],
  ['-9223372036854775808', -9223372036854775808n],
  ['9223372036854775808', null],
  [`${'0'.repeat(50)}12`, 12n],
  ['1.0', null],
  ['', null],
  ['+', null],
])('parseInt64() of %s', (text, expected) => {
  expect(parseInt64(bytesOf(text), 0, text.length)).toBe(expected)
})

test.each<[text: string, precision: number, scale: number, expected: bigint | null]>([
  ['1.005', 10, 2, 101n],
  ['-1.005', 10, 2, -101n],
  ['99.995', 4, 2, null],
  ['1,000', 10, 0, 1000n],
  ['1e3', 4, 0, 1000n],
  ['1e-3', 4, 2, 0n],
  ['1e99999', 38, 0, null],
  ['12345678901234567890123456789012345678', 38, 0, 12345678901234567890123456789012345678n],
  ['0000000001.50', 3, 2, 150n],
  ['.', 3, 2, null],
])('parseDecimal() of %s as decimal(%i,%i)', (text, precision, scale, expected) => {
  const bytes = bytesOf(text)
  expect(parseDecimal(bytes, 0, bytes.length, precision, scale)).toBe(expected)
  const small = parseSmallDecimal(bytes, 0, bytes.length, scale)
  if (!Number.isNaN(small) && expected !== null) expect(BigInt(small)).toBe(expected)
})

test('parseSmallInteger() reads a zero without a sign', () => {
  expect(parseSmallInteger(bytesOf('-0'), 0, 2)).toBe(0)
})

const micros = (fields: DateTimeFields): number => fields.localSeconds * 1e6 + fields.micros

test.each<[text: string, expected: string | null, offset?: number]>([
  ['2020-02-29', '2020-02-29T00:00:00.000Z'],
  ['2021-02-29', null],
  ['2020-1-2 3:4:5.678', '2020-01-02T03:04:05.678Z'],
  ['2020-01-02T03:04Z', '2020-01-02T03:04:00.000Z', 0],
  ['2020-01-02 24:00:00', null],
  ['2020', '2020-01-01T00:00:00.000Z'],
  ['2020-13-01', null],
  ['20200101', null],
  ['', null],
  ['12/1/2010 8:26', null],
])('parseIso() of %j', (text, expected, offset = Number.NaN) => {
  const fields = new DateTimeFields()
  const bytes = bytesOf(text)
  expect(parseIso(bytes, 0, bytes.length, fields)).toBe(expected !== null)
  if (expected === null) return
  expect(micros(fields)).toBe(Date.parse(expected) * 1000)
  expect(fields.offset).toBe(offset)
})

test.each<[pattern: string, text: string, expected: string | null]>([
  ['M/d/yyyy H:mm', '12/1/2010 8:26', '2010-12-01T08:26:00.000Z'],
  ['M/d/yyyy H:mm', '12/1/2010 8:6', null],
  ['M/d/yyyy H:mm', '12/1/2010 8:26 ', null],
  ['yyyyMMddHHmmss', '20201231235958', '2020-12-31T23:59:58.000Z'],
  ['dd MMM yyyy hh:mm a', '05 Mar 2021 12:30 pm', '2021-03-05T12:30:00.000Z'],
  ["yyyy-MM-dd'T'HH:mm:ss[.SSS]", '2020-01-02T03:04:05', '2020-01-02T03:04:05.000Z'],
  ["yyyy-MM-dd'T'HH:mm:ss[.SSS]", '2020-01-02T03:04:05.25', '2020-01-02T03:04:05.250Z'],
  ['dd.MM.yy', '31.12.99', '2099-12-31T00:00:00.000Z'],
  ['dd.MM.yyyy', '31.02.2020', null],
])('dateTimePattern() %s reads %j', (pattern, text, expected) => {
  const fields = new DateTimeFields()
  const bytes = bytesOf(text)
  expect(dateTimePattern(pattern).parse(bytes, 0, bytes.length, fields)).toBe(expected !== null)
  if (expected !== null) expect(micros(fields)).toBe(Date.parse(expected) * 1000)
})

test.each(['yyyy-b', "yyyy'x", 'yyyy]', '[yyyy'])('dateTimePattern() refuses %s', (pattern) => {
  expect(() => dateTimePattern(pattern)).toThrow('datetime pattern')
})

test.each(['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'UTC'])(
  'LocalClock goes as toInstant in %s',
  (id) => {
    const zone = timeZone(id)
    const clock = new LocalClock(zone)
    for (let local = Date.UTC(2021, 2, 1) / 1000; local < Date.UTC(2021, 11, 1) / 1000; local += 1800) {
      expect(BigInt(clock.toInstant(local)) * 1_000_000n).toBe(toInstant(BigInt(local) * 1_000_000n, zone))
    }
  },
)
