import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { fileSystemOf, sourceOf } from '../../../connectors/index.ts'
import type { SourceOptions } from '../../../engine/connect/index.ts'
import { field, type Schema, schemaText, types, type Value } from '../../../engine/types/index.ts'
import { rowsOf, testContext } from '../../engine/formats/csv/read.ts'

const folder = join(tmpdir(), `millrace-text-${randomUUID()}`)
mkdirSync(folder, { recursive: true })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}

interface Result {
  readonly schema: string
  readonly rows: Value[][]
  readonly splits: number
  readonly metrics: Record<string, number>
}

async function load(
  source: string,
  options: SourceOptions,
  declared: Schema | null = null,
  columns: readonly string[] | null = null,
): Promise<Result> {
  const context = { ...testContext(), fileSystem: fileSystemOf }
  const connector = sourceOf(source)
  const { schema } = await connector.describe(options, declared, context)
  const request = {
    options,
    schema,
    columns: columns ?? schema.fields.map(({ name }) => name),
    predicates: [],
  }
  const { splits } = await connector.plan(request, context)
  let rows: Value[][]
  try {
    rows = await rowsOf(connector.read(splits, request, context))
  } finally {
    expect(context.pool.usedBytes).toBe(0)
  }
  return { schema: schemaText(schema), rows, splits: splits.length, metrics: context.metrics }
}

const TABLE = 'id,name,day\n1,Zoë,2020-01-02\n2,"a,b",\n'
const ROWS = [
  [1, 'Zoë', 18263],
  [2, 'a,b', null],
]

test.each<[name: string, content: Uint8Array, options: SourceOptions]>([
  ['plain.csv', Buffer.from(TABLE), {}],
  ['mark.csv', Buffer.from(`\ufeff${TABLE}`), {}],
  ['packed.csv.gz', gzipSync(TABLE), {}],
  ['packed-by-magic.csv', gzipSync(TABLE), {}],
  ['two-members.csv.gz', Buffer.concat([gzipSync(TABLE.slice(0, 20)), gzipSync(TABLE.slice(20))]), {}],
  ['latin1.csv', Buffer.from(TABLE.replaceAll('\n', '\r\n'), 'latin1'), { encoding: 'ISO-8859-1' }],
  ['cp1252.csv', Buffer.from(TABLE, 'latin1'), { encoding: 'windows-1252' }],
  ['utf16le.csv', Buffer.from(`\ufeff${TABLE}`, 'utf16le'), { encoding: 'utf-16' }],
  ['utf16be.csv', Buffer.from(`\ufeff${TABLE}`, 'utf16le').swap16(), {}],
  ['utf16be-plain.csv', Buffer.from(TABLE, 'utf16le').swap16(), { encoding: 'UTF-16BE' }],
])('csvSource reads %s', async (name, content, options) => {
  const path = write(name, content)
  const result = await load('csv', { path, header: 'true', inferSchema: 'true', ...options })
  expect(result.schema).toBe('id int, name string, day date')
  expect(result.rows).toEqual(ROWS)
})

test('csvSource without options gives strings by position', async () => {
  const path = write('bare.csv', 'a,1\nb,2\n')
  expect(await load('csv', { path })).toMatchObject({
    schema: '_c0 string, _c1 string',
    rows: [
      ['a', '1'],
      ['b', '2'],
    ],
  })
})

test('csvSource names empty and doubled headers as Spark does', async () => {
  const path = write('names.csv', 'a,,A,b\n1,2,3,4\n')
  expect((await load('csv', { path, header: 'true' })).schema).toBe(
    'a0 string, _c1 string, A2 string, b string',
  )
})

test('csvSource reads folders: partitions, a header in each file, a glob filter', async () => {
  write('parts/c=FR/x.csv', 'a\n1\n')
  write('parts/c=DE/y.csv', 'a\n2\n')
  write('parts/c=DE/z.txt', 'a\n3\n')
  const result = await load('csv', { path: join(folder, 'parts'), header: 'true', pathGlobFilter: '*.csv' })
  expect(result.rows).toEqual([
    ['2', 'DE'],
    ['1', 'FR'],
  ])
  const flat = await load('csv', { path: join(folder, 'parts'), header: 'true', recursiveFileLookup: 'true' })
  expect(flat.rows).toEqual([['2'], ['3'], ['1']])
})

test.each(['\n', '\r\n', '\r'])(
  'csvSource gives every line once from many splits, line break %j',
  async (lineBreak) => {
    const count = 120_000
    const line = (index: number): string => `${index},${'x'.repeat(index % 400)}`
    const path = write('big.csv', Array.from({ length: count }, (_, index) => line(index)).join(lineBreak))
    const { rows, splits } = await load('csv', { path, inferSchema: 'true' }, null, ['_c0'])
    expect(splits).toBeGreaterThan(1)
    expect(rows.length).toBe(count)
    expect(rows.every(([id], index) => id === index)).toBe(true)
  },
  60_000,
)

test('csvSource writes dead letters with line, offset and reason', async () => {
  const path = write('dirty.csv', 'id,name\n1,x\ntwo,y\n\n3,z\n4\n')
  const letters = join(folder, 'letters')
  const declared = {
    fields: [
      { name: 'id', type: { kind: 'int32' }, nullable: true },
      { name: 'name', type: { kind: 'string' }, nullable: true },
    ],
  } as const
  const { rows, metrics } = await load('csv', { path, header: 'true', deadLetterPath: letters }, declared)
  expect(rows).toEqual([
    [1, 'x'],
    [3, 'z'],
  ])
  expect(metrics).toMatchObject({ goodRows: 2, badRows: 2, bytesRead: 25 })
  const [file] = readdirSync(letters)
  const written = readFileSync(join(letters, file!), 'utf8')
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as unknown)
  expect(written).toEqual([
    { file: path, line: 3, byteOffset: 12, reason: 'column "id": "two" is no int', record: 'two,y' },
    {
      file: path,
      line: 6,
      byteOffset: 23,
      reason: 'fewer fields than the 2 columns of the schema',
      record: '4',
    },
  ])
  await expect(load('csv', { path, header: 'true', mode: 'failfast' }, declared)).rejects.toMatchObject({
    code: 'MALFORMED_RECORD',
    position: { file: path, line: 3, offset: 12 },
  })
})

