// Proves Millrace against other engines: `npm run oracle -- CHECK…`. What each check does is in README.md.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const HELP = `proves Millrace against other engines

Usage: npm run oracle -- [CHECK]… [flags]

Checks (without one: parquet, tables, text, slt, functions, fuzz; and tpch if --queries is given):
  parquet    Parquet files of pyarrow, DuckDB, Polars and Spark read by Millrace, and its own read by them
  tables     the same for folders: every codec, partitions, buckets
  text       the same for CSV and JSON
  tpch       the TPC-H queries; data of tpchgen-cli
  slt        the SQL logic tests, asked of Spark
  functions  expressions, asked of Spark
  fuzz       random queries, asked of DuckDB

      --venv DIR      virtual environment with requirements.txt; made if missing (default: .venv/oracle)
      --queries DIR   q01.sql … of TPC-H
      --expected DIR  their answers, q01.csv … (default: DuckDB's)
      --data DIR      lineitem.parquet … (default: made at --scale)
      --scale N       scale factor of TPC-H (default: 0.1)
      --fraction F    what query 11 multiplies by (default: 0.0001 / scale)
      --fuzz N        random queries (default: 300)
      --seed N        their seed (default: a new one)
      --report FILE   where to write the JSON report (default: bench/results/oracle.json)
  -h, --help          show this help

Needs Python 3.11 or later, Java 17 for Spark, and a build (npm run build).
Exit codes: 0 all the same, 1 something differs or did not run, 2 wrong use.
`

const HERE = fileURLToPath(new URL('.', import.meta.url))
const ROOT = resolve(HERE, '../..')

const CHECKS = {
  parquet: { run: async (python) => [await python('parquet-interop.py', '--spark')], count: passedAndFailed },
  tables: { run: async (python) => [await python('table-interop.py', 'parquet')], count: passedAndFailed },
  text: { run: async (python) => [await python('table-interop.py', 'text')], count: passedAndFailed },
  tpch: { run: runTpch, count: passedAndFailed },
  slt: {
    run: async (python) => [await python('slt-vs-spark.py')],
    count: (text) => pair(text, /(\d+) equal/g, /(\d+) different/g),
  },
  functions: {
    run: async (python) => [await python('functions-vs-spark.py')],
    count: (text) => {
      const [, agreed, all] = /(\d+) of (\d+) expressions agree/.exec(text) ?? [null, 0, 0]
      return { passed: Number(agreed), failed: all - agreed }
    },
  },
  fuzz: {
    run: async (python, flags) => {
      const seed = flags.seed === undefined ? [] : ['--seed', flags.seed]
      return [await python('fuzz-vs-duckdb.py', '--queries', flags.fuzz, ...seed)]
    },
    count: (text) => pair(text, /(\d+) equal/g, /(\d+) (?:different|internal errors)/g),
  },
}

process.exitCode = await main()

async function main() {
  const { flags, names } = readArguments()
  if (flags.help) {
    process.stdout.write(HELP)
    return 0
  }
  const unknown = names.find((name) => !(name in CHECKS))
  if (unknown !== undefined) return misuse(`there is no check "${unknown}"`)
  if (names.includes('tpch') && flags.queries === undefined)
    return misuse('tpch needs --queries DIR: the queries are not part of this repository')
  if (!existsSync(join(ROOT, 'dist/cli/main.js'))) return misuse('there is no build; run npm run build')
  const venv = resolve(ROOT, flags.venv)
  prepare(venv)
  const results = {}
  for (const name of names) results[name] = await runCheck(name, venv, flags)
  const passed = sum(results, 'passed')
  const failed = sum(results, 'failed')
  writeReport(resolve(ROOT, flags.report), venv, results)
  for (const [name, result] of Object.entries(results))
    console.log(`${name}: ${result.passed} passed, ${result.failed} failed, ${result.seconds} s`)
  console.log(`${passed} passed, ${failed} failed`)
  return failed > 0 ? 1 : 0
}

function readArguments() {
  const text = { type: 'string' }
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        venv: { ...text, default: '.venv/oracle' },
        queries: text,
        expected: text,
        data: text,
        scale: { ...text, default: '0.1' },
        fraction: text,
        fuzz: { ...text, default: '300' },
        seed: text,
        report: { ...text, default: 'bench/results/oracle.json' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    const usual = Object.keys(CHECKS).filter((name) => name !== 'tpch' || values.queries !== undefined)
    return { flags: values, names: positionals.length > 0 ? positionals : usual }
  } catch (error) {
    process.exit(misuse(error.message))
  }
}

function misuse(message) {
  process.stderr.write(`${message}; see npm run oracle -- --help\n`)
  return 2
}

/** Makes the virtual environment unless it is there, and installs what it lacks. */
function prepare(venv) {
  const requirements = join(HERE, 'requirements.txt')
  const wanted = readFileSync(requirements, 'utf8').trim().split('\n')
  if (!existsSync(join(venv, 'bin/python'))) {
    mkdirSync(venv, { recursive: true })
    must('python3', ['-m', 'venv', venv])
  }
  const installed = versionsIn(venv)
  const missing = wanted.filter((line) => {
    const [name, version] = line.split('==')
    return installed[name.replace(/\[.*/, '')] !== version
  })
  if (missing.length > 0) must(join(venv, 'bin/pip'), ['install', '--quiet', '--requirement', requirements])
}

function must(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`, { cause: error })
}

