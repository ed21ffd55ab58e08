import { HELP, readCommand } from './command-line.ts'
import { compareReports } from './compare-reports.ts'
import { markdownTables, writeTables } from './markdown-tables.ts'
import { writeReport } from './report.ts'
import { allAgree, reportPath, runParts } from './run-suite.ts'
import { setUpPeers } from './setup.ts'
import { cluster } from './suites/cluster.ts'
import { formats } from './suites/formats.ts'
import { h2o } from './suites/h2o.ts'
import { micro } from './suites/micro.ts'
import { rdd } from './suites/rdd.ts'
import { sched } from './suites/sched.ts'
import { shuffle } from './suites/shuffle.ts'
import { startup } from './suites/startup.ts'
import type { Suite } from './suites/suite.ts'
import { growth, tpch } from './suites/tpch.ts'
import { transport } from './suites/transport.ts'

const suites: Readonly<Record<string, Suite>> = {
  tpch,
  cluster,
  growth,
  h2o,
  'h2o-groupby': h2o,
  'h2o-join': h2o,
  formats,
  rdd,
  sched,
  shuffle,
  transport,
  startup,
  micro,
}

/** Does what the command line says; gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const { command, files, help, options } = readCommand(args)
  if (help || command === undefined || command === 'help') {
    process.stdout.write(HELP)
    return help || command !== undefined ? 0 : 2
  }
  switch (command) {
    case 'setup':
      return setUpPeers()
    case 'compare': {
      const [before, after] = files
      if (before === undefined || after === undefined) throw new Error('compare takes two reports')
      process.stdout.write(compareReports(before, after))
      return 0
    }
    case 'table':
      if (options.out === null) process.stdout.write(markdownTables(files))
      else writeTables(options.out, markdownTables(files))
      return 0
  }
  const suite = suites[command]
  if (suite === undefined) throw new Error(`suite "${command}" does not exist; see npm run bench -- help`)
  const report = await runParts(await suite(options), options)
  writeReport(report, reportPath(options, report))
  return allAgree(report) ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
  return 2
})
