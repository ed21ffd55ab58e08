import { readFileSync } from 'node:fs'
import type { PartReport, Report } from './report.ts'
import type { Measured, WorkResult } from './run/measure.ts'
import { geometricMean } from './run/statistics.ts'

/**
 * What changed from one report to another: seconds of each engine, and how much longer (above 1) or shorter
 * it takes. A peer's change tells how much of it is the machine's.
 */
export function compareReports(beforePath: string, afterPath: string): string {
  const [before, after] = [readReport(beforePath), readReport(afterPath)]
  const lines = [`A ${beforePath}  ${about(before)}`, `B ${afterPath}  ${about(after)}`, '']
  for (const part of after.parts) {
    const old = before.parts.find(({ name }) => name === part.name)
    if (old !== undefined) lines.push(...comparePart(old, part))
  }
  return `${lines.join('\n')}\n`
}

/** A report of the bench. Throws for a file that is none. */
export function readReport(path: string): Report {
  const report = JSON.parse(readFileSync(path, 'utf8')) as Partial<Report>
  if (!Array.isArray(report.parts)) throw new Error(`"${path}" is no report of the bench`)
  return report as Report
}

function about({ commit, date, threads }: Report): string {
  return `${commit.slice(0, 10)} ${date.slice(0, 16)} ${threads} threads`
}

function comparePart(before: PartReport, after: PartReport): string[] {
  const changes = new Map<string, number[]>()
  const lines = after.results.flatMap((result) => {
    const old = before.results.find(({ name }) => name === result.name)
    return old === undefined ? [] : [compareWork(old, result, changes)]
  })
  const means = [...changes].map(([engine, ratios]) => {
    return `${engine} ${geometricMean(ratios).toFixed(3)} over ${ratios.length}`
  })
  return [after.name, ...lines, `  geometric mean of changes: ${means.join(', ')}`, '']
}

function compareWork(before: WorkResult, after: WorkResult, changes: Map<string, number[]>): string {
  const texts = Object.entries(after.engines).map(([engine, now]) => {
    const old = before.engines[engine]
    if (old === undefined || !isTimed(old) || !isTimed(now)) return `${engine} -`
    // The least time of each is the least disturbed by what else the machine did.
    const change = now.minSeconds / old.minSeconds
    changes.set(engine, [...(changes.get(engine) ?? []), change])
    return `${engine} ${old.minSeconds.toFixed(3)} → ${now.minSeconds.toFixed(3)} s (${change.toFixed(2)})`
  })
  return `  ${after.name}  ${texts.join('  ')}`
}

function isTimed({ runs }: Measured): boolean {
  return runs.length > 0
}
