import type { Token as AcornToken } from 'acorn'
import { acorn } from './late-packages.ts'
import type { ProgramModule, TextRange } from './program-module.ts'

/**
 * Where a function that runs stands in its module as it was written. Loaders and bundlers print code anew and
 * rename imports, so tokens are compared, without brackets and commas, and a name that the module imports
 * matches what printers make of it. Of several the one nearest to `line` is meant (0: not known). null if
 * there is none.
 */
export function findFunction(source: string, module: ProgramModule, line: number): TextRange | null {
  const found = [...exactly(source, module)]
  if (found.length === 0) found.push(...byTokens(source, module, line > 0, (words) => words))
  if (found.length === 0) found.push(...byTokens(source, module, line > 0, withoutNumbers))
  const distance = (range: TextRange): number => Math.abs(module.placeOf(range.start).line - line)
  return found.reduce<TextRange | null>((best, range) => {
    return best === null || (line > 0 && distance(range) < distance(best)) ? range : best
  }, null)
}

function* exactly(source: string, { text }: ProgramModule): Iterable<TextRange> {
  for (let start = text.indexOf(source); start >= 0; start = text.indexOf(source, start + 1))
    yield { start, end: start + source.length }
}

function* byTokens(
  source: string,
  module: ProgramModule,
  isBundle: boolean,
  normal: (words: Word[]) => Word[],
): Iterable<TextRange> {
  const isNamespace = (name: string): boolean => module.imports.get(name)?.imported === '*'
  const wanted = normal(collapse(withoutNameCalls(tokensOf(source)), isNamespace))
  const there = normal(collapse(module.tokens, isNamespace))
  for (let from = 0; from + wanted.length <= there.length; from++) {
    const isHere = wanted.every((word, i) => {
      const other = there[from + i]!
      return (
        other.text === word.text ||
        (word.isName && other.isName && isRenamed(word.text, other.text, module, isBundle))
      )
    })
    if (!isHere) continue
    const [first, last] = [there[from]!, there[from + wanted.length - 1]!]
    const range = module.functions.find((each) => {
      return each.start <= first.start && each.end >= last.end && isWhole(each, there, from, wanted.length)
    })
    if (range !== undefined) yield range
  }
}

/** acorn's type leaves out the value. */
type Token = AcornToken & { readonly value?: unknown }

/** Whether `printed` is what a loader or bundler makes of the imported name `written`. */
function isRenamed(printed: string, written: string, { imports }: ProgramModule, isBundle: boolean): boolean {
  const [local = '', member] = written.split('.')
  const known = imports.get(local)
  if (known === undefined) return false
  const [first = '', printedMember] = printed.split('.')
  const name = member ?? known.imported
  if (printedMember !== undefined) return MODULE_NAME.test(first) && printedMember === name
  if (name === '*') return MODULE_NAME.test(first) || /_exports\d*$/.test(first)
  const base = first.replace(/\d+$/, '')
  // In a bundle a default import has the name it was declared with.
  return base === name || base === local || (name === 'default' && isBundle)
}

interface Word {
  readonly text: string
  readonly isName: boolean
  readonly start: number
  readonly end: number
}

/**
 * Printers number a local name that hides another one: `{ rate }` becomes `{ rate: rate2 }`, and `rate2`
 * stands for `rate`.
 */
function withoutNumbers(words: Word[]): Word[] {
  const base = (text: string): string => (/\D/.test(text) ? text.replace(/\d+$/, '') : text)
  const bare = words.map((word) => (word.isName ? { ...word, text: base(word.text) } : word))
  const isSecond = (index: number): boolean => {
    return bare[index]!.isName && bare[index - 1]?.text === ':' && bare[index - 2]?.text === bare[index]!.text
  }
  return bare.filter((_, index) => !isSecond(index) && !(index + 1 < bare.length && isSecond(index + 1)))
}

/** Whether the words are all those of the function. */
function isWhole({ start, end }: TextRange, words: readonly Word[], from: number, count: number): boolean {
  const before = words[from - 1]
  const after = words[from + count]
  return (before === undefined || before.start < start) && (after === undefined || after.start >= end)
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = []
  acorn().parse(`(${source}\n)`, { ecmaVersion: 'latest', sourceType: 'module', onToken: tokens })
  return tokens
}

/** Without the calls `__name(fn, "fn")` that esbuild puts around functions to keep their names. */
function withoutNameCalls(tokens: readonly Token[]): Token[] {
  const dropped = new Set<number>()
  for (const [index, token] of tokens.entries()) {
    if (token.type.label !== 'name' || token.value !== '__name') continue
    dropped.add(index)
    let depth = 0
    for (let i = index + 1; i < tokens.length; i++) {
      if (tokens[i]!.type.label === '(') depth++
      else if (tokens[i]!.type.label === ')' && --depth === 0) {
        dropped.add(i - 1)
        break
      }
    }
  }
  return tokens.filter((_, index) => !dropped.has(index))
}

/** Labels of token types that printers add and leave out. */
const IGNORED: readonly string[] = ['(', ')', ';', ',', 'eof']

/** Names that loaders and bundlers give to imported modules. */
const MODULE_NAME = /^(__vi_import_\d+__|__vite_ssr_import_\d+__|import_\w+)$/

/** Tokens without punctuation that printers choose; a member of an imported module is one word. */
function collapse(tokens: readonly Token[], isNamespace: (name: string) => boolean): Word[] {
  const words: Word[] = []
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!
    // `(0, module.name)(…)` is how printers call an import without `this`.
    if (token.type.label === 'num' && token.value === 0 && tokens[i + 1]?.type.label === ',') {
      const next = tokens[i + 2]
      if (next?.type.label === 'name' && MODULE_NAME.test(String(next.value))) continue
    }
    if (IGNORED.includes(token.type.label)) continue
    const isName = token.type.label === 'name'
    const text = String(token.value ?? token.type.label)
    const member = tokens[i + 2]
    if (isName && (MODULE_NAME.test(text) || isNamespace(text)) && tokens[i + 1]?.type.label === '.') {
      words.push({
        text: `${text}.${String(member?.value)}`,
        isName,
        start: token.start,
        end: member?.end ?? token.end,
      })
      i += 2
    } else words.push({ text, isName, start: token.start, end: token.end })
  }
  return words
}
