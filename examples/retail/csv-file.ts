import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { type DataFrame, Decimal, LocalDate, LocalTimestamp, Timestamp } from 'millrace'

/** Text that is gathered before it is written. */
const PIECE_CHARS = 64 << 10

/**
 * Writes the rows of a query as CSV with a header and line feeds; gives how many. NULL is empty, a decimal
 * keeps its scale, a timestamp is `YYYY-MM-DD HH:MM:SS[.ffffff]`, and a double the shortest text that reads
 * back.
 */
export async function writeCsv(frame: DataFrame, path: string): Promise<number> {
  const columns = (await frame.schema()).fields.map(({ name, type }) => ({
    name,
    isDouble: type.kind === 'float64' || type.kind === 'float32',
  }))
  const file = createWriteStream(path)
  const closed = finished(file)
  let text = `${columns.map(({ name }) => quoted(name)).join(',')}\n`
  let rowCount = 0
  try {
    for await (const row of frame.rows({ int64: 'bigint' })) {
      const values = row as Readonly<Record<string, unknown>>
      text += `${columns.map(({ name, isDouble }) => cell(values[name], isDouble)).join(',')}\n`
      rowCount++
      if (text.length < PIECE_CHARS) continue
      if (!file.write(text)) await once(file, 'drain')
      text = ''
    }
    file.end(text)
  } catch (error) {
    file.destroy()
    await closed.catch(() => {})
    throw error
  }
  await closed
  return rowCount
}

function cell(value: unknown, isDouble: boolean): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return isDouble ? doubleText(value) : String(value)
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return quoted(value)
  if (value instanceof Decimal || value instanceof LocalDate) return value.toString()
  if (value instanceof LocalTimestamp || value instanceof Timestamp) return value.toString()
  return quoted(JSON.stringify(value))
}

/**
 * With at least one digit after the point, and an exponent only beyond 1e16 and below 1e-4, as most tools
 * write it.
 */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) return String(value).toLowerCase().replace('infinity', 'inf')
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e16 || size < 1e-4))
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
