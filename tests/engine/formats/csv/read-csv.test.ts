import { expect, test } from 'vitest'
import { CSV_OPTIONS, csvOptions, readCsv } from '../../../../engine/formats/csv/index.ts'
import { type BadRecordPolicy, memoryInput, OptionReader } from '../../../../engine/formats/text/index.ts'
import { type DataType, decimalType, field, types, type Value } from '../../../../engine/types/index.ts'
import { rowsOf, testContext } from './read.ts'

const permissive: BadRecordPolicy = { mode: 'PERMISSIVE', deadLetter: null, lineOf: null }

async function read(
  text: string | Uint8Array,
  fields: Readonly<Record<string, DataType>>,
  options: Readonly<Record<string, string>> = {},
  policy = permissive,
  columns = Object.keys(fields),
): Promise<Value[][]> {
  const context = testContext()
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  const request = {
    options: csvOptions(new OptionReader(options, CSV_OPTIONS, 'csv')),
    fields: Object.entries(fields)
      .filter(([name]) => name !== '_corrupt_record')
      .map(([name, type]) => field(name, type)),
    columns,
    corruptColumn: '_corrupt_record',
    skipHeader: options['header'] === 'true',
    policy,
  }
  const rows = await rowsOf(readCsv(memoryInput(bytes), request, context))
  expect(context.pool.usedBytes).toBe(0)
  return rows
}

const strings = { a: types.string, b: types.string, c: types.string }

test.each<[name: string, text: string, options: Record<string, string>, expected: Value[][]]>([
  [
    'plain',
    'x,y,z\n1,2,3',
    {},
    [
      ['x', 'y', 'z'],
      ['1', '2', '3'],
    ],
  ],
  [
    'CRLF and a last line break',
    'x,y,z\r\n1,2,3\r\n',
    {},
    [
      ['x', 'y', 'z'],
      ['1', '2', '3'],
    ],
  ],
  [
    'CR',
    'x,y,z\r1,2,3\r',
    {},
    [
      ['x', 'y', 'z'],
      ['1', '2', '3'],
    ],
  ],
  ['header', 'x,y,z\n1,2,3\n', { header: 'true' }, [['1', '2', '3']]],
  ['empty is NULL', ',"",\n', {}, [[null, null, null]]],
  ['emptyValue', ',"",-\n', { nullValue: '-' }, [[null, '', null]]],
  ['quotes', '"a,b","c ""d"" e","\\"f\\\\"\n', {}, [['a,b', 'c "d" e', '"f\\']]],
  ['blanks after a quote', '"a"  ,b,c\n', {}, [['a', 'b', 'c']]],
  ['a quote inside', 'a"b,"c"d,e\n', {}, [['a"b', '"c"d', 'e']]],
  ['comments and empty lines', '#x\n\n  \na,b,c\n#y', { comment: '#' }, [['a', 'b', 'c']]],
  ['long separator', 'a||b|c||d', { sep: '||' }, [['a', 'b|c', 'd']]],
  ['tab', 'a\t\tc', { sep: '\\t' }, [['a', null, 'c']]],
  [
    'trimmed',
    ' a , "b " ,  ',
    { ignoreLeadingWhiteSpace: 'true', ignoreTrailingWhiteSpace: 'true' },
    [['a', 'b ', null]],
  ],
  [
    'line breaks in quotes',
    '"a\r\nb",c,"d\n"\ne,f,g',
    { multiLine: 'true' },
    [
      ['a\r\nb', 'c', 'd\n'],
      ['e', 'f', 'g'],
    ],
  ],
  [
    'lineSep',
    'a,b,c|d,e,f',
    { lineSep: '|' },
    [
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ],
  ],
  ['no quote', '"a,b",c', { quote: '' }, [['"a', 'b"', 'c']]],
])('readCsv() %s', async (_name, text, options, expected) => {
  expect(await read(text, strings, options)).toEqual(expected)
})

