import { expect, test } from 'vitest'
import { JsonScanner } from '../../../engine/formats/json/json-scanner.ts'
import { JSON_OPTIONS, jsonOptions } from '../../../engine/formats/json/options.ts'
import { OptionReader } from '../../../engine/formats/text/index.ts'
import { timeZone } from '../../../engine/functions/index.ts'
import { JSON_CONTROL, scanJson } from '../../../engine/kernels/index.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { field, types } from '../../../engine/types/index.ts'
import { scanJsonTwin } from './twins/json.ts'
import { randomFrom } from './twins/random.ts'

const pool = MemoryPool.create({ limitBytes: 64 << 20, startBytes: 2 ** 31, poison: true })
const options = jsonOptions(new OptionReader({}, JSON_OPTIONS, 'json'))
const WANTED = ['id', 'name', 'a name of more than sixteen bytes', 'on']

/** Lines of ASCII, so that places in the text and in its bytes are the same. */
function randomLines(random: () => number): string {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!
  const names = [...WANTED, 'x', 'an unwanted name of more than sixteen bytes', '', 'id2', 'i']
  const strings = ['', 'a', 'sixteen bytes ..', 'fifteen bytes .', 'longer than sixteen bytes', '{', ',', ':']
  const escapes = ['\\n', '\\"', '\\\\', '\\u00e9', '\\ud83d\\ude00', '\\/']
  const numbers = [
    '0',
    '-0',
    '12',
    '-3.25',
    '1e5',
    '1E+05',
    '0.1e-3',
    '1234567890123456',
    '12345678901234567.5',
  ]
  const wrong = [
    '01',
    '1.',
    '.5',
    '-',
    '+1',
    '1e',
    'tru',
    'nul',
    'NaN',
    "'a'",
    '',
    '"\\x"',
    '"\\u12g4"',
    '"\t"',
  ]
  const part = (): string => pick(random() < 0.9 ? strings : escapes)
  const string = (): string => `"${Array.from({ length: Math.floor(random() * 4) }, part).join('')}"`
  const blank = (): string =>
    random() < 0.9 ? '' : pick([' ', '\t', '  ', '\r', ' \t \t \t \t \t \t \t \t'])
  const value = (depth: number): string => {
    const kind = random()
    if (kind < 0.3) return string()
    if (kind < 0.6) return pick(numbers)
    if (kind < 0.8) return pick(['true', 'false', 'null'])
    if (kind < 0.805) return pick(wrong)
    if (depth > 3) return '0'
    const count = Math.floor(random() * 3)
    if (kind < 0.9)
      return `[${Array.from({ length: count }, () => blank() + value(depth + 1) + blank()).join(',')}]`
    return object(
      Array.from({ length: count }, () => pick(names)),
      depth + 1,
    )
  }
  const member = (name: string): string => `${blank()}"${name}"${blank()}:`
  const object = (members: readonly string[], depth: number): string =>
    `{${members.map((name) => member(name) + blank() + value(depth) + blank()).join(',')}}`
  const order = names.filter(() => random() < 0.7)
  const line = (): string => {
    const kind = random()
    if (kind < 0.03) return pick(['', ' ', '\r', '\t '])
    if (kind < 0.035) return pick(['[]', '{', '{}x', '{"id":1,}', '{,}', '1', '{"i\\u0064":1}', '{"id" 1}'])
    const members = kind < 0.8 ? order : names.filter(() => random() < 0.5)
    return blank() + object(kind < 0.99 ? members : [...members, pick(names)], 1) + blank()
  }
  return Array.from({ length: Math.floor(random() * 30) }, () => line() + pick(['\n', '\n', '\r\n'])).join('')
}

const deep = (depth: number): string => `{"id":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}\n`

test('scanJson() finds what a plain scanner finds', () => {
  const seed = Number(process.env['SEED'] ?? 3)
  const random = randomFrom(seed)
  const known = [deep(500), deep(501), `{"id":1}\n{"id":2`, '\n\n', '{"id":1}\n', '']
  let rows = 0
  for (let round = 0; round < 2000; round++) {
    const text = known[round] ?? randomLines(random)
    const label = `seed ${seed}, round ${round}: ${JSON.stringify(text)}`
    const maxRows = random() < 0.2 ? 3 : 1000
    const found = scan(text, maxRows)
    expect(found, label).toEqual(scanJsonTwin(text, WANTED).slice(0, maxRows))
    rows += found.length
  }
  expect(rows).toBeGreaterThan(5000)
  expect(pool.usedBytes).toBe(0)
})

test('names that found no slot are stepped over', () => {
  const names = Array.from({ length: 1000 }, (_, index) => `a name that nobody wants ${index % 300}`)
  const text = names.map((name, index) => `{"${name}":"x","id":${index}}\n`).join('')
  expect(scan(text, 1000)).toEqual(scanJsonTwin(text, WANTED))
})

/** Places of the records that the kernel finds, with text on both sides of them. */
function scan(text: string, maxRows: number): unknown[] {
  const region = pool.createRegion()
  const fields = WANTED.map((name) => field(name, types.string))
  const scanner = new JsonScanner({ fields, options, zone: timeZone('UTC'), region, tables: region })
  const { table, control } = scanner
  const before = '"]}\n'
  const source = Buffer.from(`${before}${text}"}\n\n`)
  const bytes = region.uint8(source.length)
  bytes.set(source)
  const end = before.length + text.length
  scanJson(pool, bytes, before.length, end, control, Math.min(maxRows, table.maxRows))
  const { cells, bases, rowStarts, rowEnds } = table
  const rows = Array.from({ length: control[JSON_CONTROL.rowCount]! }, (_, row) => ({
    start: rowStarts[row]! - before.length,
    end: rowEnds[row]! - before.length,
    fields: WANTED.map((_name, column) => {
      const cell = bases[column]! + 2 * row
      const start = cells[cell]!
      return start < 0 ? [-1, 0] : [start - before.length, cells[cell + 1]! - 4 * before.length]
    }),
  }))
  region.free()
  return rows
}
