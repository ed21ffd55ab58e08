import { expect, test } from 'vitest'
import { FieldBatch } from '../../../../engine/formats/json/field-batch.ts'
import { JSON_OPTIONS, jsonOptions } from '../../../../engine/formats/json/index.ts'
import { PlainBatch } from '../../../../engine/formats/json/plain-batch.ts'
import { readJsonBatches } from '../../../../engine/formats/json/read-json.ts'
import {
  type BadRecordPolicy,
  type ByteInput,
  type DeadLetter,
  memoryInput,
  OptionReader,
  type ReadMode,
} from '../../../../engine/formats/text/index.ts'
import { decimalType, field, listType, mapType, structType, types } from '../../../../engine/types/index.ts'
import { randomFrom } from '../../kernels/twins/random.ts'
import { rowsOf, testContext } from '../csv/read.ts'

const corruptColumn = '_corrupt_record'
const fields = [
  field('b', types.boolean),
  field('i1', types.int8),
  field('i4', types.int32),
  field('i8', types.int64),
  field('f4', types.float32),
  field('f8', types.float64),
  field('d', decimalType(9, 2)),
  field('w', decimalType(30, 5)),
  field('s', types.string),
  field('t', types.date),
  field('m', types.timestamp),
  field('n', types.timestampNtz),
  field('l', listType(types.int32)),
  field('o', structType([field('x', types.string), field('y', types.float64)])),
  field('p', mapType(types.string, types.int64)),
  field('y', types.binary),
]

/** Lines of records with values that fit, values that do not, and what is no JSON. */
function randomText(random: () => number, damage: number): Buffer {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!
  const fitting: Readonly<Record<string, readonly string[]>> = {
    b: ['true', 'false'],
    i1: ['1', '-128', '127', '-0'],
    i4: ['12', '2147483647', '-2147483648', '0'],
    i8: ['1234567890123', '9223372036854775807', '-9223372036854775808'],
    f4: ['1.5', '-0.1', '1e10', '3.4028236e38', '"NaN"'],
    f8: ['0.1', '123456789.123456789', '1e-400', '1e999', '-0', '"-Infinity"', '"\\u004eaN"'],
    d: ['1', '1.005', '"12.5"', '-9999999.99', '"+3"', '0.000001'],
    w: ['12345678901234567890.12345', '1', '"1,000.5"', '1e3', '-0.5'],
    s: [
      '"some text"',
      '""',
      '"\\u00e9\\n"',
      '"é"',
      '12.50',
      '{"a": [1]}',
      'true',
      '"\\ud83d"',
      '"\\ud83d\\ude00"',
    ],
    t: ['"2024-02-29"', '"1969-12-31"', '"2024-2-9"'],
    m: ['"2024-03-31 02:30:00"', '"2024-07-01T10:00:00.5Z"', '1700000000', '"2024-07-01"'],
    n: ['"2024-03-31 02:30:00"', '"2024-07-01T10:00:00.123456"'],
    l: ['[1,2,3]', '[]', '[null]', '[ 1 ]'],
    o: ['{"x":"a","y":1}', '{}', '{"y":null,"z":[{}]}', '{"x":1,"x":"b"}'],
    p: ['{"k":1}', '{}', '{"k":1,"k":2}'],
    y: ['"aGVsbG8="', '""'],
  }
  const odd = [
    'null',
    '128',
    '-1e3',
    '1.5',
    '"x"',
    '"12"',
    '[1,"a"]',
    '{"x":{},"y":"z"}',
    'true',
    '"2024-13-01"',
  ]
  const wrong = ['01', '1.', 'tru', '"\\q"', '[1', '"a\tb"', '', '"\xff"', '{"a"}', '9999999999999999999']
  const value = (name: string): string => {
    const kind = random()
    if (kind < 1 - damage) return pick(fitting[name]!)
    return kind < 1 - damage / 8 ? pick(odd) : pick(wrong)
  }
  const names = Object.keys(fitting)
  const record = (): string => {
    const members = random() < 0.7 ? names : names.filter(() => random() < 0.6)
    const all = random() < damage ? [...members, pick(names)] : members
    const parts = all.map(
      (name) =>
        `"${random() < damage / 20 ? `\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}` : name}":${value(name)}`,
    )
    if (random() < 0.1) parts.splice(1, 0, '"unknown": [{"a":"]"}]')
    return `{${parts.join(random() < 0.9 ? ',' : ' , ')}}`
  }
  const line = (): string => {
    const kind = random()
    if (kind < 0.05) return pick(['', '  ', '\r'])
    if (kind < 0.1) return `[${Array.from({ length: Math.floor(random() * 4) }, record).join(',')}]`
    return kind < 1 - damage / 4 ? record() : pick(['{', '1', 'null', '[{}', '{} {}', '[1]', `${record()},`])
  }
  const lines = Array.from({ length: 20 + Math.floor(random() * 60) }, () => line() + pick(['\n', '\r\n']))
  return Buffer.from(lines.join('') + (random() < 0.5 ? record() : ''), random() < 0.9 ? 'utf8' : 'latin1')
}

