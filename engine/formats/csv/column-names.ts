import type { FieldTable } from '../text/field-table.ts'
import type { CsvOptions } from './options.ts'
import { fieldText } from './unescape.ts'

/** Texts of the fields of the first record of a table, as many as there are. */
export function firstTexts(
  bytes: Uint8Array,
  { cells, bases, columnCount }: FieldTable,
  options: CsvOptions,
): string[] {
  const texts: string[] = []
  for (let i = 0; i < columnCount && cells[bases[i]!]! >= 0; i++)
    texts.push(fieldText(bytes, cells[bases[i]!]!, cells[bases[i]! + 1]!, options.dialect))
  return texts
}

/**
 * Column names as Spark makes them: `_c0` without a header or where it is empty; a name that is there twice
 * (ignoring case) gets its position.
 */
export function columnNames(texts: readonly string[], header: boolean): readonly string[] {
  if (!header) return texts.map((_, index) => `_c${index}`)
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text.toLowerCase(), (counts.get(text.toLowerCase()) ?? 0) + 1)
  return texts.map((text, index) => {
    if (text === '') return `_c${index}`
    return counts.get(text.toLowerCase())! > 1 ? `${text}${index}` : text
  })
}
