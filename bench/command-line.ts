import { parseArgs } from 'node:util'
import { peerNames } from './run/engines.ts'
import type { BenchOptions } from './suites/suite.ts'

/** What `npm run bench -- help` prints. */
export const HELP = `Measures Millrace and its peers in turn on the same files; see docs/bench.md.

Usage: npm run bench -- SUITE [flags]
       npm run bench -- setup                   peers in a Python environment
       npm run bench -- compare A.json B.json   what changed between two reports
       npm run bench -- table [FILE.json …]     reports as Markdown (default: all of bench/results);
                                                with --out, into a page after its line <!-- tables -->

Suites:
  tpch      the 22 queries of TPC-H
  growth    the same at scale factors 0.1, 1 and 10
  h2o       group-by and join of the h2o benchmark (also: h2o-groupby, h2o-join)
  formats   Parquet, CSV and JSON lines: reading and writing
  sched     tasks and jobs that do nothing, in process and over gRPC (peer: spark)
  rdd       functions of the program over 10 million numbers, and a text of 1 GB (peer: spark)
  shuffle   2 GB of rows from one process to another over loopback, with the time of each step
  startup   a whole process for "select 1"; the first row of a filter
  cluster   TPC-H on a driver and workers against one process; a worker lost in the middle of a job
  transport 2 GB of chunks from one process to another, over HTTP/2 and over connections of their own
  micro     kernels, in nanoseconds a value

Flags:
  --sf N           scale factor of TPC-H (default: 1)
  --rows N         records of h2o and rdd (default: 1e7)
  --data DIR       a folder with the files (default: made in ~/.cache/millrace-bench)
  --peers LIST     of ${peerNames.join(', ')}; or none
                   (default: duckdb; rdd, sched: spark; micro, shuffle, transport: none)
  --queries LIST   only these, such as q01,q06
  --cold           tpch: a whole process that runs each query once
  --threads N      of each engine (default: 2)
  --runs N         that count (default: 3)
  --warmups N      runs before that do not count (default: 1)
  --memory SIZE    limit of Millrace, DuckDB and Spark, such as 1g
  --timeout N      seconds that one run may take (default: 900)
  --expected DIR   expected answers of tpch as q01.csv …
  --profile DIR    a profile of Millrace; it is slower then
  --out FILE       the report (default: bench/results/SUITE-….json)

The exit code is 1 when an answer is missing or differs, 2 when the command is not understood.
`

const USUAL_PEERS: Readonly<Record<string, string>> = {
  rdd: 'spark',
  sched: 'spark',
  micro: 'none',
  shuffle: 'none',
  transport: 'none',
}

/** A command of the bench; `options` are those of a suite. */
export interface BenchCommand {
  readonly command: string | undefined
  readonly files: readonly string[]
  readonly help: boolean
  readonly options: BenchOptions
}

/** Reads the command line; throws what is wrong with it. */
export function readCommand(args: readonly string[]): BenchCommand {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      sf: { type: 'string', default: '1' },
      rows: { type: 'string', default: '1e7' },
      data: { type: 'string' },
      peers: { type: 'string' },
      queries: { type: 'string' },
      threads: { type: 'string', default: '2' },
      runs: { type: 'string', default: '3' },
      warmups: { type: 'string', default: '1' },
      memory: { type: 'string' },
      timeout: { type: 'string', default: '900' },
      expected: { type: 'string' },
      profile: { type: 'string' },
      cold: { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const [command, ...files] = positionals
  const options: BenchOptions = {
    suite: command ?? '',
    scaleFactor: positive('sf', values.sf),
    rows: positive('rows', values.rows),
    data: values.data ?? null,
    peers: readPeers(values.peers ?? USUAL_PEERS[command ?? ''] ?? 'duckdb'),
    queries: values.queries?.split(',') ?? null,
    threads: positive('threads', values.threads),
    runs: positive('runs', values.runs),
    warmups: Number(values.warmups),
    memory: values.memory,
    timeoutMs: positive('timeout', values.timeout) * 1000,
    expected: values.expected ?? null,
    cold: values.cold,
    profile: values.profile ?? null,
    out: values.out ?? null,
  }
  return { command, files, help: values.help, options }
}

function positive(name: string, text: string): number {
  const number = Number(text)
  if (!(number > 0)) throw new Error(`--${name} takes a number above 0, not "${text}"`)
  return number
}

function readPeers(list: string): readonly string[] {
  if (list === 'none') return []
  const peers = list.split(',')
  const unknown = peers.find((peer) => !peerNames.some((known) => known === peer))
  if (unknown === undefined) return peers
  throw new Error(`peer "${unknown}" does not exist; there are: ${peerNames.join(', ')}, none`)
}