test('csvSource checks headers with enforceSchema false', async () => {
  const path = write('header.csv', 'id,nome\n1,x\n')
  const strings = { fields: ['id', 'name'].map((name) => field(name, types.string)) }
  expect((await load('csv', { path, header: 'true' }, strings)).rows).toEqual([['1', 'x']])
  await expect(load('csv', { path, header: 'true', enforceSchema: 'false' }, strings)).rejects.toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: `the header of "${path}" names column 2 "nome", not "name"`,
  })
})

test('csvSource gives strings with few distinct values as a dictionary', async () => {
  const count = 20_000
  const path = write(
    'few.csv',
    Array.from({ length: count }, (_, i) => `${i},${['x', '', 'é'][i % 3]}\n`).join(''),
  )
  const { rows } = await load('csv', { path })
  expect(rows).toEqual(Array.from({ length: count }, (_, i) => [String(i), ['x', null, 'é'][i % 3]]))
})

test.each([0.2, 0.6, 0.99])('a gzip file cut off at %d of its length is corrupt', async (share) => {
  const bytes = gzipSync(
    Array.from({ length: 200_000 }, (_, index) => `${index},${Math.sin(index)}\n`).join(''),
  )
  const path = write('cut.csv.gz', bytes.subarray(0, Math.floor(bytes.length * share)))
  await expect(load('csv', { path })).rejects.toMatchObject({
    code: 'CORRUPT_FILE',
    position: { file: path },
  })
})

test('a damaged gzip file is corrupt', async () => {
  const bytes = gzipSync(
    Array.from({ length: 200_000 }, (_, index) => `${index},${Math.sin(index)}\n`).join(''),
  )
  bytes.fill(0xaa, 5000, 5100)
  await expect(load('csv', { path: write('bad.csv.gz', bytes) })).rejects.toMatchObject({
    code: 'CORRUPT_FILE',
  })
})

test.each([
  [{ sepp: ',' }, 'CONFIG_INVALID', 'Did you mean "sep"?'],
  [{ mode: 'LOUD' }, 'CONFIG_INVALID', 'Give PERMISSIVE, DROPMALFORMED or FAILFAST.'],
  [{ encoding: 'ebcdic' }, 'CONFIG_INVALID', undefined],
  [{ dateFormat: 'jj' }, 'CONFIG_INVALID', undefined],
])('csvSource refuses %o', async (options, code, hint) => {
  const path = write('plain.csv', TABLE)
  await expect(load('csv', { path, ...options })).rejects.toMatchObject({
    code,
    ...(hint === undefined ? {} : { hint }),
  })
})

test('jsonSource infers and reads lines and gzip', async () => {
  const text = '{"b":{"y":1},"a":[1,2]}\n{"b":{"x":"z"},"a":null}\n'
  for (const path of [write('x.json', text), write('x.json.gz', gzipSync(text))]) {
    const { schema, rows } = await load('json', { path })
    expect(schema).toBe('a array<bigint>, b struct<x:string,y:bigint>')
    expect(rows).toEqual([
      [
        [1n, 2n],
        [null, 1n],
      ],
      [null, ['z', null]],
    ])
  }
})

test('textSource reads lines and whole files', async () => {
  const path = write('some.txt', 'a\r\n\r\nb,"c\n')
  expect((await load('text', { path })).rows).toEqual([['a'], [''], ['b,"c']])
  expect((await load('text', { path, wholetext: 'true' })).rows).toEqual([['a\r\n\r\nb,"c\n']])
})

test('sources read over http, by ranges and as a stream', async () => {
  const big = Buffer.from(
    `id,name\n${Array.from({ length: 100_000 }, (_, index) => `${index},n${index}`).join('\n')}`,
  )
  const server = createServer((incoming, response) => {
    const body = incoming.url === '/big.csv' ? big : incoming.url === '/p.csv.gz' ? gzipSync(TABLE) : null
    if (body === null) return void response.writeHead(404).end()
    const range = /bytes=(\d+)-(\d*)/.exec(incoming.headers.range ?? '')
    const start = Number(range?.[1] ?? 0)
    const end = range?.[2] ? Math.min(body.length, Number(range[2]) + 1) : body.length
    response.writeHead(range === null ? 200 : 206, { 'content-length': end - start })
    response.end(incoming.method === 'HEAD' ? undefined : body.subarray(start, end))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const { rows } = await load('csv', { path: `${base}/big.csv`, header: 'true', inferSchema: 'true' })
    expect([rows.length, rows.at(-1)]).toEqual([100_000, [99_999, 'n99999']])
    expect(
      (await load('csv', { path: `${base}/p.csv.gz`, header: 'true', inferSchema: 'true' })).rows,
    ).toEqual(ROWS)
    await expect(load('csv', { path: `${base}/none.csv` })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  } finally {
    server.closeAllConnections()
    server.close()
  }
  await expect(load('csv', { path: `${base}/big.csv` })).rejects.toMatchObject({ code: 'IO_ERROR' })
})
