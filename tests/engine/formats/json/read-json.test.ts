import { expect, test } from 'vitest'
import { inferJson, JSON_OPTIONS, jsonOptions, readJson } from '../../../../engine/formats/json/index.ts'
import { type BadRecordPolicy, memoryInput, OptionReader } from '../../../../engine/formats/text/index.ts'
import {
  type DataType,
  decimalType,
  field,
  listType,
  mapType,
  schemaText,
  structType,
  types,
  type Value,
} from '../../../../engine/types/index.ts'
import { rowsOf, testContext } from '../csv/read.ts'

const permissive: BadRecordPolicy = { mode: 'PERMISSIVE', deadLetter: null, lineOf: null }

async function read(
  text: string | Uint8Array,
  fields: Readonly<Record<string, DataType>>,
  options: Readonly<Record<string, string>> = {},
  policy = permissive,
): Promise<Value[][]> {
  const context = testContext()
  const request = {
    options: jsonOptions(new OptionReader(options, JSON_OPTIONS, 'json')),
    fields: Object.entries(fields)
      .filter(([name]) => name !== '_corrupt_record')
      .map(([name, type]) => field(name, type)),
    columns: Object.keys(fields),
    corruptColumn: '_corrupt_record',
    policy,
  }
  const rows = await rowsOf(
    readJson(memoryInput(typeof text === 'string' ? Buffer.from(text) : text), request, context),
  )
  expect(context.pool.usedBytes).toBe(0)
  return rows
}

async function infer(text: string, options: Readonly<Record<string, string>> = {}): Promise<string> {
  const context = testContext()
  const given = jsonOptions(new OptionReader(options, JSON_OPTIONS, 'json'))
  const inferred = await inferJson(
    memoryInput(Buffer.from(text)),
    { options: given, sampleRows: 100, sampleStep: 1 },
    context,
  )
  expect(context.pool.usedBytes).toBe(0)
  return schemaText({ fields: inferred?.fields ?? [] })
}

test('readJson() reads every type', async () => {
  const schema = {
    a: types.int32,
    b: types.int64,
    c: types.float64,
    d: decimalType(10, 2),
    e: decimalType(38, 10),
    f: types.boolean,
    g: types.date,
    h: types.timestamp,
    i: types.string,
    j: types.binary,
  }
  const text = `{"a":-12,"b":9007199254740993,"c":1.5e3,"d":1234.565,
"e":1234567890123456789012345678.0123456789,"f":true,
"g":"2020-02-29","h":"2020-01-01T10:00:00.5+02:00","i":"\\u00e9\\ud83d\\ude00\\n\\"é","j":"AQID"}`.replaceAll(
    '\n',
    '',
  )
  expect(await read(`${text}\n{}\r\n\n{"a":null,"h":10,"i":{"x":[1, 2]},"c":"NaN","a":7}`, schema)).toEqual([
    [
      -12,
      9007199254740993n,
      1500,
      123457n,
      12345678901234567890123456780123456789n,
      true,
      18321,
      1577865600500000n,
      'é😀\n"é',
      new Uint8Array([1, 2, 3]),
    ],
    [null, null, null, null, null, null, null, null, null, null],
    [7, null, Number.NaN, null, null, null, null, 10_000_000n, '{"x":[1, 2]}', null],
  ])
})

test('readJson() reads nested types', async () => {
  const schema = {
    l: listType(types.int32),
    s: structType([field('x', types.string), field('y', listType(structType([field('z', types.float64)])))]),
    m: mapType(types.string, listType(types.boolean)),
  }
  const text = [
    '{"l":[1,null,3],"s":{"x":"a","y":[{"z":1.5},null,{}]},"m":{"p":[true],"q":null}}',
    '{"l":[],"s":null,"m":{}}',
    '{"l":[4],"l":[5,6],"s":{"y":[]}}',
    '{"s":{"x":1,"x":"b"}}',
  ].join('\n')
  expect(await read(text, schema)).toEqual([
    [
      [1, null, 3],
      ['a', [[1.5], null, [null]]],
      [
        ['p', [true]],
        ['q', null],
      ],
    ],
    [[], null, []],
    [[5, 6], [null, []], null],
    [null, ['b', null], null],
  ])
})

test('readJson() keeps bad records with their text', async () => {
  const schema = { a: types.int32, b: types.string, _corrupt_record: types.string }
  const lines = [
    '{"a":1,"b":"x"}',
    '{"a":"1","b":"y"}',
    '{"a":1',
    '{"a":1}}',
    '[1]',
    '5',
    '{"a":2.5}',
    '[{"a":1},{"a":2}]',
    '{"a":99999999999}',
    '{"b":"\\x"}',
    '{"a":01}',
  ]
  const rows = await read(lines.join('\n'), schema)
  expect(rows.map(([a, b, text]) => [a, b, text === null ? '' : 'bad'])).toEqual([
    [1, 'x', ''],
    [null, 'y', 'bad'],
    [null, null, 'bad'],
    [null, null, 'bad'],
    [null, null, 'bad'],
    [null, null, 'bad'],
    [null, null, 'bad'],
    [1, null, ''],
    [2, null, ''],
    [null, null, 'bad'],
    [null, null, 'bad'],
    [null, null, 'bad'],
  ])
  expect(rows[2]![2]).toBe('{"a":1')
})

