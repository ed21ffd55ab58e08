/** Aligned columns with a line of names, for people; numbers to the right. Empty if there are no rows. */
export function textTable(names: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  if (rows.length === 0) return ''
  const texts = [names, ...rows.map((row) => row.map(String))]
  const widths = names.map((_, column) => Math.max(...texts.map((row) => row[column]!.length)))
  const lines = texts.map((row, index) =>
    row
      .map((text, column) => {
        const isRight = index > 0 && typeof rows[index - 1]![column] === 'number'
        return isRight ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)
      })
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

/** `512 MiB`, `1.5 GiB`. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let unit = 0
  let size = bytes
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit++
  }
  return `${size >= 10 || Number.isInteger(size) ? Math.round(size) : size.toFixed(1)} ${units[unit]}`
}

/** `350 ms`, `12 s`, `5 min`, `2.5 h`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`
  return `${(ms / 3_600_000).toFixed(1)} h`
}
