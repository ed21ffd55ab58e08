// `npm test`: build, lint, every vitest suite, and a smoke program on other versions of Node. Ends with the
// line `N passed, N failed`. With --release, suites that count rounds run at their full count, and the report
// goes to bench/results/release.json.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const release = process.argv.includes('--release')
const NODE_VERSIONS = ['22', '24']
const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'))
const env = { ...process.env, ...(release ? { MILLRACE_TEST_FULL: '1', FUZZ_ROUNDS: '2000' } : {}) }
let passed = 0
let failed = 0
const failures = []

try {
  step('build', ['scripts/build.mjs'])
  step('lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '.'])
  suites()
  for (const version of NODE_VERSIONS) step(`smoke on Node ${version}`, ['scripts/node-smoke.mjs', version])
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (failures.length > 0) console.log(`\nfailed:\n${failures.map((name) => `  ${name}`).join('\n')}`)
if (release) writeReport()
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1

/** What a release was tested with, and how it went. */
function writeReport() {
  const commit = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout.trim()
  const seconds = Math.round(performance.now() / 1000)
  const date = new Date().toISOString().slice(0, 10)
  const report = {
    command: 'npm run test:release',
    date,
    commit,
    node: process.version,
    seconds,
    passed,
    failed,
    failures,
  }
  writeFileSync(join(root, 'bench', 'results', 'release.json'), `${JSON.stringify(report, null, 2)}\n`)
}

/** Runs a script in a Node of its own; it counts as one test. */
function step(name, script) {
  console.log(`── ${name}`)
  const { status } = spawnSync(process.execPath, script, { cwd: root, env, stdio: 'inherit' })
  count(name, status === 0)
}

function count(name, succeeded) {
  if (succeeded) passed++
  else {
    failed++
    failures.push(name)
  }
}

/**
 * All vitest suites. A file that fails to load, or a run that breaks off, is a failure even when no test in
 * it failed.
 */
function suites() {
  console.log('── vitest')
  const report = join(folder, 'report.json')
  const script = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json']
  const built = { ...env, MILLRACE_BUILT: '1' }
  const options = { cwd: root, env: built, stdio: 'inherit' }
  const { status } = spawnSync(process.execPath, [...script, `--outputFile.json=${report}`], options)
  const failedBefore = failed
  for (const file of readReport(report)) {
    const path = file.name.slice(root.length)
    const failedTests = file.assertionResults.filter((test) => test.status === 'failed')
    for (const test of failedTests) count(`${path}: ${test.fullName}`, false)
    if (file.status === 'failed' && failedTests.length === 0) count(`${path} does not load`, false)
    passed += file.assertionResults.filter((test) => test.status === 'passed').length
  }
  if (status !== 0 && failed === failedBefore) count('vitest', false)
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).testResults
  } catch (error) {
    console.error(`vitest left no report: ${error.message}`)
    return []
  }
}
