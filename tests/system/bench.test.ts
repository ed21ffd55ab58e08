import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTinyTpch } from '../../bench/data/tiny-tpch.ts'
import type { Report } from '../../bench/report.ts'

const MAIN = fileURLToPath(new URL('../../dist/bench/main.js', import.meta.url))
const EXPECTED = join(import.meta.dirname, 'bench-expected')
const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
const data = join(folder, 'data')

beforeAll(async () => {
  cpSync(EXPECTED, join(folder, 'expected'), { recursive: true })
  mkdirSync(data)
  await makeTinyTpch(data)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the bench as a user does; timings decide nothing here. */
function bench(...args: readonly string[]): { readonly code: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' })
  return { code: status, output: stdout + stderr }
}

function report(name: string): Report {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Report
}

const TINY = ['tpch', '--sf', '0.01', '--data', data, '--runs', '1', '--warmups', '0']

test('all answers of the 22 queries are those that DuckDB gave for the same files', () => {
  const flags = ['--peers', 'none', '--runs', '3', '--expected', EXPECTED, '--out', join(folder, 'warm.json')]
  const { code, output } = bench(...TINY, ...flags)
  expect(output).not.toContain('DIFFER')
  expect(code).toBe(0)
  const { parts, versions } = report('warm.json')
  expect(Object.keys(versions)).toEqual(['millrace'])
  expect(parts[0]!.results.map(({ name }) => name).length).toBe(22)
  for (const { engines } of parts[0]!.results) {
    const { runs, peakBytes, bytesRead } = engines['millrace']!
    expect(runs.length).toBe(3)
    expect(peakBytes).toBeGreaterThan(0)
    expect(bytesRead![0]).toBeGreaterThan(0)
    expect(bytesRead).toEqual(Array(3).fill(bytesRead![0]))
  }
})

test('an answer that differs is an error', () => {
  const path = join(folder, 'expected', 'q06.csv')
  writeFileSync(path, readFileSync(path, 'utf8').replace(/\d\.\d+$/m, '0.25'))
  const flags = ['--queries', 'q06', '--peers', 'none', '--expected', join(folder, 'expected')]
  const { code, output } = bench(...TINY, ...flags, '--out', join(folder, 'differs.json'))
  expect(output).toMatch(/ANSWERS DIFFER: expected: row 1 is \["[\d.]+"\], not \["[\d.]+0\.25"\]/)
  expect(code).toBe(1)
})

test('a whole process answers all queries once', () => {
  const { code, output } = bench(...TINY, '--cold', '--peers', 'none', '--out', join(folder, 'cold.json'))
  expect(code, output).toBe(0)
  expect(report('cold.json').parts[0]!.results.map(({ name }) => name)).toEqual(['22 queries'])
})

test('two reports are compared, and become tables', () => {
  const warm = join(folder, 'warm.json')
  expect(bench('compare', warm, warm).output).toContain('geometric mean of changes: millrace 1.000 over 22')
  expect(bench('table', warm).output).toMatch(/^\| q01 \| \d+\.\d+ \| \d+ \| [\d.]+ M \| [\d.]+ \|$/m)
  const page = join(folder, 'page.md')
  writeFileSync(page, 'before\n<!-- tables -->\nold\n')
  expect(bench('table', warm, '--out', page).code).toBe(0)
  expect(readFileSync(page, 'utf8')).toMatch(
    /^before\n<!-- tables -->\n\n\*\*tpch sf0.01\*\* \(2 threads; millrace/,
  )
  expect(readFileSync(page, 'utf8')).not.toContain('old')
  expect(bench('compare', warm).code).toBe(2)
})

test('every kernel of the micro suite runs', () => {
  const { code, output } = bench(
    'micro',
    '--runs',
    '1',
    '--warmups',
    '0',
    '--out',
    join(folder, 'micro.json'),
  )
  expect(code, output).toBe(0)
  for (const { name, engines } of report('micro.json').parts[0]!.results)
    expect(engines['millrace']!.seconds, name).toBeGreaterThan(0)
})

test.each([
  [['tpch', '--peers', 'duckdbb'], 'peer "duckdbb" does not exist'],
  [['tpcd'], 'suite "tpcd" does not exist'],
  [[...TINY, '--queries', 'q77'], '"q77" is none of: q01'],
  [['tpch', '--runs', 'many'], '--runs takes a number above 0, not "many"'],
])('%j is told what is wrong', (args, message) => {
  const { code, output } = bench(...args, '--out', join(folder, 'wrong.json'))
  expect(output).toContain(message)
  expect(code).toBe(2)
})

test.runIf(existsSync(join(homedir(), '.cache', 'millrace-bench', 'venv', 'bin', 'python')))(
  'DuckDB and Polars, where they are installed, give the same answers',
  () => {
    const flags = ['--peers', 'duckdb,polars', '--out', join(folder, 'peers.json')]
    const { code, output } = bench(...TINY, ...flags)
    expect(output).not.toContain('DIFFER')
    expect(code).toBe(0)
    expect(Object.keys(report('peers.json').parts[0]!.summaries)).toEqual(['duckdb', 'polars'])
  },
)
