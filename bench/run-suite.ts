import { join } from 'node:path'
import {
  circumstances,
  type PartReport,
  partReport,
  type Report,
  resultLine,
  summaryLines,
} from './report.ts'
import { type Engine, EngineProcess } from './run/engine-process.ts'
import { benchFile, millraceProgram, peerProgram } from './run/engines.ts'
import { measure, type WorkResult } from './run/measure.ts'
import { millraceVersion } from './run/millrace-version.ts'
import { WholeProcess } from './run/whole-process.ts'
import type { BenchOptions, Part } from './suites/suite.ts'

/** Runs the parts of a suite, prints each result as it comes, and gives the report. */
export async function runParts(parts: readonly Part[], options: BenchOptions): Promise<Report> {
  const versions: Record<string, string> = {}
  const reports: PartReport[] = []
  for (const part of parts) {
    if (part.work.length === 0) continue
    const report = partReport(part.name, await runPart(part, options, versions))
    process.stdout.write(summaryLines(report))
    reports.push(report)
  }
  const { suite, threads, runs, memory } = options
  return {
    suite,
    ...circumstances(),
    versions,
    threads,
    runs,
    ...(memory === undefined ? {} : { memory }),
    parts: reports,
  }
}

async function runPart(
  part: Part,
  options: BenchOptions,
  versions: Record<string, string>,
): Promise<readonly WorkResult[]> {
  const engines: Engine[] = []
  const results: WorkResult[] = []
  try {
    const names = part.masters === undefined ? ['millrace', ...options.peers] : Object.keys(part.masters)
    for (const name of names) engines.push(await engineOf(name, part, options))
    // A whole process has nothing to warm.
    const warmups = part.wholeProcesses === true ? Math.min(1, options.warmups) : options.warmups
    for (const work of part.work) {
      const result = await measure(work, engines, { ...options, warmups, expected: part.expected })
      process.stdout.write(resultLine(result))
      results.push(result)
    }
  } finally {
    await Promise.all(engines.map((engine) => engine.stop()))
  }
  for (const { name, version } of engines) versions[name] = version
  return results
}

async function engineOf(name: string, part: Part, options: BenchOptions): Promise<Engine> {
  const { threads, memory, profile } = options
  const master = part.masters?.[name]
  const config = { threads, memory, master, tables: part.tables }
  const isOurs = name === 'millrace' || master !== undefined
  const program = isOurs ? { ...millraceProgram(profile), name } : peerProgram(name)
  if (part.wholeProcesses !== true) return await EngineProcess.start(program, config)
  return name === 'millrace'
    ? WholeProcess.millrace(config, millraceVersion())
    : WholeProcess.peer(program, config)
}

/** Whether every answer was given and agrees. */
export function allAgree(report: Report): boolean {
  const results = report.parts.flatMap((part) => part.results)
  return results.length > 0 && results.every(({ disagreements }) => disagreements.length === 0)
}

/** Where a report goes that no --out names. */
export function reportPath({ suite, cold, memory, peers, out }: BenchOptions, report: Report): string {
  if (out !== null) return out
  const part = report.parts.length === 1 ? report.parts[0]!.name.replace(' whole process', '') : suite
  const details = [...(cold ? ['cold'] : []), ...(memory === undefined ? [] : [memory]), ...peers]
  return join(benchFile('results'), `${[part, ...details].join('-').replaceAll(/[^\w.-]+/g, '-')}.json`)
}
