import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { tpchFiles, tpchFolder, tpchTables } from '../data/tpch-data.ts'
import { countRows } from '../run/count-rows.ts'
import { parseCsv } from '../run/csv-answers.ts'
import type { EngineReply } from '../run/engine-process.ts'
import { benchFile } from '../run/engines.ts'
import type { Work } from '../run/measure.ts'
import { type BenchOptions, chosen, type Part, type Suite } from './suite.ts'

/** The 22 queries of TPC-H, warm; with `--cold`, a process that runs each of them once. */
export const tpch: Suite = async (options) => [await tpchPart(options, options.scaleFactor)]

/** TPC-H at three sizes. */
export const growth: Suite = async (options) =>
  await Promise.all([0.1, 1, 10].map((scaleFactor) => tpchPart({ ...options, data: null }, scaleFactor)))

/** The 22 queries as a part of a suite. */
export async function tpchPart(options: BenchOptions, scaleFactor: number): Promise<Part> {
  const tables = tpchFiles(options.data ?? tpchFolder(scaleFactor))
  const rowsOf = await countRows(tables)
  const queries = chosen(tpchQueries(scaleFactor), options)
  const name = `tpch sf${scaleFactor}`
  const work = queries.map(({ name: query, sql }): Work => {
    const read = tpchTables.filter((table) => new RegExp(`\\b${table}\\b`).test(sql))
    const rows = read.reduce((sum, table) => sum + rowsOf[table]!, 0)
    const ordered = /^order by/m.test(sql)
    return { name: query, rows, ordered, request: () => ({ op: 'query', name: query, sql }) }
  })
  if (!options.cold) return { name, tables, work, expected: (query) => expectedAnswer(query, options) }
  const whole: Work = {
    name: `${queries.length} queries`,
    rows: work.reduce((sum, { rows }) => sum + rows, 0),
    ordered: true,
    request: () => ({ op: 'all', name: 'all', statements: queries }),
  }
  return { name: `${name} whole process`, tables, work: [whole], wholeProcesses: true }
}

function expectedAnswer(query: string, { expected }: BenchOptions): EngineReply | null {
  const path = expected === null ? null : join(expected, `${query}.csv`)
  if (path === null || !existsSync(path)) return null
  const rows = parseCsv(readFileSync(path, 'utf8')).slice(1)
  return { seconds: 0, count: rows.length, rows }
}

/** Name and text of each query, with the specification's validation parameters. */
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
