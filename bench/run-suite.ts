import { join } from 'node:path'
import {
  circumstances,
  type PartReport,
  partReport,
  type Report,
  resultLine,
  summaryLines,
} from './report.ts'
import { EngineProcess } from './run/engine-process.ts'
import { benchFile, millraceProgram, peerProgram } from './run/engines.ts'
import { measure, type WorkResult } from './run/measure.ts'
import type { BenchOptions, Part } from './suites/suite.ts'

/** Runs the parts of a suite, prints each result as it comes, and gives the report. */
export async function runParts(parts: readonly Part[], options: BenchOptions): Promise<Report> {
  const versions: Record<string, string> = {}
  const reports: PartReport[] = []
  for (const part of parts) {
    const report = partReport(part.name, await runPart(part, options, versions))
    process.stdout.write(summaryLines(report))
    reports.push(report)
  }
  const { suite, threads, memory } = options
  return {
    suite,
    ...circumstances(),
    versions,
    threads,
    ...(memory === undefined ? {} : { memory }),
    parts: reports,
  }
}

async function runPart(
  part: Part,
  options: BenchOptions,
  versions: Record<string, string>,
): Promise<readonly WorkResult[]> {
  const { threads, memory, peers, queries } = options
  const config = { threads, memory, tables: part.tables }
  const engines: EngineProcess[] = []
  const results: WorkResult[] = []
  try {
    for (const program of [millraceProgram(), ...peers.map(peerProgram)]) {
      const engine = await EngineProcess.start(program, config)
      versions[engine.name] = engine.version
      engines.push(engine)
    }
    for (const work of part.work) {
      if (queries !== null && !queries.includes(work.name)) continue
      const result = await measure(work, engines, { ...options, expected: part.expected })
      process.stdout.write(resultLine(result))
      results.push(result)
    }
  } finally {
    await Promise.all(engines.map((engine) => engine.stop()))
  }
  return results
}

/** Whether every answer was given and agrees. */
export function allAgree(report: Report): boolean {
  const results = report.parts.flatMap((part) => part.results)
  return results.length > 0 && results.every(({ disagreements }) => disagreements.length === 0)
}

/** Where a report goes that no --out names. */
export function reportPath({ suite, cold, peers, out }: BenchOptions, part: string): string {
  if (out !== null) return out
  const name = [part.startsWith(suite) ? part : suite, ...(cold ? ['cold'] : []), ...peers].join('-')
  return join(benchFile('results'), `${name.replaceAll(' ', '-')}.json`)
}
