// Compares answers of the retail job with the right ones, byte for byte.
//
//   node scripts/retail-check.mjs RESULTS TRUTH
//
// RESULTS is OUT/results of a run, TRUTH a folder with NAME.csv. Every file of TRUTH must be there and equal;
// the first difference of each is shown. Exit code 0: all equal, 1: some differ, 2: called wrongly.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [results, truth] = process.argv.slice(2)
if (truth === undefined || !existsSync(results) || !existsSync(truth)) {
  process.stderr.write('usage: node scripts/retail-check.mjs RESULTS TRUTH (two folders)\n')
  process.exit(2)
}

const names = readdirSync(truth).filter((name) => name.endsWith('.csv'))
const wrong = names.filter((name) => !isEqual(name))
process.stdout.write(`${names.length - wrong.length} of ${names.length} answers equal\n`)
process.exitCode = wrong.length > 0 || names.length === 0 ? 1 : 0

function isEqual(name) {
  const path = join(results, name)
  const expected = readFileSync(join(truth, name))
  const found = existsSync(path) ? readFileSync(path) : null
  if (found?.equals(expected)) return true
  process.stdout.write(
    `${name}: ${found === null ? 'missing' : firstDifference(lines(expected), lines(found))}\n`,
  )
  return false
}

function lines(bytes) {
  return bytes.toString('utf8').split('\n')
}

function firstDifference(expected, found) {
  const line = expected.findIndex((text, index) => text !== found[index])
  const at = line < 0 ? expected.length : line
  const sizes = `${expected.length - 1} lines expected, ${found.length - 1} found`
  return `${sizes}; line ${at + 1}: expected "${expected[at] ?? ''}", found "${found[at] ?? ''}"`
}
