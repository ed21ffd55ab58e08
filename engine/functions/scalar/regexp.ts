import { fixedVector, isNull, readValue, setBit, type Vector, valueReader } from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { listType, types, type Value } from '../../types/index.ts'
import type { CallContext, ScalarFunction } from '../scalar-function.ts'
import { int32, signature, string } from '../signature.ts'
import { javaPattern } from './java-pattern.ts'
import { javaReplacement } from './java-replacement.ts'

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: true } as const

/** Regular expressions, with the syntax and meaning of Java's. */
export const regexpFunctions: readonly ScalarFunction[] = [
  {
    ...plain,
    name: 'rlike',
    aliases: ['regexp', 'regexp_like'],
    usage: 'text rlike pattern - whether the pattern matches a part of the text',
    resolve: signature('rlike', [string, string], types.boolean),
    evaluate: matches,
  },
  {
    ...plain,
    name: 'regexp_replace',
    usage: 'regexp_replace(text, pattern, replacement[, position]) - the text with matches replaced',
    resolve: signature('regexp_replace', [string, string, string, int32], types.string, { min: 3 }),
    bind: () => replaceMatches,
  },
  {
    ...plain,
    name: 'regexp_extract',
    usage:
      'regexp_extract(text, pattern[, group]) - what a group of the first match holds, by default the first',
    resolve: signature('regexp_extract', [string, string, int32], types.string, { min: 2 }),
    bind:
      () =>
      (text: string, pattern: string, group = 1) => {
        const match = firstMatch(text, pattern)
        checkGroup(pattern, group)
        return match?.[group] ?? ''
      },
  },
  {
    ...plain,
    name: 'regexp_extract_all',
    usage:
      'regexp_extract_all(text, pattern[, group]) - what a group of every match holds, by default the first',
    resolve: signature('regexp_extract_all', [string, string, int32], listType(types.string), { min: 2 }),
    bind:
      () =>
      (text: string, pattern: string, group = 1) => {
        const matches = allMatches(text, pattern)
        if (matches.length > 0) checkGroup(pattern, group)
        return matches.map((match) => match[group] ?? '')
      },
  },
  {
    ...plain,
    name: 'regexp_count',
    usage: 'regexp_count(text, pattern) - how many times the pattern matches',
    resolve: signature('regexp_count', [string, string], types.int32),
    bind: () => (text: string, pattern: string) => allMatches(text, pattern).length,
  },
  {
    ...plain,
    name: 'regexp_instr',
    usage: 'regexp_instr(text, pattern) - position of the first match, from 1; 0 if there is none',
    resolve: signature('regexp_instr', [string, string, int32], types.int32, { min: 2 }),
    bind: () => (text: string, pattern: string) => (firstMatch(text, pattern)?.index ?? -1) + 1,
  },
  {
    ...plain,
    name: 'regexp_substr',
    usage: 'regexp_substr(text, pattern) - the first match; NULL if there is none',
    resolve: signature('regexp_substr', [string, string], types.string),
    bind: () => (text: string, pattern: string) => firstMatch(text, pattern)?.[0] ?? null,
  },
  {
    ...plain,
    name: 'split',
    usage: 'split(text, pattern[, limit]) - the parts of the text between matches, at most so many',
    resolve: signature('split', [string, string, int32], listType(types.string), { min: 2 }),
    bind:
      () =>
      (text: string, pattern: string, limit = -1) =>
        splitText(text, pattern, limit),
  },
]

function matches([text, pattern]: readonly Vector[], { rowCount, region }: CallContext): Vector {
  const bits = region.bitmap(rowCount)
  const read = valueReader(text!)
  const readPattern = valueReader(pattern!)
  const fixed = pattern!.encoding === 'constant' ? readValue(pattern!, 0) : undefined
  // Without `g` there is no lastIndex to keep at zero.
  const test = (source: string) => {
    const { source: body, flags } = javaPattern(source)
    return new RegExp(body, flags.replace('g', ''))
  }
  const expression = typeof fixed === 'string' ? test(fixed) : undefined
  for (let row = 0; row < rowCount; row++) {
    if (isNull(text!, row) || isNull(pattern!, row)) continue
    const found =
      expression !== undefined
        ? expression.test(read(row) as string)
        : firstMatch(read(row) as string, readPattern(row) as string) !== null
    if (found) setBit(bits, row)
  }
  return fixedVector(types.boolean, rowCount, bits)
}

function firstMatch(text: string, pattern: string): RegExpExecArray | null {
  const expression = javaPattern(pattern)
  expression.lastIndex = 0
  return expression.exec(text)
}

function allMatches(text: string, pattern: string): RegExpMatchArray[] {
  const expression = javaPattern(pattern)
  expression.lastIndex = 0
  return [...text.matchAll(expression)]
}

const groupCounts = new Map<string, number>()

/** INVALID_PARAMETER_VALUE unless the pattern has the group. */
function checkGroup(pattern: string, group: number): void {
  let count = groupCounts.get(pattern)
  if (count === undefined) {
    count = new RegExp(`${javaPattern(pattern).source}|`, 'v').exec('')!.length - 1
    if (groupCounts.size > 500) groupCounts.clear()
    groupCounts.set(pattern, count)
  }
  if (group >= 0 && group <= count) return
  throw new EngineError(
    'INVALID_PARAMETER_VALUE',
    `the regular expression "${pattern}" has no group ${group}: it has ${count}`,
  )
}

function replaceMatches(text: string, pattern: string, replacement: string, position = 1): Value {
  if (position < 1)
    throw new EngineError('DATATYPE_MISMATCH', `a position counts from 1, so it cannot be ${position}`)
  const expression = javaPattern(pattern)
  const skipped = [...text.slice(0, position * 2)].slice(0, position - 1).join('').length
  if (position > 1 && skipped >= text.length) return text
  expression.lastIndex = skipped
  let result = ''
  let copied = 0
  for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
    result += text.slice(copied, match.index) + javaReplacement(replacement, match)
    copied = match.index + match[0].length
    if (match[0] === '') expression.lastIndex += (text.codePointAt(match.index) ?? 0) > 0xffff ? 2 : 1
  }
  return result + text.slice(copied)
}

/** The parts of a text between matches of a Java pattern; at most `limit` if that is positive. */
export function splitText(text: string, pattern: string, limit: number): string[] {
  const most = limit <= 0 ? Number.POSITIVE_INFINITY : limit
  // An empty pattern gives the characters.
  if (pattern === '' && text !== '') {
    const characters = [...text]
    if (characters.length <= most) return characters
    return [...characters.slice(0, most - 1), characters.slice(most - 1).join('')]
  }
  const literal = literalOf(pattern)
  if (literal !== undefined && most === Number.POSITIVE_INFINITY) return text.split(literal)
  const parts: string[] = []
  let start = 0
  for (const match of allMatches(text, pattern)) {
    if (parts.length + 1 >= most) break
    const end = match.index! + match[0].length
    // A match of nothing at the start splits nothing off, as in Java.
    if (end === 0) continue
    parts.push(text.slice(start, match.index))
    start = end
  }
  parts.push(text.slice(start))
  return parts
}

/** The text that a pattern without any special character stands for; undefined for others. */
function literalOf(pattern: string): string | undefined {
  if (/^\\[^\w]$/.test(pattern)) return pattern.slice(1)
  return pattern === '' || /[\\^$.*+?()[\]{}|]/.test(pattern) ? undefined : pattern
}