test.each([1, 2, 3, 4])(
  'records read by the column are those read plainly, seed %i',
  async (seed) => {
    const random = randomFrom(seed)
    for (let round = 0; round < 60; round++) {
      const text = randomText(random, [0, 0.02, 0.3][round % 3]!)
      const maxLineBytes = random() < 0.2 ? '400' : '67108864'
      const zone = random() < 0.5 ? 'Europe/Berlin' : 'UTC'
      const pieces = random() < 0.5 ? 0 : 1 + Math.floor(random() * 100)
      for (const mode of ['PERMISSIVE', 'DROPMALFORMED', 'FAILFAST', 'letters'] as const) {
        const columns = fields.map(({ name }) => name).filter(() => random() < 0.8)
        const wanted = random() < 0.5 && mode === 'PERMISSIVE' ? [...columns, corruptColumn] : columns
        const given = { mode, maxLineBytes, zone, pieces, columns: wanted }
        const fast = await readAll(text, given, FieldBatch)
        const slow = await readAll(text, given, PlainBatch)
        expect(fast, `seed ${seed}, round ${round}, ${JSON.stringify(given)}, ${text}`).toEqual(slow)
      }
    }
  },
  120_000,
)

interface Given {
  readonly mode: ReadMode | 'letters'
  readonly maxLineBytes: string
  readonly zone: string
  /** Most bytes that are read at once; 0: all. */
  readonly pieces: number
  readonly columns: readonly string[]
}

async function readAll(
  text: Uint8Array,
  { mode, maxLineBytes, zone, pieces, columns }: Given,
  Batch: typeof FieldBatch | typeof PlainBatch,
): Promise<unknown> {
  const context = testContext(zone)
  const letters: DeadLetter[] = []
  const policy: BadRecordPolicy = {
    mode: mode === 'letters' ? 'PERMISSIVE' : mode,
    deadLetter:
      mode !== 'letters'
        ? null
        : async (letter) => {
            letters.push(letter)
          },
    lineOf: null,
  }
  const options = jsonOptions(new OptionReader({ maxLineBytes }, JSON_OPTIONS, 'json'))
  const request = { options, fields, columns, corruptColumn, policy }
  const whole = memoryInput(text)
  const input: ByteInput =
    pieces === 0 ? whole : { ...whole, read: (into) => whole.read(into.subarray(0, pieces)) }
  try {
    const rows = await rowsOf(readJsonBatches(input, request, context, (given) => new Batch(given)))
    return { rows, letters, metrics: { ...context.metrics } }
  } catch (error) {
    return String(error)
  } finally {
    expect(context.pool.usedBytes).toBe(0)
  }
}
