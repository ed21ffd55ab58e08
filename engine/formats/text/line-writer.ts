import type { RecordBatch, Vector } from '../../batch/index.ts'
import { CELL_BYTES, putRows, ROWS_COLUMN, ROWS_CONTROL, ROWS_STYLE } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import { type LineValues, layValues } from './line-columns.ts'

/** How the lines of a format look. Separator, quote, escape and line end are bytes. */
export interface LineFormat {
  readonly start: string
  readonly end: string
  readonly separator: number
  readonly quote: number
  readonly escape: number
  /** A byte that needs quotes in a string, besides separator, quote, LF and CR. */
  readonly lineEnd: number
  /** What stands for an empty string. */
  readonly empty: string
}

/** How a column looks. */
export interface LineColumn {
  /** Separator and name; the first value of a line goes without the separator, a byte. */
  readonly prefix: string
  /** What stands for NULL; null: the value is left out. */
  readonly nullText: string | null
  readonly style: keyof typeof ROWS_STYLE
  readonly values: LineValues
}

const LEAST_BYTES = 64 << 10
const MOST_BYTES = 2 << 20

/**
 * The rows of a batch as lines, by kernels, in pieces of up to 2 MiB (or one line). A piece is valid until
 * the next is asked for; `region` holds what is needed meanwhile.
 */
export function* writeLines(
  format: LineFormat,
  columns: readonly LineColumn[],
  batch: RecordBatch,
  region: Region,
): Iterable<Uint8Array> {
  const { rowCount } = batch
  const texts = new Texts(region)
  const words = region.int32(ROWS_COLUMN.words * columns.length).fill(0)
  for (const [index, column] of columns.entries()) {
    const from = ROWS_COLUMN.words * index
    layColumn(words.subarray(from, from + ROWS_COLUMN.words), column, batch.columns[index]!, texts, region)
  }
  const control = controlOf(format, columns, words, texts, region)
  let capacity = Math.max(LEAST_BYTES, Math.min(MOST_BYTES, rowCount * control[ROWS_CONTROL.rowBytes]!))
  let out = region.allocateGrowing(capacity)
  try {
    for (let row = 0; row < rowCount; ) {
      control[ROWS_CONTROL.out] = out
      control[ROWS_CONTROL.outEnd] = out + capacity
      const next = putRows(region.pool, control, row, rowCount)
      if (next > row) yield new Uint8Array(region.pool.buffer, out, control[ROWS_CONTROL.written]!)
      else {
        region.giveBack(out)
        capacity *= 2
        out = region.allocateGrowing(capacity)
      }
      row = next
    }
  } finally {
    region.giveBack(out)
  }
}

function controlOf(
  format: LineFormat,
  columns: readonly LineColumn[],
  words: Int32Array,
  texts: Texts,
  region: Region,
): Int32Array {
  const control = region.int32(ROWS_CONTROL.length).fill(0)
  control[ROWS_CONTROL.columns] = words.byteOffset
  control[ROWS_CONTROL.columnCount] = columns.length
  texts.put(control, ROWS_CONTROL.rowStart, format.start)
  texts.put(control, ROWS_CONTROL.rowEnd, format.end)
  texts.put(control, ROWS_CONTROL.empty, format.empty)
  control[ROWS_CONTROL.separator] = format.separator
  control[ROWS_CONTROL.quote] = format.quote
  control[ROWS_CONTROL.escape] = format.escape
  control[ROWS_CONTROL.lineEnd] = format.lineEnd
  // Behind each column stand its prefix and either a value, NULL's text or that of an empty string.
  const empty = control[ROWS_CONTROL.empty + 1]!
  let rowBytes = control[ROWS_CONTROL.rowStart + 1]! + control[ROWS_CONTROL.rowEnd + 1]! + CELL_BYTES
  for (let at = 0; at < words.length; at += ROWS_COLUMN.words)
    rowBytes +=
      CELL_BYTES +
      empty +
      words[at + ROWS_COLUMN.prefix + 1]! +
      Math.max(0, words[at + ROWS_COLUMN.nullText + 1]!)
  control[ROWS_CONTROL.rowBytes] = rowBytes
  return control
}

function layColumn(
  words: Int32Array,
  column: LineColumn,
  vector: Vector,
  texts: Texts,
  region: Region,
): void {
  texts.put(words, ROWS_COLUMN.prefix, column.prefix)
  texts.put(words, ROWS_COLUMN.nullText, column.nullText ?? '')
  if (column.nullText === null) words[ROWS_COLUMN.nullText + 1] = -1
  words[ROWS_COLUMN.style] = ROWS_STYLE[column.style]
  words[ROWS_COLUMN.validity] = vector.validity?.byteOffset ?? 0
  switch (vector.encoding) {
    case 'dictionary':
      words[ROWS_COLUMN.codes] = vector.codes.byteOffset
      return layValues(words, vector.dictionary, column.values, region)
    case 'constant':
      words[ROWS_COLUMN.codes] = region.int32(vector.length).fill(0).byteOffset
      return layValues(words, vector.value, column.values, region)
    default:
      return layValues(words, vector, column.values, region)
  }
}

/** Short texts in the arena, where kernels find them. */
class Texts {
  readonly #region: Region

  constructor(region: Region) {
    this.#region = region
  }

  /** Address and length to words `at` and `at + 1`. */
  put(words: Int32Array, at: number, text: string): void {
    const bytes = Buffer.from(text)
    const place = this.#region.uint8(bytes.length)
    place.set(bytes)
    words[at] = place.byteOffset
    words[at + 1] = bytes.length
  }
}