/** Installed packages: name → version. */
function versionsIn(venv) {
  const { stdout } = spawnSync(join(venv, 'bin/pip'), ['list', '--format', 'json'], { encoding: 'utf8' })
  return Object.fromEntries(JSON.parse(stdout || '[]').map(({ name, version }) => [name, version]))
}

/** Runs a check. One that ends badly without a failed comparison has not run: that is a failure too. */
async function runCheck(name, venv, flags) {
  console.log(`== ${name}`)
  const begun = Date.now()
  const python = (program, ...args) => runProgram(join(venv, 'bin/python'), [join(HERE, program), ...args])
  const runs = await CHECKS[name].run(python, flags, venv)
  const counts = runs.map(({ status, text }) => {
    const { passed, failed } = CHECKS[name].count(text)
    return { passed, failed: failed === 0 && (status !== 0 || passed === 0) ? 1 : failed }
  })
  return {
    passed: sum(counts, 'passed'),
    failed: sum(counts, 'failed'),
    seconds: Math.round((Date.now() - begun) / 1000),
  }
}

/** Runs a program, shows its output, and gives it with the exit code. */
function runProgram(command, args) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
    const pieces = []
    child.stdout.on('data', (piece) => {
      pieces.push(piece)
      process.stdout.write(piece)
    })
    child.on('error', fail)
    child.on('close', (status) => done({ status, text: Buffer.concat(pieces).toString('utf8') }))
  })
}

async function runTpch(python, flags, venv) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-oracle-'))
  try {
    const data = flags.data ?? join(folder, 'data')
    if (flags.data === undefined)
      must(join(venv, 'bin/tpchgen-cli'), ['parquet', '-s', flags.scale, '--output-dir', data])
    const fraction = flags.fraction ?? (0.0001 / Number(flags.scale)).toFixed(10)
    const expected = flags.expected ?? join(folder, 'expected')
    const common = ['--data', data, '--queries', flags.queries, '--fraction', fraction]
    if (flags.expected === undefined) {
      const asked = await python('tpch-duckdb.py', ...common, '--out', expected)
      if (asked.status !== 0) return [asked]
    }
    return [await runProgram('node', [join(HERE, 'tpch-answers.mjs'), ...common, '--expected', expected])]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The last line `N passed, N failed` of a program. */
function passedAndFailed(text) {
  const [, passed, failed] = [...text.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1) ?? [null, 0, 0]
  return { passed: Number(passed), failed: Number(failed) }
}

/** Sums of the numbers that two patterns find in the last line that the first one is in. */
function pair(text, passed, failed) {
  const last = text.split('\n').findLast((line) => line.search(passed) >= 0) ?? ''
  const total = (pattern) => [...last.matchAll(pattern)].reduce((all, [, count]) => all + Number(count), 0)
  return { passed: total(passed), failed: total(failed) }
}

function sum(records, key) {
  return Object.values(records).reduce((all, record) => all + record[key], 0)
}

/** Checks that were not run keep what an earlier report says of them. */
function writeReport(path, venv, results) {
  const installed = versionsIn(venv)
  const names = ['duckdb', 'polars', 'pyarrow', 'pyspark', 'tpchgen-cli']
  const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: ROOT,
    encoding: 'utf8',
  }).stdout.trim()
  const date = new Date().toISOString().slice(0, 10)
  const versions = {
    node: process.version,
    ...Object.fromEntries(names.map((name) => [name, installed[name]])),
  }
  const earlier = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).checks : {}
  const now = Object.entries(results).map(([name, result]) => [name, { ...result, date, commit, versions }])
  const report = {
    machine: `${cpus().length} × ${cpus()[0]?.model}`,
    checks: { ...earlier, ...Object.fromEntries(now) },
  }
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`)
}
