import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { Session } from '../driver/session.ts'
import { valueReader } from '../engine/batch/index.ts'
import { formatValue } from '../engine/functions/index.ts'
import { DuckDbPeer, type PeerAnswer } from './duckdb-peer.ts'

const USAGE = `Times TPC-H queries on Millrace and DuckDB, in turn (A B A B …), over the same Parquet files,
and compares their answers.

Usage: node dist/bench/tpch.js --data DIR --queries DIR [--only q01,q06] [--runs 5] [--threads 2]
                               [--python PYTHON] [--out FILE]

  --data DIR      folder with lineitem.parquet … (tpchgen-cli makes them)
  --queries DIR   folder with q01.sql … q22.sql
  --python PYTHON an interpreter with the package duckdb (default: python3)
  --out FILE      where the report goes (default: bench/results/tpch.json)
`

interface Result {
  readonly query: string
  readonly millraceSeconds: number
  readonly duckdbSeconds: number
  readonly ratio: number
  readonly rows: number
  readonly same: boolean
}

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string' },
    queries: { type: 'string' },
    only: { type: 'string' },
    runs: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    python: { type: 'string', default: 'python3' },
    out: { type: 'string', default: 'bench/results/tpch.json' },
    help: { type: 'boolean', short: 'h' },
  },
})
if (flags.help === true || flags.data === undefined || flags.queries === undefined)
  process.stdout.write(USAGE)
else await main(flags.data, flags.queries)

async function main(data: string, queries: string): Promise<void> {
  const threads = Number(flags.threads)
  const session = new Session({ master: `local[${threads}]`, timeZone: 'UTC' })
  const peer = await DuckDbPeer.start(flags.python, threads, data)
  for (const file of readdirSync(data).filter((name) => name.endsWith('.parquet')))
    await session.registerPath(basename(file, '.parquet'), join(data, file))
  const names = readdirSync(queries)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => basename(name, '.sql'))
  const only = flags.only?.split(',')
  const results: Result[] = []
  for (const name of names.filter((query) => only === undefined || only.includes(query)).sort()) {
    const result = await compare(name, readFileSync(join(queries, `${name}.sql`), 'utf8'), session, peer)
    results.push(result)
    process.stdout.write(
      `${name}  millrace ${result.millraceSeconds.toFixed(3)} s  ` +
        `duckdb ${result.duckdbSeconds.toFixed(3)} s  ` +
        `ratio ${result.ratio.toFixed(2)}  ${result.same ? 'same answer' : 'ANSWERS DIFFER'}\n`,
    )
  }
  peer.stop()
  await session.stop()
  report(results, peer.version, threads)
}

/** Warm-up, then the runs in turn; the medians count. */
async function compare(query: string, sql: string, session: Session, peer: DuckDbPeer): Promise<Result> {
  let ours = await runHere(session, sql)
  let theirs = await peer.run(sql)
  const seconds = { ours: [] as number[], theirs: [] as number[] }
  for (let run = 0; run < Number(flags.runs); run++) {
    ours = await runHere(session, sql)
    theirs = await peer.run(sql)
    seconds.ours.push(ours.seconds)
    seconds.theirs.push(theirs.seconds)
  }
  const [millraceSeconds, duckdbSeconds] = [median(seconds.ours), median(seconds.theirs)]
  const same = sameRows(ours.rows, theirs.rows)
  return {
    query,
    millraceSeconds,
    duckdbSeconds,
    ratio: millraceSeconds / duckdbSeconds,
    rows: ours.rows.length,
    same,
  }
}

async function runHere(session: Session, sql: string): Promise<PeerAnswer> {
  const start = performance.now()
  const query = await session.runText({ text: sql, position: { line: 1, column: 1, offset: 0 } })
  const rows: (string | null)[][] = []
  const settings = { timeZone: 'UTC', nowMicros: 0n, randomSeed: 0 }
  for await (const { batch, release: give } of query.batches) {
    const columns = batch.columns.map((column, index) => {
      const read = valueReader(column)
      const { type } = query.plan.schema.fields[index]!
      return (row: number): string | null => {
        const value = read(row)
        return value === null ? null : formatValue(value, type, settings)
      }
    })
    for (let row = 0; row < batch.rowCount; row++) rows.push(columns.map((text) => text(row)))
    give()
  }
  return { seconds: (performance.now() - start) / 1000, rows }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}

/**
 * In order; numbers to six digits after the point or a part in a million, because averages have other types
 * there.
 */
function sameRows(a: PeerAnswer['rows'], b: PeerAnswer['rows']): boolean {
  return (
    a.length === b.length &&
    a.every((row, index) => row.every((value, column) => sameValue(value, b[index]![column]!)))
  )
}

function sameValue(a: string | null, b: string | null): boolean {
  if (a === b || a === null || b === null) return a === b
  const [x, y] = [Number(a), Number(b)]
  if (Number.isNaN(x) || Number.isNaN(y)) return b.startsWith(a)
  return Math.abs(x - y) <= Math.max(1e-6, 1e-6 * Math.abs(y))
}

function report(results: readonly Result[], duckdbVersion: string, threads: number): void {
  const logs = results.map(({ ratio }) => Math.log(ratio))
  const geometricMean = Math.exp(logs.reduce((sum, log) => sum + log, 0) / Math.max(1, logs.length))
  process.stdout.write(`geometric mean of the ratios: ${geometricMean.toFixed(2)}\n`)
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    kernel: release(),
    node: process.versions.node,
  }
  const command = `node dist/bench/tpch.js ${process.argv.slice(2).join(' ')}`
  const text = JSON.stringify({ command, machine, duckdbVersion, threads, geometricMean, results }, null, 2)
  mkdirSync('bench/results', { recursive: true })
  writeFileSync(flags.out, `${text}\n`)
}
