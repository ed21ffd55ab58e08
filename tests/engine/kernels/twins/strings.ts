import { isNullField, type NullText } from '../../../../engine/formats/text/field-column.ts'

/** The texts of fields, one by one: null for NULL. `unescape` undoes escapes. */
export function textsTwin(
  text: Uint8Array,
  fields: Int32Array,
  count: number,
  nulls: NullText,
  unescape: (raw: string) => string,
): (string | null)[] {
  return Array.from({ length: count }, (_, row) => {
    const start = fields[2 * row]!
    const packedEnd = fields[2 * row + 1]!
    if (isNullField(text, start, packedEnd, nulls)) return null
    const raw = Buffer.from(text.subarray(start, packedEnd >> 2)).toString()
    return (packedEnd & 2) === 0 ? raw : unescape(raw)
  })
}
