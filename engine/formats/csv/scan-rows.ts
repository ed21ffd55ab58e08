import {
  clearRow,
  ESCAPED,
  type FieldTable,
  QUOTED,
  SHAPE_OK,
  SHAPE_TOO_FEW,
  SHAPE_TOO_MANY,
  SHAPE_UNCLOSED,
} from '../text/field-table.ts'
import type { CsvDialect } from './options.ts'

const LF = 10
const CR = 13

/** Unclosed quotes after which line breaks end records even in quotes. */
const MAX_RUNAWAYS = 16

/** Scans records of one dialect. One object a reader; it holds what is known between fields. */
export class RowScanner {
  readonly #separator: Uint8Array
  readonly #sep: number
  readonly #sepLength: number
  readonly #quote: number
  readonly #escape: number
  readonly #comment: number
  readonly #lineBreak: number
  #multiLine: boolean
  #runaways = 0
  readonly #trimLeft: boolean
  readonly #trimRight: boolean
  readonly #maxStop: number
  /** Of the quoted field scanned last: where its text starts and ends, with flags. */
  #start = 0
  #end = 0
  #unclosed = false

  constructor(dialect: CsvDialect) {
    this.#separator = dialect.separator
    this.#sep = dialect.separator[0]!
    this.#sepLength = dialect.separator.length
    this.#quote = dialect.quote
    this.#escape = dialect.escape
    this.#comment = dialect.comment
    this.#lineBreak = dialect.lineBreak
    this.#multiLine = dialect.multiLine
    this.#trimLeft = dialect.trimLeft
    this.#trimRight = dialect.trimRight
    this.#maxStop = Math.max(this.#sep, this.#lineBreak, CR)
  }

  /** Whether fields in quotes may hold line breaks, still. */
  get multiLine(): boolean {
    return this.#multiLine
  }

  /**
   * Adds records from `from` on to `out` until it has `maxRows` or `end` comes. Gives where the first record
   * begins that was not scanned; one that is cut off by `end` waits for more bytes unless `atEnd`.
   */
  scan(
    bytes: Uint8Array,
    from: number,
    end: number,
    atEnd: boolean,
    out: FieldTable,
    maxRows: number,
  ): number {
    const { rowStarts, rowEnds } = out
    let pos = from
    let row = out.rowCount
    while (row < maxRows && pos < end) {
      const first = bytes[pos]!
      if (first <= 32 || first === this.#comment) {
        const next = this.#skipLine(bytes, pos, end, atEnd)
        if (next < 0) break
        if (next > pos) {
          pos = next
          continue
        }
      }
      let rowEnd = this.#scanRow(bytes, pos, end, atEnd, row, out)
      if (rowEnd < 0) break
      if (this.#multiLine && out.shapes[row] === SHAPE_UNCLOSED) {
        this.noteRunaway()
        rowEnd = this.lineEnd(bytes, pos, end)
        clearRow(out, row)
      }
      const next = this.#afterBreak(bytes, rowEnd, end, atEnd)
      if (next < 0) break
      rowStarts[row] = pos
      rowEnds[row] = rowEnd
      if (out.shapes[row] !== SHAPE_OK) out.badShapes++
      row++
      pos = next
    }
    out.rowCount = row
    return pos
  }

  /**
   * A quote that is never closed would swallow the rest of the file: only its first line is given up, and
   * after some
   * of these line breaks end records even in quotes, so that a hostile file costs no more than a few
   * readings.
   */
  noteRunaway(): void {
    if (++this.#runaways >= MAX_RUNAWAYS) this.#multiLine = false
  }

  /** Where the line at `pos` ends, before its line break; `end` if it has none. */
  lineEnd(bytes: Uint8Array, pos: number, end: number): number {
    let at = pos
    while (at < end && !this.#isBreak(bytes[at]!)) at++
    return at
  }

  /** Behind the line break at `pos`; -1 if it cannot be told without more bytes. */
  #afterBreak(bytes: Uint8Array, pos: number, end: number, atEnd: boolean): number {
    if (pos >= end) return pos
    if (this.#lineBreak >= 0 || bytes[pos] === LF) return pos + 1
    if (pos + 1 >= end) return atEnd ? pos + 1 : -1
    return bytes[pos + 1] === LF ? pos + 2 : pos + 1
  }

  #isBreak(byte: number): boolean {
    return this.#lineBreak >= 0 ? byte === this.#lineBreak : byte === LF || byte === CR
  }

  /** Behind a line of blanks or a comment; `pos` if the line is neither; -1 without more bytes. */
  #skipLine(bytes: Uint8Array, pos: number, end: number, atEnd: boolean): number {
    const isComment = bytes[pos] === this.#comment
    let at = pos
    while (at < end && !this.#isBreak(bytes[at]!)) {
      if (!isComment && bytes[at]! > 32) return pos
      at++
    }
    if (at >= end) return atEnd ? end : -1
    return this.#afterBreak(bytes, at, end, atEnd)
  }

