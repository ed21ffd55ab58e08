import { expect, test } from 'vitest'
import { CsvScanner } from '../../../engine/formats/csv/csv-scanner.ts'
import type { CsvDialect } from '../../../engine/formats/csv/options.ts'
import { RowScanner } from '../../../engine/formats/csv/scan-rows.ts'
import { fieldTable } from '../../../engine/formats/text/field-table.ts'
import { CSV_CONTROL, scanCsv } from '../../../engine/kernels/index.ts'
import { MemoryPool, type Region } from '../../../engine/memory/index.ts'
import { scanCsvTwin } from './twins/csv.ts'
import { randomFrom } from './twins/random.ts'

const pool = MemoryPool.create({ limitBytes: 64 << 20, startBytes: 2 ** 31, poison: true })
const COLUMNS = 4
const ROWS = 400

const plain: CsvDialect = {
  separator: Uint8Array.of(44),
  quote: 34,
  escape: 92,
  comment: -1,
  lineBreak: -1,
  multiLine: false,
  trimLeft: false,
  trimRight: false,
}

const dialects: readonly (readonly [string, CsvDialect])[] = [
  ['usual', plain],
  ['fields over lines', { ...plain, multiLine: true }],
  ['doubled quotes only', { ...plain, escape: 34, multiLine: true }],
  ['no quotes', { ...plain, quote: -1, escape: -1 }],
  ['comments', { ...plain, comment: 35 }],
  ['lines end with LF', { ...plain, lineBreak: 10, multiLine: true }],
  ['tabs', { ...plain, separator: Uint8Array.of(9) }],
]

/** Text with quotes and escapes here and there; mostly records that a kernel takes. */
function randomText(random: () => number, separator: string): string {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!
  const words = [
    '',
    'a',
    'bcd',
    ' x ',
    'a longer text that fills more than sixteen bytes',
    '12.5',
    'é😀',
    '#',
    '\\',
  ]
  const inQuotes = [
    '',
    'a',
    separator,
    '""',
    '\\"',
    '\\\\',
    '\\',
    'a,b',
    '\n',
    '\r\n',
    ' ',
    'sixteen and more bytes',
  ]
  const quoted = (): string =>
    `"${Array.from({ length: Math.floor(random() * 4) }, () => pick(inQuotes)).join('')}"`
  const field = (): string => {
    const kind = random()
    if (kind < 0.6) return pick(words)
    return kind < 0.98 ? quoted() : pick(['"', '"a', 'a"b', '"a"b', '"a" ', '"\\'])
  }
  const line = (): string => {
    const kind = random()
    if (kind < 0.03) return pick(['', ' ', '\t \t', '# note, "x', '\r'])
    const count = kind < 0.1 ? Math.floor(random() * 7) : COLUMNS
    return Array.from({ length: count }, field).join(separator)
  }
  return Array.from(
    { length: Math.floor(random() * 40) },
    () => line() + pick(['\n', '\n', '\r\n', '\r']),
  ).join('')
}

test.each(dialects)('scanCsv() and CsvScanner see what plain scanners see: %s', (_name, dialect) => {
  const seed = Number(process.env['SEED'] ?? 7)
  const random = randomFrom(seed)
  for (let round = 0; round < 300; round++) {
    const region = pool.createRegion()
    const source = Buffer.from(randomText(random, String.fromCharCode(dialect.separator[0]!)))
    const text = region.uint8(source.length)
    text.set(source)
    const label = `seed ${seed}, round ${round}: ${JSON.stringify(source.toString())}`
    const table = fieldTable(COLUMNS, ROWS, region)
    const control = controlOf(dialect, table, region)
    const maxRows = random() < 0.2 ? 3 : ROWS
    scanCsv(pool, text, 0, text.length, control, maxRows)
    table.rowCount = control[CSV_CONTROL.rowCount]!
    const known = scanCsvTwin(text, dialect, COLUMNS).filter(({ shape }) => shape >= 0)
    expect(rowsOf(table), label).toEqual(known.slice(0, maxRows))

    const scanner = new CsvScanner(dialect, region)
    const fast = allRows(text, maxRows, table, (from) =>
      scanner.scan(text, from, text.length, true, table, maxRows),
    )
    const slow = new RowScanner(dialect)
    const scanned = allRows(text, maxRows, table, (from) => {
      Object.assign(table, { rowCount: 0, badShapes: 0 })
      return slow.scan(text, from, text.length, true, table, maxRows)
    })
    expect(fast, label).toEqual(scanned)
    region.free()
  }
})

type Table = ReturnType<typeof fieldTable>

function controlOf(dialect: CsvDialect, table: Table, region: Region): Int32Array {
  const control = region.int32(CSV_CONTROL.length).fill(0)
  const addresses = region.int32(COLUMNS)
  for (let i = 0; i < COLUMNS; i++) addresses[i] = table.cells.byteOffset + 4 * table.bases[i]!
  control[CSV_CONTROL.separator] = dialect.separator[0]!
  control[CSV_CONTROL.quote] = dialect.quote
  control[CSV_CONTROL.escape] = dialect.escape
  control[CSV_CONTROL.comment] = dialect.comment
  control[CSV_CONTROL.lineBreak] = dialect.lineBreak
  control[CSV_CONTROL.multiLine] = dialect.multiLine ? 1 : 0
  control[CSV_CONTROL.columnCount] = COLUMNS
  control[CSV_CONTROL.cells] = addresses.byteOffset
  control[CSV_CONTROL.rowStarts] = table.rowStarts.byteOffset
  control[CSV_CONTROL.rowEnds] = table.rowEnds.byteOffset
  control[CSV_CONTROL.shapes] = table.shapes.byteOffset
  return control
}

/** Rows and faults of a whole text, scanned a table at a time. */
function allRows(text: Uint8Array, maxRows: number, table: Table, scan: (from: number) => number): unknown {
  const rows: unknown[] = []
  let badShapes = 0
  for (let at = 0; at < text.length; ) {
    at = scan(at)
    expect(table.rowCount).toBeLessThanOrEqual(maxRows)
    rows.push(...rowsOf(table))
    badShapes += table.badShapes
  }
  return { rows, badShapes }
}

function rowsOf({ cells, bases, rowStarts, rowEnds, shapes, rowCount }: Table): unknown[] {
  return Array.from({ length: rowCount }, (_, row) => ({
    start: rowStarts[row]!,
    end: rowEnds[row]!,
    shape: shapes[row]!,
    fields: Array.from({ length: COLUMNS }, (_, column) => {
      const cell = bases[column]! + 2 * row
      return cells[cell]! < 0 ? [-1, 0] : [cells[cell]!, cells[cell + 1]!]
    }),
  }))
}
