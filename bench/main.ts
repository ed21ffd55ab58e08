import { parseArgs } from 'node:util'
import { writeReport } from './report.ts'
import { allAgree, reportPath, runParts } from './run-suite.ts'
import { setUpPeers } from './setup.ts'
import type { BenchOptions, Part } from './suites/suite.ts'
import { tpchPart } from './suites/tpch.ts'

const HELP = `Measures Millrace and its peers in turn, on the same files; docs/bench.md tells what and how.

Usage: npm run bench -- SUITE [flags]
       npm run bench -- setup                 peers in a Python environment
       npm run bench -- compare A.json B.json what changed between two reports

Suites:
  tpch      the 22 queries of TPC-H

Flags:
  --sf N           scale factor of TPC-H (default: 1)
  --data DIR       a folder with the files (default: made in ~/.cache/millrace-bench)
  --peers LIST     duckdb, polars, datafusion, spark, or none (default: duckdb)
  --queries LIST   only these, such as q01,q06
  --threads N      of each engine (default: 2)
  --runs N         that count, after one that does not (default: 3)
  --warmups N      runs that do not count (default: 1)
  --memory SIZE    limit of Millrace, DuckDB and Spark, such as 1g
  --timeout N      seconds a query may take (default: 900)
  --expected DIR   expected answers as q01.csv …
  --out FILE       the report (default: bench/results/SUITE-….json)

The exit code is 1 when an answer is missing or differs.
`

const suites: Readonly<Record<string, (options: BenchOptions) => Promise<readonly Part[]>>> = {
  tpch: async (options) => [await tpchPart(options)],
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      sf: { type: 'string', default: '1' },
      rows: { type: 'string', default: '1e7' },
      data: { type: 'string' },
      peers: { type: 'string', default: 'duckdb' },
      queries: { type: 'string' },
      threads: { type: 'string', default: '2' },
      runs: { type: 'string', default: '3' },
      warmups: { type: 'string', default: '1' },
      memory: { type: 'string' },
      timeout: { type: 'string', default: '900' },
      expected: { type: 'string' },
      cold: { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const [command] = positionals
  if (values.help === true || command === undefined || command === 'help') {
    process.stdout.write(HELP)
    return command === undefined && values.help !== true ? 2 : 0
  }
  if (command === 'setup') return setUpPeers()
  const options: BenchOptions = {
    suite: command,
    scaleFactor: Number(values.sf),
    rows: Number(values.rows),
    data: values.data ?? null,
    peers: values.peers === 'none' ? [] : values.peers.split(','),
    queries: values.queries?.split(',') ?? null,
    threads: Number(values.threads),
    runs: Number(values.runs),
    warmups: Number(values.warmups),
    memory: values.memory,
    timeoutMs: Number(values.timeout) * 1000,
    expected: values.expected ?? null,
    cold: values.cold,
    out: values.out ?? null,
  }
  const suite = suites[command]
  if (suite === undefined) throw new Error(`suite "${command}" does not exist; see npm run bench -- help`)
  const report = await runParts(await suite(options), options)
  writeReport(report, reportPath(options, report.parts[0]!.name))
  return allAgree(report) ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
  return 2
})
