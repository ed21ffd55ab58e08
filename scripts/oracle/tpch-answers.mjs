// Runs the TPC-H queries through the command line and compares the answers with given ones.
//
//   node scripts/oracle/tpch-answers.mjs --data DIR --queries DIR --expected DIR [--fraction 0.001] [--master
//   local[2]]
//
// DIR of data holds lineitem.parquet … (tpchgen-cli parquet makes them), that of queries q01.sql …, that of
// answers q01.csv …. --fraction replaces 0.0001 in query 11 (0.0001 / scale factor). Numbers may differ by a
// part in a million or, where the answer is an average, in digits beyond those of Spark's type. Exit code 1
// if an answer differs.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string' },
    queries: { type: 'string' },
    expected: { type: 'string' },
    fraction: { type: 'string', default: '0.0001' },
    master: { type: 'string', default: 'local[2]' },
  },
})
if (!flags.data || !flags.queries || !flags.expected) {
  console.error('usage: tpch-answers.mjs --data DIR --queries DIR --expected DIR [--fraction F] [--master M]')
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-tpch-'))
try {
  const names = readdirSync(flags.queries)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  for (const name of names) {
    const text = readFileSync(join(flags.queries, name), 'utf8')
    writeFileSync(join(folder, name), text.replace('* 0.0001', `* ${flags.fraction}`))
  }
  const tables = readdirSync(flags.data).filter((name) => name.endsWith('.parquet'))
  const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
  const args = [
    'sql',
    '--master',
    flags.master,
    '--time-zone',
    'UTC',
    '--format',
    'csv',
    '-o',
    join(folder, 'out'),
  ]
  for (const table of tables) args.push('-t', `${basename(table, '.parquet')}=${join(flags.data, table)}`)
  for (const name of names) args.push('-f', join(folder, name))
  const run = spawnSync(process.execPath, [program, ...args], { stdio: 'inherit' })
  if (run.status !== 0) process.exit(1)
  let failed = 0
  for (const name of names.map((file) => file.replace('.sql', '.csv'))) {
    const difference = compare(readCsv(join(folder, 'out', name)), readCsv(join(flags.expected, name)))
    if (difference !== null) failed++
    console.log(`${name}: ${difference ?? 'same'}`)
  }
  console.log(`${names.length - failed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Rows of a CSV file, without its header. */
function readCsv(path) {
  const rows = []
  let row = []
  let field = ''
  let quoted = false
  const text = readFileSync(path, 'utf8').replaceAll('\r\n', '\n')
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (quoted && char === '"' && text[at + 1] === '"') {
      field += '"'
      at++
    } else if (char === '"') quoted = !quoted
    else if (quoted || (char !== ',' && char !== '\n')) field += char
    else {
      row.push(field)
      field = ''
      if (char === '\n') {
        rows.push(row)
        row = []
      }
    }
  }
  return rows.slice(1)
}

/** The first difference, or null. */
function compare(actual, expected) {
  if (actual.length !== expected.length) return `${actual.length} rows, not ${expected.length}`
  for (const [index, row] of expected.entries())
    for (const [column, value] of row.entries())
      if (!same(actual[index][column], value))
        return `row ${index + 1}, column ${column + 1}: ${actual[index][column]}, not ${value}`
  return null
}

function same(actual, expected) {
  if (actual === expected) return true
  if (actual === '' || expected === '') return false
  const [a, b] = [Number(actual), Number(expected)]
  if (Number.isNaN(a) || Number.isNaN(b)) return expected.startsWith(actual) && expected.endsWith('00:00:00')
  return Math.abs(a - b) <= Math.max(1e-6, 1e-6 * Math.abs(b))
}
