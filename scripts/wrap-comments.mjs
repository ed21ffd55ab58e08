// Wraps comments longer than 110 columns, which Biome leaves alone. Arguments: files, or --all for every
// source. Words that do not fit go to the front of the next line of the comment; a comment behind code moves
// above it.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const COLUMNS_MAX = 110
const KEPT = /:\/\/|biome-ignore|@ts-/
const PROSE = /^[\p{L}\p{N}"'`(…$[]/u

const files = process.argv[2] === '--all' ? sources() : process.argv.slice(2)
for (const file of files) {
  const text = readFileSync(file, 'utf8')
  const wrapped = wrap(text.split('\n')).join('\n')
  if (wrapped !== text) writeFileSync(file, wrapped)
}

function wrap(lines) {
  const todo = [...lines]
  const done = []
  while (todo.length > 0) {
    const line = todo.shift()
    const replaced = [...line].length <= COLUMNS_MAX || KEPT.test(line) ? null : replacement(line, todo)
    if (replaced === null) done.push(line)
    else {
      done.push(...replaced.done)
      todo.unshift(...replaced.again)
    }
  }
  return done
}

/**
 * What a long line becomes: lines that are finished, and lines to look at again. Null when it holds no
 * comment to wrap.
 */
function replacement(line, rest) {
  const single = /^(\s*)\/\*\*\s+(.*?)\s*\*\/$/.exec(line)
  if (single) {
    const [, indent, text] = single
    return { done: [`${indent}/**`], again: [`${indent} * ${text}`, `${indent} */`] }
  }
  const prose = /^(\s*(?:\/\/|\*|\/\*\*)\s+)(.*)$/.exec(line)
  if (prose) return splitProse(prose[1], prose[2], rest)
  const trailing = /^(\s*)(.*\S)\s+\/\/\s(.*)$/.exec(line)
  if (trailing && !/['"`]/.test(trailing[3].replace(/\w'\w/g, ''))) {
    return { done: [], again: [`${trailing[1]}// ${trailing[3]}`, `${trailing[1]}${trailing[2]}`] }
  }
  return null
}

function splitProse(mark, text, rest) {
  const cut = [...text].slice(0, COLUMNS_MAX - mark.length + 1).lastIndexOf(' ')
  const first = [...text].slice(0, cut).join('')
  const overflow = [...text].slice(cut + 1).join('')
  if (cut <= 0 || first.trim() === '') return null
  const next = mark.replace('/**', ' *')
  const following = rest[0]?.startsWith(next) ? rest[0].slice(next.length) : ''
  const ends = /[.:;]$/.test(text) && /^\p{Lu}/u.test(following)
  if (!PROSE.test(following) || ends) return { done: [mark + first], again: [next + overflow] }
  rest.shift()
  return { done: [mark + first], again: [`${next}${overflow} ${following}`] }
}

/** Every TypeScript and script file that git has or would have. */
function sources() {
  const patterns = ['*.ts', '*.mjs']
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patterns]
  return execFileSync('git', list, { encoding: 'utf8' })
    .split('\n')
    .filter((file) => existsSync(file))
}
