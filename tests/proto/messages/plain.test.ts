import { expect, test } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import {
  DayTimeInterval,
  Decimal,
  LocalDate,
  LocalTimestamp,
  MonthInterval,
  Timestamp,
} from '../../../engine/types/index.ts'
import { decodePlain, encodePlain, PLAN_LIMITS } from '../../../proto/messages/index.ts'
import { randomOf, randomPlain } from './random-plain.ts'

const ROUNDS = process.env['MILLRACE_TEST_FULL'] === '1' ? 3000 : 200

const LONG = 'x'.repeat(500)
const VALUES: readonly (readonly [name: string, value: unknown])[] = [
  ['nothing', [null, undefined, [undefined], { a: undefined }]],
  ['booleans', [true, false]],
  ['small integers', [0, 1, 127, 128, 16383, 16384]],
  ['integers around 32 bits', [2 ** 31 - 1, 2 ** 31, 2 ** 32, -(2 ** 31), -(2 ** 31) - 1]],
  [
    'integers around 53 bits',
    [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 53, -(2 ** 53), 2 ** 60],
  ],
  ['negative integers', [-1, -2, -128, -129]],
  ['doubles', [0.5, -0, Number.NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE]],
  ['bigints', [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 2n ** 127n, -(10n ** 38n)]],
  ['strings', ['', 'a', 'é', 'ÿ', 'Ā', '日本', '🚀', '\u0000', LONG, `${LONG}日`]],
  ['half a surrogate pair', ['\ud800', 'a\udfff', '\udc00\ud800']],
  [
    'strings that come again',
    ['ab', 'ab', { ab: 'ab' }, ...Array.from({ length: 100 }, (_, i) => `s${i % 70}`)],
  ],
  ['arrays', [[], [[]], [1, [2, [3]]], Array.from({ length: 300 }, (_, i) => i * i)]],
  ['objects of one shape', Array.from({ length: 50 }, (_, i) => ({ id: i, name: `n${i}` }))],
  ['objects of many shapes', Array.from({ length: 50 }, (_, i) => ({ [`k${i}`]: i, end: {} }))],
  ['a shape that is part of another', [{ a: 1 }, { a: 1, b: 2 }, { a: 3 }, { b: 1, a: 2 }, {}]],
  [
    'maps and sets',
    [
      new Map<unknown, unknown>([
        [1, 'a'],
        ['1', new Map()],
      ]),
      new Set([1, '1', null]),
      new Set(),
    ],
  ],
  [
    'typed arrays',
    [new Uint8Array([1, 2]), new Int32Array([-1, 7]), new Float64Array([0.1, -0]), new BigInt64Array([-5n])],
  ],
  ['other memory', [new DataView(new ArrayBuffer(3)), new ArrayBuffer(5), new Uint8ClampedArray([255])]],
  ['dates', [new Date(0), new Date(Number.NaN), new Date(-1)]],
  ['decimals', [new Decimal(120n, 2), new Decimal(-(10n ** 37n), 38), { price: Decimal.of('1.5') }]],
  ['times', [new LocalDate(-3), new Timestamp(1n), new LocalTimestamp(-1n)]],
  ['intervals', [new MonthInterval(14), new DayTimeInterval(-5n)]],
]

test.each(VALUES)('decodePlain() gives what encodePlain() took: %s', (_name, value) => {
  expect(decodePlain(encodePlain(value))).toStrictEqual(value)
})

test('decodePlain() gives memory of its own', () => {
  const bytes = encodePlain({ data: new Uint8Array([1, 2, 3]), text: 'abc' })
  const value = decodePlain(bytes)
  bytes.fill(0)
  expect(value).toStrictEqual({ data: new Uint8Array([1, 2, 3]), text: 'abc' })
})

test('decodePlain() reads a message that lies within a larger buffer', () => {
  const bytes = encodePlain([1.5, 'text'])
  const larger = new Uint8Array(bytes.length + 20)
  larger.set(bytes, 7)
  expect(decodePlain(larger.subarray(7, 7 + bytes.length))).toStrictEqual([1.5, 'text'])
})

test('encodePlain() gives a Buffer and shared memory as Uint8Array', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(9)
  const value = decodePlain(encodePlain([Buffer.from('hi'), shared]))
  expect(value).toStrictEqual([new Uint8Array([104, 105]), new Uint8Array([9, 9])])
})

test('encodePlain() takes a fraction of JSON for objects alike', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => ({ kind: 'column', index: i, name: `c${i % 30}` }))
  expect(encodePlain(rows).length).toBeLessThan(JSON.stringify(rows).length / 5)
})

const circular: unknown[] = []
circular.push(circular)
const REFUSED: readonly (readonly [string, unknown, string])[] = [
  ['a function', { f: () => 1 }, 'a function cannot travel'],
  ['a symbol', [Symbol('s')], 'a symbol cannot travel'],
  ['an object of a class', new (class Thing {})(), 'an object of class Thing cannot travel'],
  ['an error', new Error('no'), 'an object of class Error cannot travel'],
  ['a symbol as key', { [Symbol('s')]: 1 }, 'a symbol as key'],
  ['the key __proto__', JSON.parse('{"__proto__": {"a": 1}}'), 'key "__proto__"'],
  ['the key constructor', { constructor: 1 }, 'key "constructor"'],
  ['a structure in itself', circular, 'nested deeper than 2000 levels'],
  ['a huge integer', 1n << 40_000n, 'an integer of 5001 bytes'],
]

