import { ESCAPED } from '../text/field-table.ts'
import type { CsvDialect } from './options.ts'

/**
 * Copies a field without its escapes to `out[at…]`; gives where it ends there. Never longer than the field.
 */
export function unescapeField(
  bytes: Uint8Array,
  start: number,
  end: number,
  { quote, escape }: CsvDialect,
  out: Uint8Array,
  at: number,
): number {
  let to = at
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    const next = i + 1 < end ? bytes[i + 1]! : -1
    const escapes = byte === quote ? next === quote : byte === escape && (next === quote || next === escape)
    out[to++] = escapes ? bytes[++i]! : byte
  }
  return to
}

/** The text of a field; `flags` as in the table. */
export function fieldText(bytes: Uint8Array, start: number, packedEnd: number, dialect: CsvDialect): string {
  const end = packedEnd >> 2
  if ((packedEnd & ESCAPED) === 0) return Buffer.from(bytes.subarray(start, end)).toString('utf8')
  const out = new Uint8Array(end - start)
  return Buffer.from(out.subarray(0, unescapeField(bytes, start, end, dialect, out, 0))).toString('utf8')
}
