import { join } from 'node:path'
import { cachedFolder, runDataScript } from '../data/cached-folder.ts'
import { countRows } from '../run/count-rows.ts'
import type { Work } from '../run/measure.ts'
import { chosen, type Part, type Suite } from './suite.ts'

interface Question {
  readonly name: string
  /** The column of the answer that is summed up and compared. */
  readonly column: string
  readonly sql: string
}

const GROUP_BY: readonly Question[] = [
  { name: 'q1', column: 'v1', sql: 'SELECT id1, sum(v1) AS v1 FROM g1 GROUP BY id1' },
  { name: 'q2', column: 'v1', sql: 'SELECT id1, id2, sum(v1) AS v1 FROM g1 GROUP BY id1, id2' },
  { name: 'q3', column: 'v3', sql: 'SELECT id3, sum(v1) AS v1, avg(v3) AS v3 FROM g1 GROUP BY id3' },
  {
    name: 'q4',
    column: 'v3',
    sql: 'SELECT id4, avg(v1) AS v1, avg(v2) AS v2, avg(v3) AS v3 FROM g1 GROUP BY id4',
  },
  {
    name: 'q5',
    column: 'v3',
    sql: 'SELECT id6, sum(v1) AS v1, sum(v2) AS v2, sum(v3) AS v3 FROM g1 GROUP BY id6',
  },
  {
    name: 'q6',
    column: 'sd_v3',
    sql: 'SELECT id4, id5, median(v3) AS median_v3, stddev(v3) AS sd_v3 FROM g1 GROUP BY id4, id5',
  },
  {
    name: 'q7',
    column: 'range_v1_v2',
    sql: 'SELECT id3, max(v1) - min(v2) AS range_v1_v2 FROM g1 GROUP BY id3',
  },
  {
    name: 'q8',
    column: 'largest2_v3',
    sql: `SELECT id6, v3 AS largest2_v3 FROM (
  SELECT id6, v3, row_number() OVER (PARTITION BY id6 ORDER BY v3 DESC) AS position FROM g1
) AS ranked WHERE position <= 2`,
  },
  {
    name: 'q9',
    column: 'r2',
    sql: 'SELECT id2, id4, power(corr(v1, v2), 2) AS r2 FROM g1 GROUP BY id2, id4',
  },
  {
    name: 'q10',
    column: 'v3',
    sql: `SELECT id1, id2, id3, id4, id5, id6, sum(v3) AS v3, count(*) AS lines
FROM g1 GROUP BY id1, id2, id3, id4, id5, id6`,
  },
]

const JOIN: readonly Question[] = [
  {
    name: 'q1',
    column: 'v2',
    sql: 'SELECT x.*, small.id4 AS small_id4, small.v2 FROM x JOIN small ON x.id1 = small.id1',
  },
  {
    name: 'q2',
    column: 'v2',
    sql: `SELECT x.*, medium.id1 AS medium_id1, medium.id4 AS medium_id4, medium.id5 AS medium_id5, medium.v2
FROM x JOIN medium ON x.id2 = medium.id2`,
  },
  {
    name: 'q3',
    column: 'v2',
    sql: `SELECT x.*, medium.id1 AS medium_id1, medium.id4 AS medium_id4, medium.id5 AS medium_id5, medium.v2
FROM x LEFT JOIN medium ON x.id2 = medium.id2`,
  },
  {
    name: 'q4',
    column: 'v2',
    sql: `SELECT x.*, medium.id1 AS medium_id1, medium.id2 AS medium_id2, medium.id4 AS medium_id4, medium.v2
FROM x JOIN medium ON x.id5 = medium.id5`,
  },
  {
    name: 'q5',
    column: 'v2',
    sql: `SELECT x.*, big.id1 AS big_id1, big.id2 AS big_id2, big.id4 AS big_id4, big.id5 AS big_id5,
  big.id6 AS big_id6, big.v2
FROM x JOIN big ON x.id3 = big.id3`,
  },
]

/** Group-by (ten questions) and join (five) of the h2o benchmark; the whole answer is kept in memory. */
export const h2o: Suite = async (options) => {
  const { rows, data, suite } = options
  const folder =
    data ?? cachedFolder(['h2o', String(rows)], (made) => runDataScript('make-h2o.py', [String(rows), made]))
  const files = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, join(folder, `${name}.parquet`)]))
  const part = async (
    name: string,
    questions: readonly Question[],
    tables: Part['tables'],
  ): Promise<Part> => {
    const rowsOf = await countRows(tables)
    const work = questions.map(({ name: question, column, sql }): Work => {
      const read = Object.keys(tables).filter((table) => new RegExp(`\\b${table}\\b`).test(sql))
      return {
        name: question,
        rows: read.reduce((sum, table) => sum + rowsOf[table]!, 0),
        ordered: false,
        request: () => ({ op: 'keep', name: `${name} ${question}`, sql, column }),
      }
    })
    return { name: `${name} ${rows}`, tables, work: chosen(work, options) }
  }
  const parts: Part[] = []
  if (suite !== 'h2o-join') parts.push(await part('h2o-groupby', GROUP_BY, files(['g1'])))
  if (suite !== 'h2o-groupby')
    parts.push(await part('h2o-join', JOIN, files(['x', 'small', 'medium', 'big'])))
  return parts
}