test('readCsv() reads every type', async () => {
  const schema = {
    a: types.int32,
    b: types.int64,
    c: types.float64,
    d: decimalType(10, 2),
    e: decimalType(30, 5),
    f: types.boolean,
    g: types.date,
    h: types.timestamp,
    i: types.timestampNtz,
    j: types.binary,
    k: types.int8,
  }
  const moments = '2020-01-01T10:00:00.5+02:00,2020-1-1 1:2:3'
  const numbers = '-12,9007199254740993,1.5e3,"1,234.565",123456789012345678901.5'
  const text = `${numbers},TRUE,2020-02-29,${moments},xy,-128
,,,,,,,,,,\n0,-1,-0.1,-0.005,-1,false,1969-12-31,1969-12-31 23:59:59,0001-01-01,,127`
  expect(await read(text, schema)).toEqual([
    [
      -12,
      9007199254740993n,
      1500,
      123457n,
      12345678901234567890150000n,
      true,
      18321,
      1577865600500000n,
      1577840523000000n,
      new Uint8Array([120, 121]),
      -128,
    ],
    [null, null, null, null, null, null, null, null, null, null, null],
    [0, -1n, -0.1, -1n, -100000n, false, -1, -1000000n, -62135596800000000n, null, 127],
  ])
})

test('readCsv() keeps bad rows with NULLs and their text', async () => {
  const schema = { a: types.int32, b: types.string, _corrupt_record: types.string }
  expect(await read('1,x\ntwo,y\n3\n4,z,!\n5,w', schema)).toEqual([
    [1, 'x', null],
    [null, 'y', 'two,y'],
    [3, null, '3'],
    [4, 'z', '4,z,!'],
    [5, 'w', null],
  ])
})

test('readCsv() drops bad rows, or sets them aside', async () => {
  const schema = { a: types.int32, b: types.string }
  expect(await read('1,x\ntwo,y\n3,z', schema, {}, { ...permissive, mode: 'DROPMALFORMED' }, ['b'])).toEqual([
    ['x'],
    ['z'],
  ])
  const letters: unknown[] = []
  const policy = { ...permissive, deadLetter: async (letter: unknown) => void letters.push(letter) }
  expect(await read('1,x\ntwo,y\n3,z', schema, {}, policy)).toEqual([
    [1, 'x'],
    [3, 'z'],
  ])
  expect(letters).toEqual([
    {
      file: 'memory',
      line: undefined,
      byteOffset: 4,
      reason: 'column "a": "two" is no int',
      record: 'two,y',
    },
  ])
})

test('readCsv() fails fast with place and reason', async () => {
  const policy = { ...permissive, mode: 'FAILFAST' } as const
  await expect(read('1,x\ntwo,y', { a: types.int32, b: types.string }, {}, policy)).rejects.toMatchObject({
    code: 'MALFORMED_RECORD',
    message: 'malformed record in "memory", byte 4: column "a": "two" is no int: two,y',
  })
})

test('readCsv() reads dates by pattern', async () => {
  const schema = { a: types.timestamp, b: types.date }
  expect(
    await read('12/1/2010 8:26,01.02.2003', schema, {
      timestampFormat: 'M/d/yyyy H:mm',
      dateFormat: 'dd.MM.yyyy',
    }),
  ).toEqual([[BigInt(Date.UTC(2010, 11, 1, 8, 26)) * 1000n, Date.UTC(2003, 1, 1) / 86_400_000]])
})

test('readCsv() survives unclosed quotes, long lines and invalid UTF-8', async () => {
  const schema = { a: types.string, _corrupt_record: types.string }
  expect(await read('"a\nb\nc', schema, { multiLine: 'true' })).toEqual([
    [null, '"a'],
    ['b', null],
    ['c', null],
  ])
  const long = `a\n${'x'.repeat(1000)}\nb`
  expect((await read(long, schema, { maxLineBytes: '100' })).map(([a]) => a)).toEqual(['a', null, 'b'])
  expect(await read(Buffer.from('a\n\xff\nb', 'latin1'), schema)).toEqual([
    ['a', null],
    [null, '\ufffd'],
    ['b', null],
  ])
})
