import type { CsvDialect } from '../../../../engine/formats/csv/options.ts'
import { SHAPE_TOO_MANY } from '../../../../engine/formats/text/field-table.ts'

/** A record as the plain scanner sees it: where its fields lie, with their flags. */
export interface PlainRecord {
  readonly start: number
  readonly end: number
  readonly shape: number
  readonly fields: readonly (readonly [start: number, packedEnd: number])[]
}

const MISSING = [-1, 0] as const

/**
 * Records of a text, one character after the other, for the dialects that the kernel knows. A record that it
 * would not take (a quote that is not closed, text behind a closing quote, the last one) has a shape of -1
 * and ends the list.
 */
export function scanCsvTwin(text: Uint8Array, dialect: CsvDialect, columnCount: number): PlainRecord[] {
  const { separator, quote, escape, comment, lineBreak, multiLine } = dialect
  const isBreak = (byte: number | undefined): boolean => byte === 10 || (byte === 13 && lineBreak < 0)
  const records: PlainRecord[] = []
  let at = 0
  for (;;) {
    at = skipLines(text, at, comment, isBreak)
    if (at >= text.length) return records
    const start = at
    const fields: (readonly [number, number])[] = []
    for (;;) {
      const begin = at
      if (text[at] === quote) {
        let flags = 1
        at++
        for (; at < text.length; at++) {
          const byte = text[at]
          const next = text[at + 1]
          const isEscape =
            byte === quote ? next === quote : byte === escape && (next === quote || next === escape)
          if (isEscape) [flags, at] = [3, at + 1]
          else if (byte === quote || (!multiLine && (byte === 10 || byte === 13))) break
        }
        const behind = text[at + 1]
        const isClosed = text[at] === quote && at + 1 < text.length
        if (!isClosed || (behind !== separator[0] && !isBreak(behind)))
          return [...records, { start, end: at, shape: -1, fields }]
        fields.push([begin + 1, (at << 2) | flags])
        at++
      } else {
        while (at < text.length && text[at] !== separator[0] && !isBreak(text[at])) at++
        if (at >= text.length) return [...records, { start, end: at, shape: -1, fields }]
        fields.push([begin, at << 2])
      }
      if (isBreak(text[at])) break
      at++
    }
    const few = columnCount - fields.length
    const shape = few === 0 ? 0 : few > 0 ? 1 : SHAPE_TOO_MANY
    const padded = Array.from({ length: columnCount }, (_, column) => fields[column] ?? MISSING)
    records.push({ start, end: at, shape, fields: padded })
    at++
  }
}

function skipLines(
  text: Uint8Array,
  from: number,
  comment: number,
  isBreak: (byte: number | undefined) => boolean,
): number {
  let start = from
  for (;;) {
    let at = start
    while (at < text.length && !isBreak(text[at])) {
      if (text[at]! > 32 && text[start] !== comment) return start
      at++
    }
    if (at >= text.length) return at
    start = at + 1
  }
}
