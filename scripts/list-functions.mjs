// Writes docs/functions.md: every function of the registries with its usage. Run it after a build.
import { writeFileSync } from 'node:fs'

const functions = await import(new URL('../dist/engine/functions/index.js', import.meta.url))
const { aggregateFunctions, lookupScalar, scalarFunctionNames, windowFunctions } = functions

const scalar = new Map()
for (const name of scalarFunctionNames()) {
  const found = lookupScalar(name)
  scalar.set(found.name, found)
}
const isNamed = ({ name }) => /^[a-z]/.test(name)
const sections = [
  ['Scalar functions', [...scalar.values()].filter(isNamed)],
  ['Operators', [...scalar.values()].filter((entry) => !isNamed(entry))],
  ['Aggregate functions', aggregateFunctions],
  ['Window functions', windowFunctions],
]
const lines = [
  '# Functions',
  '',
  'Written by `node scripts/list-functions.mjs` from the registries of the engine.',
]
for (const [title, entries] of sections) {
  lines.push('', `## ${title}`, '', '| name | usage |', '|---|---|')
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) lines.push(rowOf(entry))
}
const generators = 'explode, explode_outer, posexplode, posexplode_outer, inline, inline_outer, stack'
lines.push('', '## Functions that make rows', '', `${generators}; \`range\` in FROM.`, '')
writeFileSync(new URL('../docs/functions.md', import.meta.url), lines.join('\n'))

/** One line of a table; aliases stand behind the name. */
function rowOf({ name, aliases = [], usage = '' }) {
  const names = [name, ...aliases].map((text) => `\`${text}\``).join(', ')
  return `| ${names} | ${usage} |`.replaceAll(/(?<=.)\|(?=.*\|$)/g, (bar, at, text) =>
    isBorder(at, text) ? bar : '\\|',
  )
}

/** Whether a bar at a place is one of the table's own. */
function isBorder(at, text) {
  return at === 0 || text.slice(at - 1, at + 2) === ' | ' || at === text.length - 1
}
