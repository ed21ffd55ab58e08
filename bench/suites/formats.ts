import { mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cachedFolder, runDataScript } from '../data/cached-folder.ts'
import { tpchFolder } from '../data/tpch-data.ts'
import { countRows } from '../run/count-rows.ts'
import type { Work } from '../run/measure.ts'
import { chosen, type Suite } from './suite.ts'

/** Every column of lineitem is read: numbers are summed up, texts measured, dates compared. */
const LINEITEM = `SELECT count(*), sum(l_orderkey), sum(l_partkey), sum(l_suppkey), sum(l_linenumber),
  sum(l_quantity), sum(l_extendedprice), sum(l_discount), sum(l_tax), sum(length(l_returnflag)),
  sum(length(l_linestatus)), max(l_shipdate), max(l_commitdate), max(l_receiptdate),
  sum(length(l_shipinstruct)), sum(length(l_shipmode)), sum(length(l_comment)) FROM `

const LINES = `SELECT count(*), sum(order_id), sum(line), sum(quantity), sum(price), sum(length(mode)),
  sum(CASE WHEN returned THEN 1 ELSE 0 END), max(shipped), sum(length(comment)) FROM lines`

/** Reading (an aggregate over all columns) and writing of Parquet, CSV and JSON lines. */
export const formats: Suite = async (options) => {
  const { scaleFactor, data } = options
  const parquet = join(data ?? tpchFolder(scaleFactor), 'lineitem.parquet')
  const texts = cachedFolder(['formats', `sf${scaleFactor}`], (folder) =>
    runDataScript('make-formats.py', [parquet, folder]),
  )
  const tables = {
    lineitem: parquet,
    lineitem_csv: join(texts, 'lineitem.csv'),
    lines: join(texts, 'lines.jsonl'),
  }
  const { lineitem: rows = 0 } = await countRows({ lineitem: parquet })
  const read = (name: string, sql: string): Work => ({
    name,
    rows,
    ordered: true,
    request: () => ({ op: 'query', name, sql }),
  })
  const output = join(tmpdir(), `millrace-bench-${process.pid}`)
  process.once('exit', () => rmSync(output, { recursive: true, force: true }))
  const write = (format: string): Work => ({
    name: `write ${format}`,
    rows,
    ordered: false,
    request(engine) {
      const folder = join(output, engine)
      mkdirSync(folder, { recursive: true })
      const path = join(folder, `lineitem.${format}`)
      return {
        op: 'write',
        name: `write ${format}`,
        table: 'lineitem',
        format,
        path,
        column: 'l_extendedprice',
      }
    },
  })
  const work = [
    read('read parquet', `${LINEITEM}lineitem`),
    read('read csv', `${LINEITEM}lineitem_csv`),
    read('read jsonl', LINES),
    write('parquet'),
    write('csv'),
    write('jsonl'),
  ]
  return [{ name: `formats sf${scaleFactor}`, tables, work: chosen(work, options) }]
}