test.each(REFUSED)('encodePlain() refuses %s', (_name, value, message) => {
  const error = failureOf(() => encodePlain(value))
  expect(error.code).toBe('INVALID_ARGUMENT')
  expect(error.message).toContain(message)
  expect(decodePlain(encodePlain([1, 'ok']))).toStrictEqual([1, 'ok'])
})

const MALFORMED: readonly (readonly [string, readonly number[], string])[] = [
  ['nothing', [], 'the message ends early (byte 0)'],
  ['a tag of nobody', [0xff], 'unknown tag 255 (byte 0)'],
  ['two values', [1, 2], 'bytes follow the value (byte 1)'],
  [
    'an array of 2^40 values',
    [0xec, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20],
    '1099511627776 values do not fit (byte 7)',
  ],
  ['a string of 2^40 characters', [0xe9, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20], 'ends early (byte 7)'],
  ['an integer without end', [0xe4, ...Array.from({ length: 12 }, () => 0x80)], 'too long'],
  ['an integer above 2^53', [0xe4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], 'too large'],
  ['a string that has not come', [0x85], 'string 5 has not come'],
  ['a shape that has not come', [0xc1], 'shape 1 has not come'],
  ['a key that is no string', [0xef, 1, 5, 5], 'a key is not a string (byte 2)'],
  ['a key that comes twice', [0xef, 2, 0xe9, 2, 97, 97, 0x80, 1, 2], 'a key comes twice'],
  ['__proto__', [0xef, 1, 0xe9, 9, ...Buffer.from('__proto__'), 0xef, 0], 'key "__proto__" is not allowed'],
  ['prototype', [0xef, 1, 0xe9, 9, ...Buffer.from('prototype'), 0xe0], 'key "prototype" is not allowed'],
  [
    'constructor',
    [0xef, 1, 0xe9, 11, ...Buffer.from('constructor'), 0xe0],
    'key "constructor" is not allowed',
  ],
  ['half an int32', [0xf1, 5, 3, 0, 0, 0], 'not a typed array'],
  ['an array of numbers of nobody', [0xf1, 99, 0], 'not a typed array'],
  ['a value of no class', [0xf3, 99, 1], 'not a known class'],
  ['a date of text', [0xf3, 1, 0xe9, 1, 97], 'not a LocalDate'],
  ['a set with equal values', [0xee, 2, 1, 1], 'a value of a set comes twice'],
  ['a map with equal keys', [0xed, 2, 1, 1, 1, 2], 'a key of a map comes twice'],
  [
    '201 levels',
    [...Array.from({ length: 201 }, () => [0xec, 1]).flat(), 0],
    'nested deeper than 200 levels',
  ],
]

test.each(MALFORMED)('decodePlain() refuses %s', (_name, bytes, message) => {
  const error = failureOf(() => decodePlain(Uint8Array.from(bytes)))
  expect(error.code).toBe('PROTOCOL_ERROR')
  expect(error.message).toContain(message)
  expect(error.position?.offset).toBeTypeOf('number')
})

test('decodePlain() reads what is nested as deep as plans may be, and no deeper', () => {
  let value: unknown = 1
  for (let i = 0; i < 1000; i++) value = [{ value }]
  expect(decodePlain(encodePlain(value), PLAN_LIMITS)).toStrictEqual(value)
  expect(failureOf(() => encodePlain([value])).message).toContain('nested deeper than 2000 levels')
})

test('decodePlain() refuses more bytes than allowed', () => {
  const bytes = encodePlain('0123456789')
  expect(failureOf(() => decodePlain(bytes, { maxBytes: 11 })).message).toContain(
    '12 bytes exceed the limit of 11',
  )
  expect(decodePlain(bytes, { maxBytes: 12 })).toBe('0123456789')
})

test('decodePlain() gives random values back, refuses them cut off, answers for flipped bytes', () => {
  const first = Math.floor(Math.random() * 2 ** 31)
  for (let round = 0; round < ROUNDS; round++) {
    const seed = (first + round) >>> 0
    const random = randomOf(seed)
    const value = randomPlain(random, 4)
    const bytes = encodePlain(value)
    expect(decodePlain(bytes), `seed ${seed}`).toStrictEqual(value)
    if (bytes.length > 2000) continue
    for (let size = 0; size < bytes.length; size++) {
      const error = failureOf(() => decodePlain(bytes.subarray(0, size)))
      expect(error.code, `seed ${seed}, cut to ${size} bytes`).toBe('PROTOCOL_ERROR')
    }
    for (let at = 0; at < bytes.length; at++) {
      const flipped = bytes.slice()
      flipped[at] = Math.floor(random() * 256)
      expectValueOrRefusal(flipped, `seed ${seed}, byte ${at} is ${flipped[at]}`)
    }
  }
})

test('decodePlain() answers for random bytes', () => {
  const first = Math.floor(Math.random() * 2 ** 31)
  for (let round = 0; round < 20 * ROUNDS; round++) {
    const seed = (first + round) >>> 0
    const random = randomOf(seed)
    const bytes = Uint8Array.from({ length: Math.floor(random() * 60) }, () =>
      random() < 0.5 ? 0xe0 + Math.floor(random() * 32) : Math.floor(random() * 256),
    )
    expectValueOrRefusal(bytes, `seed ${seed}`)
  }
})

/** What is accepted must be a value that travels again. */
function expectValueOrRefusal(bytes: Uint8Array, label: string): void {
  try {
    encodePlain(decodePlain(bytes))
  } catch (error) {
    expect(error, label).toBeInstanceOf(EngineError)
    // The cast holds: the line above has checked it.
    expect((error as EngineError).code, label).toBe('PROTOCOL_ERROR')
  }
}

function failureOf(work: () => unknown): EngineError {
  try {
    work()
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error('there was no error')
}
