import { scalarFunctionNames } from '../engine/functions/index.ts'
import type { Session } from '../driver/session.ts'

const KEYWORDS = (
  'SELECT FROM WHERE GROUP BY HAVING ORDER LIMIT OFFSET JOIN LEFT RIGHT FULL OUTER INNER CROSS SEMI ANTI ON USING ' +
  'UNION ALL INTERSECT EXCEPT DISTINCT WITH AS AND OR NOT IN EXISTS BETWEEN LIKE RLIKE IS NULL TRUE FALSE CASE WHEN THEN ' +
  'ELSE END CAST OVER PARTITION ROWS RANGE CREATE TABLE VIEW TEMPORARY REPLACE DROP INSERT INTO OVERWRITE VALUES ' +
  'DESCRIBE SHOW TABLES EXPLAIN ANALYZE SET INTERVAL DATE TIMESTAMP LATERAL EXPLODE ASC DESC NULLS FIRST LAST'
).split(' ')

/** What Tab offers behind the last word of a line: keywords, functions, tables. Case follows what was typed. */
export async function completer(session: Session, line: string): Promise<[string[], string]> {
  const word = /[\w.]*$/.exec(line)?.[0] ?? ''
  if (word === '') return [[], word]
  const lower = word.toLowerCase()
  const isLower = word === lower
  const keywords = KEYWORDS.map((keyword) => (isLower ? keyword.toLowerCase() : keyword))
  const tables = await session.catalog.tableNames().catch(() => [])
  const candidates = [...new Set([...tables, ...keywords, ...scalarFunctionNames()])]
  return [candidates.filter((candidate) => candidate.toLowerCase().startsWith(lower)).sort(), word]
}
