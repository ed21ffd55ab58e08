import type { SourceContext } from '../../connect/index.ts'
import { EngineError } from '../../errors.ts'
import { DatetimeParts, parseIso } from '../../functions/index.ts'
import { type DataType, type Field, field, types } from '../../types/index.ts'
import type { ByteInput } from '../text/byte-input.ts'
import { isNullField } from '../text/field-column.ts'
import { isWord } from '../text/field-readers.ts'
import { type FieldTable, fieldTable, SHAPE_TOO_MANY } from '../text/field-table.ts'
import { parseDouble, parseInt64, parseSmallInteger } from '../text/parse-number.ts'
import { TextWindow } from '../text/text-window.ts'
import { columnNames, firstTexts } from './column-names.ts'
import { CsvScanner } from './csv-scanner.ts'
import { type CsvOptions, nullText } from './options.ts'

/** What the schema of a CSV file is inferred from. */
export interface CsvInference {
  readonly options: CsvOptions
  /** Types too; else all columns are strings. */
  readonly inferTypes: boolean
  readonly sampleRows: number
  /** Of the sampled rows every so-manieth is looked at. */
  readonly sampleStep: number
}

/** The columns of a CSV input by its header and first records; null if it has no record. Closes the input. */
export async function inferCsv(
  input: ByteInput,
  inference: CsvInference,
  context: SourceContext,
): Promise<readonly Field[] | null> {
  const { options } = inference
  const region = context.createRegion()
  const window = new TextWindow(input, () => context.createRegion(), options.maxLineBytes)
  try {
    const scanner = new CsvScanner(options.dialect, region)
    const scan = async (table: FieldTable): Promise<boolean> => {
      for (;;) {
        const { start } = window
        window.start = scanner.scan(window.bytes, start, window.end, window.atEnd, table, table.maxRows)
        if (table.rowCount > 0) return true
        if (window.atEnd || (window.isFull && window.start === start)) return false
        await window.fill()
      }
    }
    const first = fieldTable(options.maxColumns, 1, region)
    if (!(await scan(first))) return null
    if (first.shapes[0] === SHAPE_TOO_MANY)
      throw new EngineError(
        'MALFORMED_RECORD',
        `"${input.file}" has more than ${options.maxColumns} columns`,
        {
          position: { file: input.file },
          hint: 'Set option maxColumns higher, or check the separator.',
        },
      )
    const names = columnNames(firstTexts(window.bytes, first, options), options.header)
    if (!inference.inferTypes) return names.map((name) => field(name, types.string))
    const table = fieldTable(names.length, inference.sampleRows, region)
    const kinds = names.map((): Kind => 'null')
    if (!options.header) widenKinds(kinds, window.bytes, { ...first, columnCount: names.length }, inference)
    for (let rows = 0; rows < inference.sampleRows && (await scan(table)); rows += table.rowCount)
      widenKinds(kinds, window.bytes, table, inference)
    return names.map((name, index) => field(name, TYPE_OF_KIND[kinds[index]!]))
  } finally {
    window.free()
    region.free()
    await input.close()
  }
}

type Kind = 'null' | 'int' | 'bigint' | 'double' | 'date' | 'timestamp' | 'boolean' | 'string'

const TYPE_OF_KIND: Readonly<Record<Kind, DataType>> = {
  null: types.string,
  int: types.int32,
  bigint: types.int64,
  double: types.float64,
  date: types.date,
  timestamp: types.timestamp,
  boolean: types.boolean,
  string: types.string,
}

const NUMBERS: readonly Kind[] = ['int', 'bigint', 'double']

/** The kind that holds the values of both. */
function wider(a: Kind, b: Kind): Kind {
  if (a === b || b === 'null') return a
  if (a === 'null') return b
  if (NUMBERS.includes(a) && NUMBERS.includes(b))
    return NUMBERS[Math.max(NUMBERS.indexOf(a), NUMBERS.indexOf(b))]!
  if ((a === 'date' && b === 'timestamp') || (a === 'timestamp' && b === 'date')) return 'timestamp'
  return 'string'
}

function widenKinds(
  kinds: Kind[],
  bytes: Uint8Array,
  table: FieldTable,
  { options, sampleStep }: CsvInference,
): void {
  const nulls = nullText(options)
  const { cells, bases, columnCount, rowCount } = table
  for (let row = 0; row < rowCount; row += sampleStep) {
    for (let column = 0; column < columnCount; column++) {
      const cell = bases[column]! + 2 * row
      const start = cells[cell]!
      const packedEnd = cells[cell + 1]!
      if (kinds[column] === 'string' || isNullField(bytes, start, packedEnd, nulls)) continue
      kinds[column] = wider(kinds[column]!, kindOf(bytes, start, packedEnd >> 2, options))
    }
  }
}

const scratch = new DatetimeParts()
const TRUE = new TextEncoder().encode('true')
const FALSE = new TextEncoder().encode('false')

function kindOf(bytes: Uint8Array, start: number, end: number, options: CsvOptions): Kind {
  const small = parseSmallInteger(bytes, start, end)
  if (small >= -2_147_483_648 && small <= 2_147_483_647) return 'int'
  if (!Number.isNaN(small) || parseInt64(bytes, start, end) !== null) return 'bigint'
  if (!Number.isNaN(parseDouble(bytes, start, end))) return 'double'
  const { dateFormat, timestampFormat } = options
  if (dateFormat === null ? isIsoDay(bytes, start, end) : dateFormat.parseBytes(bytes, start, end, scratch))
    return 'date'
  if (timestampFormat !== null) {
    if (timestampFormat.parseBytes(bytes, start, end, scratch)) return 'timestamp'
  } else if (end - start > 10 && parseIso(bytes, start, end, scratch)) return 'timestamp'
  return isWord(bytes, start, end, TRUE) || isWord(bytes, start, end, FALSE) ? 'boolean' : 'string'
}

/** A day and nothing else: a text with a time is a timestamp. */
function isIsoDay(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start <= 10 && end - start >= 8 && parseIso(bytes, start, end, scratch)
}
