/** Rows of text as a table with borders, the way Spark shows it; NULL as it is called. */
export function formatTable(
  names: readonly string[],
  rows: readonly (readonly (string | null)[])[],
  maxWidth: number,
): string {
  const cut = (text: string): string =>
    maxWidth === 0 || text.length <= maxWidth
      ? text
      : maxWidth < 4
        ? text.slice(0, maxWidth)
        : `${text.slice(0, maxWidth - 3)}...`
  const cells = rows.map((row) => row.map((value) => cut(value ?? 'NULL')))
  const head = names.map(cut)
  const widths = head.map((name, index) =>
    Math.max(3, name.length, ...cells.map((row) => row[index]!.length)),
  )
  const line = `+${widths.map((width) => '-'.repeat(width)).join('+')}+`
  const format = (row: readonly string[]): string => {
    const padded = row.map((cell, index) =>
      maxWidth === 0 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!),
    )
    return `|${padded.join('|')}|`
  }
  return [line, format(head), line, ...cells.map(format), line].join('\n')
}