  /** Where the record ends, before its line break; -1 if it is cut off. */
  #scanRow(
    bytes: Uint8Array,
    from: number,
    end: number,
    atEnd: boolean,
    row: number,
    out: FieldTable,
  ): number {
    const { columnCount, cells, bases } = out
    const sep = this.#sep
    const quote = this.#quote
    const maxStop = this.#maxStop
    const single = this.#sepLength === 1
    const lineBreak = this.#lineBreak
    const trims = this.#trimLeft || this.#trimRight
    let column = 0
    let pos = from
    let shape = SHAPE_OK
    for (;;) {
      const begin = trims && this.#trimLeft ? this.#skipBlanks(bytes, pos, end) : pos
      let fieldStart = begin
      let fieldEnd: number
      if (begin < end && bytes[begin] === quote) {
        pos = this.#scanQuoted(bytes, begin, end, atEnd)
        if (pos < 0) return -1
        if (this.#unclosed) shape = SHAPE_UNCLOSED
        fieldStart = this.#start
        fieldEnd = this.#end
      } else {
        pos = begin
        while (pos < end) {
          const byte = bytes[pos]!
          if (byte <= maxStop) {
            if (byte === sep) {
              if (single || this.#isSeparator(bytes, pos, end)) break
            } else if (lineBreak < 0 ? byte === LF || byte === CR : byte === lineBreak) break
          }
          pos++
        }
        fieldEnd = pos << 2
        if (trims && this.#trimRight) fieldEnd = this.#trimEnd(bytes, begin, pos) << 2
      }
      if (column < columnCount) {
        const cell = bases[column]! + 2 * row
        cells[cell] = fieldStart
        cells[cell + 1] = fieldEnd
      }
      column++
      if (pos >= end) {
        if (!atEnd) return -1
        break
      }
      if (bytes[pos] !== sep || !(single || this.#isSeparator(bytes, pos, end))) break
      pos += this.#sepLength
    }
    if (column !== columnCount && shape === SHAPE_OK)
      shape = column < columnCount ? SHAPE_TOO_FEW : SHAPE_TOO_MANY
    for (; column < columnCount; column++) cells[bases[column]! + 2 * row] = -1
    out.shapes[row] = shape
    return pos
  }

  /** Behind a field in quotes, at the separator, line break or end that follows; -1 if it is cut off. */
  #scanQuoted(bytes: Uint8Array, begin: number, end: number, atEnd: boolean): number {
    const quote = this.#quote
    const escape = this.#escape
    const multiLine = this.#multiLine
    let pos = begin + 1
    let flags = QUOTED
    this.#unclosed = false
    for (;;) {
      const byte = pos < end ? bytes[pos]! : -1
      if (byte === -1 || (!multiLine && byte <= CR && this.#isBreak(byte))) {
        if (byte === -1 && !atEnd) return -1
        this.#unclosed = true
        break
      }
      if (byte === quote) {
        if (pos + 1 >= end && !atEnd) return -1
        if (pos + 1 < end && bytes[pos + 1] === quote) {
          flags |= ESCAPED
          pos += 2
          continue
        }
        break
      }
      if (byte === escape && pos + 1 < end && (bytes[pos + 1] === quote || bytes[pos + 1] === escape)) {
        flags |= ESCAPED
        pos += 2
        continue
      }
      if (byte === escape && pos + 1 >= end && !atEnd) return -1
      pos++
    }
    this.#start = begin + 1
    this.#end = (pos << 2) | flags
    if (this.#unclosed) return pos
    const close = this.#skipBlanks(bytes, pos + 1, end)
    if (close >= end) return atEnd ? end : -1
    if (this.#isBreak(bytes[close]!) || this.#isSeparator(bytes, close, end)) return close
    return this.#unescapedQuote(bytes, begin, pos, end, atEnd)
  }

  /**
   * A quote inside that is not escaped: the whole field, first quote included, is plain text, as in Spark.
   */
  #unescapedQuote(bytes: Uint8Array, begin: number, from: number, end: number, atEnd: boolean): number {
    let pos = from
    while (pos < end && !this.#isBreak(bytes[pos]!) && !this.#isSeparator(bytes, pos, end)) pos++
    if (pos >= end && !atEnd) return -1
    this.#start = begin
    this.#end = (this.#trimRight ? this.#trimEnd(bytes, begin, pos) : pos) << 2
    return pos
  }

  #isSeparator(bytes: Uint8Array, pos: number, end: number): boolean {
    const separator = this.#separator
    if (pos + separator.length > end) return false
    for (let i = 0; i < separator.length; i++) if (bytes[pos + i] !== separator[i]) return false
    return true
  }

  /** Blanks, but not what separates fields or records. */
  #skipBlanks(bytes: Uint8Array, from: number, end: number): number {
    let at = from
    while (at < end && bytes[at]! <= 32 && bytes[at] !== this.#sep && !this.#isBreak(bytes[at]!)) at++
    return at
  }

  #trimEnd(bytes: Uint8Array, begin: number, end: number): number {
    let at = end
    while (at > begin && bytes[at - 1]! <= 32) at--
    return at
  }
}
