import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { benchFile } from './run/engines.ts'
import type { WorkResult } from './run/measure.ts'
import { geometricMean, total } from './run/statistics.ts'

/** How all the work of a part went, by peer. */
export interface Summary {
  readonly geometricMean: number
  readonly minGeometricMean: number
  /** Total of Millrace divided by the peer's, over work that both did. */
  readonly totalRatio: number
  readonly work: number
}

/** The results of one part. */
export interface PartReport {
  readonly name: string
  readonly results: readonly WorkResult[]
  readonly summaries: Readonly<Record<string, Summary>>
  /** Seconds and most memory by engine, over all its work. */
  readonly totals: Readonly<Record<string, { readonly seconds: number; readonly peakBytes: number }>>
}

/** A file of bench/results. */
export interface Report {
  readonly suite: string
  readonly command: string
  readonly date: string
  readonly commit: string
  readonly machine: Readonly<Record<string, string | number>>
  readonly versions: Readonly<Record<string, string>>
  readonly threads: number
  readonly runs: number
  readonly memory?: string
  readonly parts: readonly PartReport[]
}

export function partReport(name: string, results: readonly WorkResult[]): PartReport {
  const engines = Object.keys(results[0]?.engines ?? {})
  const peers = engines.slice(1)
  const totals = Object.fromEntries(
    engines.map((engine) => {
      const measured = results.map((result) => result.engines[engine]!)
      const seconds = total(measured.filter(({ runs }) => runs.length > 0).map((one) => one.seconds))
      return [engine, { seconds, peakBytes: Math.max(0, ...measured.map((one) => one.peakBytes)) }]
    }),
  )
  return { name, results, totals, summaries: Object.fromEntries(peers.map((peer) => [peer, summary(peer)])) }

  function summary(peer: string): Summary {
    const both = results.filter((result) => result.ratios[peer] !== undefined)
    const seconds = (engine: string): number => total(both.map((result) => result.engines[engine]!.seconds))
    return {
      geometricMean: geometricMean(both.map((result) => result.ratios[peer]!.median)),
      minGeometricMean: geometricMean(both.map((result) => result.ratios[peer]!.min)),
      totalRatio: seconds(engines[0]!) / seconds(peer),
      work: both.length,
    }
  }
}

/** What a run was made with, for the report. */
export function circumstances(): Pick<Report, 'command' | 'date' | 'commit' | 'machine'> {
  return {
    command: `npm run bench -- ${process.argv.slice(2).join(' ')}`,
    date: new Date().toISOString(),
    commit: commit(),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
      node: process.versions.node,
    },
  }
}

function commit(): string {
  const git = (args: readonly string[]): string =>
    execFileSync('git', args, { cwd: benchFile(), encoding: 'utf8' }).trim()
  try {
    const changed = git(['status', '--porcelain', '--untracked-files=no']) === '' ? '' : ' with changes'
    return git(['rev-parse', 'HEAD']) + changed
  } catch {
    return 'unknown'
  }
}

export function writeReport(report: Report, path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(report, null, 1)}\n`)
  process.stdout.write(`report: ${path}\n`)
}

/** One line for one piece of work. */
export function resultLine({ name, engines, ratios, disagreements }: WorkResult): string {
  const parts = Object.entries(engines).map(([engine, { seconds, minSeconds, peakBytes, error }]) => {
    if (error !== undefined) return `${engine} ${error}`
    const ratio = ratios[engine]
    const text = ratio === undefined ? '' : ` ratio ${ratio.median.toFixed(2)} (min ${ratio.min.toFixed(2)})`
    return `${engine} ${seconds.toFixed(3)} s (min ${minSeconds.toFixed(3)}) ${megabytes(peakBytes)}${text}`
  })
  const [ours] = Object.values(engines)
  const speed =
    ours === undefined || !Number.isFinite(ours.rowsPerSecond) ? '' : perSecond(ours.rowsPerSecond)
  const details = Object.entries(ours?.details ?? {}).map(([key, value]) => `\n  ${key} ${Math.round(value)}`)
  const faults = disagreements.map((text) => `\n  ANSWERS DIFFER: ${text}`).join('')
  return `${name}  ${parts.join('  |  ')}  ${speed}${details.join('')}${faults}\n`
}

/** Lines for the totals of a part. */
export function summaryLines({ name, totals, summaries }: PartReport): string {
  const lines = Object.entries(totals).map(([engine, { seconds, peakBytes }]) => {
    const summary = summaries[engine]
    const ratios =
      summary === undefined
        ? ''
        : `  geometric mean of ratios ${summary.geometricMean.toFixed(3)}` +
          ` (of minima ${summary.minGeometricMean.toFixed(3)}), of totals ${summary.totalRatio.toFixed(3)}`
    return `${name}  ${engine}: total ${seconds.toFixed(3)} s, peak ${megabytes(peakBytes)}${ratios}\n`
  })
  return lines.join('')
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}

/** Rows per second, and the time of one where they are too many to imagine. */
function perSecond(rows: number): string {
  if (rows < 1e6) return `${Math.round(rows)} rows/s`
  return `${(rows / 1e6).toFixed(1)} M rows/s, ${(1e9 / rows).toPrecision(3)} ns each`
}
