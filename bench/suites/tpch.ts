import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Session } from '../../driver/session.ts'
import { tpchFiles, tpchFolder, tpchTables } from '../data/tpch-data.ts'
import { parseCsv } from '../run/csv-answers.ts'
import { benchFile } from '../run/engines.ts'
import type { Work } from '../run/measure.ts'
import type { BenchOptions, Part } from './suite.ts'

/** The 22 queries of TPC-H with the specification's validation parameters. */
export async function tpchPart(options: BenchOptions): Promise<Part> {
  const { scaleFactor, expected } = options
  const tables = tpchFiles(options.data ?? tpchFolder(scaleFactor))
  const rowsOf = await countRows(tables)
  const work = tpchQueries(scaleFactor).map(({ name, sql }): Work => {
    const read = tpchTables.filter((table) => new RegExp(`\\b${table}\\b`).test(sql))
    const rows = read.reduce((sum, table) => sum + rowsOf[table]!, 0)
    const ordered = /^order by/m.test(sql)
    return { name, rows, ordered, request: () => ({ op: 'query', name, sql }) }
  })
  return {
    name: `tpch sf${scaleFactor}`,
    tables,
    work,
    expected: (name) => {
      const path = expected === null ? null : join(expected, `${name}.csv`)
      if (path === null || !existsSync(path)) return null
      const rows = parseCsv(readFileSync(path, 'utf8')).slice(1)
      return { seconds: 0, count: rows.length, rows }
    },
  }
}

/** Name and text of each query. */
export function tpchQueries(scaleFactor: number): readonly { readonly name: string; readonly sql: string }[] {
  const folder = benchFile('queries', 'tpch')
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8').trim()
      // The specification's fraction is 0.0001 divided by the scale factor.
      const fraction = (0.0001 / scaleFactor).toFixed(10).replace(/0+$/, '')
      return { name: basename(file, '.sql'), sql: text.replace(':fraction', fraction) }
    })
}

async function countRows(tables: Readonly<Record<string, string>>): Promise<Record<string, number>> {
  const session = new Session({ master: 'local', timeZone: 'UTC' })
  const counts: Record<string, number> = {}
  for (const [table, path] of Object.entries(tables))
    counts[table] = Number(await session.read.parquet(path).count())
  await session.stop()
  return counts
}
