import type { Session } from '../driver/session.ts'
import { builtInFunctions } from '../sql/analyzer/index.ts'

const KEYWORDS = (
  'SELECT FROM WHERE GROUP BY HAVING ORDER LIMIT OFFSET JOIN LEFT RIGHT FULL OUTER INNER CROSS SEMI ' +
  'ANTI ON USING UNION ALL INTERSECT EXCEPT DISTINCT WITH AS AND OR NOT IN EXISTS BETWEEN LIKE RLIKE ' +
  'IS NULL TRUE FALSE CASE WHEN THEN ELSE END CAST OVER PARTITION ROWS RANGE CREATE TABLE VIEW ' +
  'TEMPORARY REPLACE DROP INSERT INTO OVERWRITE VALUES DESCRIBE SHOW TABLES EXPLAIN ANALYZE SET ' +
  'INTERVAL DATE TIMESTAMP LATERAL EXPLODE ASC DESC NULLS FIRST LAST QUALIFY USING OPTIONS CLUSTERED ' +
  'BUCKETS PARTITIONED FILTER FUNCTIONS COLUMNS EXTENDED FORMATTED'
).split(' ')

/** What Tab offers in a shell: columns of the tables that the text names, tables, keywords, functions. */
export class Completer {
  readonly #session: Session
  readonly #columns = new Map<string, Promise<readonly string[]>>()

  constructor(session: Session) {
    this.#session = session
  }

  /** Tables may have changed: forget what is known of them. */
  forget(): void {
    this.#columns.clear()
  }

  /** Words that may stand for the end of `before`, and that end. Keywords come in the case that was typed. */
  async complete(before: string, text: string): Promise<[words: string[], word: string]> {
    const word = /\w*$/.exec(before)?.[0] ?? ''
    const start = before.slice(0, before.length - word.length)
    const tables = await this.#session.catalog.tableNames().catch(() => [])
    const columns = await this.#columnsOf(tables, text)
    const candidates = start.endsWith('.')
      ? columns
      : [...columns, ...tables, ...(word === '' ? [] : [...keywordsLike(word), ...builtInFunctions.names()])]
    const lower = word.toLowerCase()
    const words = candidates.filter((candidate) => candidate.toLowerCase().startsWith(lower))
    return [[...new Set(words)].sort(), word]
  }

  async #columnsOf(tables: readonly string[], text: string): Promise<readonly string[]> {
    const named = new Set(text.toLowerCase().match(/\w+/g) ?? [])
    const found = tables.filter((table) => named.has(table.toLowerCase()))
    return (await Promise.all(found.map((table) => this.#columnsOfTable(table)))).flat()
  }

  #columnsOfTable(table: string): Promise<readonly string[]> {
    const known = this.#columns.get(table)
    if (known !== undefined) return known
    const asked = describeColumns(this.#session, table).catch(() => [])
    this.#columns.set(table, asked)
    return asked
  }
}

function keywordsLike(word: string): string[] {
  return word === word.toLowerCase() ? KEYWORDS.map((keyword) => keyword.toLowerCase()) : KEYWORDS
}

async function describeColumns(session: Session, table: string): Promise<string[]> {
  const rows = await session.execute(`DESCRIBE \`${table.replaceAll('`', '``')}\``)
  const names = rows.map((row) => String(row['col_name']))
  const end = names.findIndex((name) => name === '' || name.startsWith('#'))
  return end < 0 ? names : names.slice(0, end)
}
