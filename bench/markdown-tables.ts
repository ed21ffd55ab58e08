import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readReport } from './compare-reports.ts'
import type { PartReport, Report } from './report.ts'
import { benchFile } from './run/engines.ts'
import type { Measured } from './run/measure.ts'

const MARK = '<!-- tables -->'

/** Reports as tables for docs/bench.md, so that nobody types a figure. */
export function markdownTables(paths: readonly string[]): string {
  const chosen = paths.length > 0 ? paths : allReports()
  return chosen.map((path) => reportTable(readReport(path))).join('\n')
}

/** Writes tables into a page, in place of what stands after its line `<!-- tables -->`. */
export function writeTables(page: string, tables: string): void {
  const text = readFileSync(page, 'utf8')
  const at = text.indexOf(MARK)
  if (at < 0) throw new Error(`"${page}" has no line ${MARK}`)
  writeFileSync(page, `${text.slice(0, at + MARK.length)}\n\n${tables}`)
}

function allReports(): string[] {
  const folder = benchFile('results')
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return files.sort().flatMap((name) => {
    const path = join(folder, name)
    try {
      readReport(path)
      return [path]
    } catch {
      return [] // Results of other measurements lie there, too.
    }
  })
}

function reportTable(report: Report): string {
  const { command, commit, date, machine, versions, threads, memory, parts, suite } = report
  const names = parts.map(({ name }) => name).join(', ')
  const limits = memory === undefined ? `${threads} threads` : `${threads} threads, memory ${memory}`
  const engines = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const where = `${machine['cores']} cores of ${machine['cpu']}`
  return [
    `**${names}** (${limits}; ${engines.join(', ')}; Node ${machine['node']})`,
    '',
    ...(parts.length > 1 && suite === 'growth' ? growthTable(report) : parts.flatMap(partTable)),
    `\`${command}\`, ${date.slice(0, 10)}, commit ${commit.slice(0, 10)}, ${where}`,
    '',
  ].join('\n')
}

/** Seconds, ratio and memory of each piece of work. */
function partTable(part: PartReport): string[] {
  const engines = Object.keys(part.totals)
  const peers = engines.slice(1)
  const heads = [
    part.name,
    ...engines.map((engine) => `${engine} s`),
    ...peers.map((peer) => `/ ${peer}`),
    ...engines.map((engine) => `${engine} MB`),
    'rows/s',
    'ns a row',
  ]
  const rows = part.results.map(({ name, engines: measured, ratios }) => [
    name,
    ...engines.map((engine) => seconds(measured[engine])),
    ...peers.map((peer) => ratio(ratios[peer]?.median)),
    ...engines.map((engine) => megabytes(measured[engine]?.peakBytes)),
    millions(measured[engines[0]!]?.rowsPerSecond),
    nanoseconds(measured[engines[0]!]?.rowsPerSecond),
  ])
  const totals = [
    '**total**',
    ...engines.map((engine) => part.totals[engine]!.seconds.toFixed(2)),
    ...peers.map((peer) => ratio(part.summaries[peer]?.totalRatio)),
    ...engines.map((engine) => megabytes(part.totals[engine]!.peakBytes)),
    '',
    '',
  ]
  const means = [
    '**geometric mean**',
    ...engines.map(() => ''),
    ...peers.map((peer) => ratio(part.summaries[peer]?.geometricMean)),
    ...engines.map(() => ''),
    '',
    '',
  ]
  return [...table(heads, part.results.length > 1 ? [...rows, totals, means] : rows), '']
}

/** The same work at several sizes side by side. */
function growthTable({ parts }: Report): string[] {
  const engines = Object.keys(parts[0]!.totals)
  const columns = parts.flatMap((part) => engines.map((engine) => ({ part, engine })))
  const heads = ['query', ...columns.map(({ part, engine }) => `${part.name} ${engine} s`)]
  const names = parts[0]!.results.map(({ name }) => name)
  const rows = names.map((name) => [
    name,
    ...columns.map(({ part, engine }) =>
      seconds(part.results.find((result) => result.name === name)?.engines[engine]),
    ),
  ])
  const totals = ['**total**', ...columns.map(({ part, engine }) => part.totals[engine]!.seconds.toFixed(2))]
  const memory = [
    '**peak MB**',
    ...columns.map(({ part, engine }) => megabytes(part.totals[engine]!.peakBytes)),
  ]
  const ratios = [
    '**mean ratio**',
    ...columns.map(({ part, engine }) => ratio(part.summaries[engine]?.geometricMean)),
  ]
  return [...table(heads, [...rows, totals, ratios, memory]), '']
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    line(heads),
    `|---|${heads
      .slice(1)
      .map(() => '--:|')
      .join('')}`,
    ...rows.map(line),
  ]
}

function seconds(measured: Measured | undefined): string {
  if (measured === undefined || measured.runs.length === 0) return '–'
  return measured.seconds.toFixed(measured.seconds < 10 ? 3 : 1)
}

function ratio(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '' : value.toFixed(2)
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined || bytes === 0 ? '–' : String(Math.round(bytes / 1e6))
}

function millions(rows: number | undefined): string {
  return rows === undefined || !Number.isFinite(rows) ? '' : `${(rows / 1e6).toFixed(1)} M`
}

/** Three digits, all of the whole part. */
function nanoseconds(rows: number | undefined): string {
  if (rows === undefined || !Number.isFinite(rows)) return ''
  const time = 1e9 / rows
  return time < 1000 ? time.toPrecision(3) : time.toFixed(0)
}
