/** One record of a sqllogictest file. `line` is where it starts, from 1. */
export type SltRecord =
  | { readonly kind: 'ok'; readonly line: number; readonly sql: string }
  | { readonly kind: 'error'; readonly line: number; readonly sql: string; readonly expected: string }
  | {
      readonly kind: 'query'
      readonly line: number
      readonly sql: string
      readonly sorted: boolean
      readonly expected: readonly string[]
      /** Lines of the file that hold the expected rows: [from, to), from 0. */
      readonly range: readonly [number, number]
    }

/**
 * Reads a file of
 *
 * ```
 * statement ok | statement error TEXT | query TYPES [rowsort]
 * SQL over any lines
 * ---- and the rows, for a query
 * ```
 *
 * separated by empty lines. Lines that begin with `#` between records are comments. The text after `error`
 * must be in the condition or the message.
 */
export function parseSlt(text: string): SltRecord[] {
  const lines = text.split('\n')
  const records: SltRecord[] = []
  let at = 0
  while (at < lines.length) {
    const head = lines[at]!
    if (head.trim() === '' || head.startsWith('#')) {
      at++
      continue
    }
    const line = at + 1
    const sqlEnd = findEnd(lines, at + 1, true)
    const sql = lines.slice(at + 1, sqlEnd).join('\n')
    if (head === 'statement ok') records.push({ kind: 'ok', line, sql })
    else if (head.startsWith('statement error')) {
      records.push({ kind: 'error', line, sql, expected: head.slice('statement error'.length).trim() })
    } else if (head.startsWith('query')) {
      if (lines[sqlEnd] !== '----') throw new Error(`line ${line}: a query needs ---- and its rows`)
      const end = findEnd(lines, sqlEnd + 1, false)
      const expected = lines.slice(sqlEnd + 1, end)
      records.push({
        kind: 'query',
        line,
        sql,
        sorted: head.includes('rowsort'),
        expected,
        range: [sqlEnd + 1, end],
      })
      at = end
      continue
    } else throw new Error(`line ${line}: "${head}" is no record`)
    at = sqlEnd
  }
  return records
}

function findEnd(lines: readonly string[], from: number, atDashes: boolean): number {
  let end = from
  while (end < lines.length && lines[end]!.trim() !== '' && !(atDashes && lines[end] === '----')) end++
  return end
}
