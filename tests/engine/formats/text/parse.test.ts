import { expect, test } from 'vitest'
import {
  parseDecimal,
  parseDouble,
  parseInt64,
  parseSmallDecimal,
  parseSmallInteger,
} from '../../../../engine/formats/text/parse-number.ts'

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
  [' 1.5', 3, 2, null],
  ['1.5 ', 3, 2, null],
])('parseDecimal() of %s as decimal(%i,%i)', (text, precision, scale, expected) => {
  const bytes = bytesOf(text)
  expect(parseDecimal(bytes, 0, bytes.length, precision, scale)).toBe(expected)
  const small = parseSmallDecimal(bytes, 0, bytes.length, scale)
  if (!Number.isNaN(small) && expected !== null) expect(BigInt(small)).toBe(expected)
})

test('parseSmallInteger() reads a zero without a sign', () => {
  expect(parseSmallInteger(bytesOf('-0'), 0, 2)).toBe(0)
})
