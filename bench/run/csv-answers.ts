/** Records of a CSV text; an empty field without quotes is NULL. */
export function parseCsv(text: string): (string | null)[][] {
  const records: (string | null)[][] = []
  let record: (string | null)[] = []
  const field = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/y
  while (field.lastIndex < text.length) {
    const [, value = '', end] = field.exec(text)!
    record.push(
      value === '' ? null : value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value,
    )
    if (end === ',') continue
    records.push(record)
    record = []
  }
  return records
}