test('readJson() survives deep nesting, long lines and invalid UTF-8', async () => {
  const schema = { a: types.string, _corrupt_record: types.string }
  const deep = `{"a":${'['.repeat(100_000)}`
  const rows = await read(`${deep}\n{"a":"${'x'.repeat(1000)}"}\n{"a":"ok"}`, schema, { maxLineBytes: '500' })
  expect(rows.map(([a]) => a)).toEqual([null, null, 'ok'])
  expect((await read(`${deep}\n{"a":"ok"}`, schema)).map(([a]) => a)).toEqual([null, 'ok'])
  const bytes = Buffer.from('{"a":"\xff"}\n{"a":"b"}', 'latin1')
  expect((await read(bytes, schema)).map(([a]) => a)).toEqual([null, 'b'])
})

test('readJson() reads whole files', async () => {
  const schema = { a: types.int32 }
  const options = { multiLine: 'true' }
  expect(await read('[\n {"a": 1},\n {"a":\n2}\n]\n', schema, options)).toEqual([[1], [2]])
  expect(await read('{"a"\n: 1}', schema, options)).toEqual([[1]])
  expect(await read('{"a":1} {"a":2}', schema, options)).toEqual([[1], [2]])
  expect(await read('[{"a":1},{"a":', schema, options)).toEqual([[1], [null]])
  const many = Array.from({ length: 300_000 }, (_, index) => ({ a: index }))
  expect(await read(JSON.stringify(many, null, 1), schema, options)).toEqual(many.map(({ a }) => [a]))
})

test('readJson() fails fast, or sets records aside', async () => {
  await expect(
    read('{"a":1}\n{"a":"x"}', { a: types.int32 }, {}, { ...permissive, mode: 'FAILFAST' }),
  ).rejects.toMatchObject({
    code: 'MALFORMED_RECORD',
    message: 'malformed record in "memory", byte 8: column "a": "x" is a string and no int: {"a":"x"}',
  })
  const letters: unknown[] = []
  const policy = { ...permissive, deadLetter: async (letter: unknown) => void letters.push(letter) }
  expect(await read('{"a":1}\n{"a":"x"}\n{"a":3}', { a: types.int32 }, {}, policy)).toEqual([[1], [3]])
  expect(letters).toHaveLength(1)
})

test.each<[text: string, expected: string]>([
  ['{"b":1,"a":"x"}\n{"b":1.5,"c":true}', 'a string, b double, c boolean'],
  [
    '{"a":null,"b":[],"c":[null,{"y":1,"x":[1,2.5]}]}',
    'a string, b array<string>, c array<struct<x:array<double>,y:bigint>>',
  ],
  ['{"a":1}\n{"a":"x"}', 'a string'],
  ['{"a":12345678901234567890}', 'a decimal(20,0)'],
  ['{"a":{},"b":{"c":[{}]},"d":1}', 'd bigint'],
  ['{"a":{"b":1}}\n{"a":{"c":2}}', 'a struct<b:bigint,c:bigint>'],
])('inferJson() of %s', async (text, expected) => {
  expect(await infer(text)).toBe(expected)
  expect(await infer(`[${text.replace('\n', ',')}]`, { multiLine: 'true' })).toBe(expected)
})

/** Small generator with a seed, so that a failure can be replayed. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

test.each([1, 2, 3])('readJson() agrees with JSON.parse on damaged lines, seed %i', async (seed) => {
  const next = random(seed)
  const alphabet = '{}[]",:\\ntfu0123456789.eE-+ ab\u00e9'
  const base = '{"a":{"b":[1,2,{"c":"x\\n"}],"d":-1.5e3},"e":"f","g":[true,false,null]}'
  const lines = Array.from({ length: 20_000 }, () => {
    let line = base
    for (let i = Math.floor(next() * 4); i > 0; i--) {
      const at = Math.floor(next() * line.length)
      line =
        line.slice(0, at) +
        alphabet[Math.floor(next() * alphabet.length)] +
        line.slice(at + Math.floor(next() * 3))
    }
    return line
  })
  const rows = await read(lines.join('\n'), { e: types.string, _corrupt_record: types.string })
  lines.forEach((line, index) => {
    let expected: unknown
    try {
      const parsed = JSON.parse(line) as Record<string, unknown> | null
      if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) expected = parsed
    } catch {}
    expect(rows[index]![1] === null, line).toBe(expected !== undefined)
    const value = (expected as Record<string, unknown> | undefined)?.['e']
    if (typeof value === 'string') expect(rows[index]![0]).toBe(value)
  })
})
