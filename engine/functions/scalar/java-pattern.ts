import { classLiteral, propertyClass, shorthandClass } from './java-pattern-class.ts'
import { patternError, patternUnsupported } from './java-pattern-error.ts'

const LINE_END = '\\n\\r\\x85\\u2028\\u2029'
const BEFORE_END = `(?=(?:\\r\\n|[${LINE_END}])?(?![^]))`
const SYNTAX = /[\\^$.*+?()[\]{}|/]/
const MAX_CACHED = 500

const cache = new Map<string, RegExp>()

/**
 * The ECMAScript expression (flags `g` and `v`) that matches as a pattern of java.util.regex does. Set
 * `lastIndex` before use: expressions are kept and shared. INVALID_PARAMETER_VALUE for a pattern that is
 * none; UNSUPPORTED_FEATURE for possessive quantifiers, atomic groups and flags that change within the
 * pattern.
 */
export function javaPattern(pattern: string): RegExp {
  let found = cache.get(pattern)
  if (found === undefined) {
    found = compile(pattern)
    if (cache.size >= MAX_CACHED) cache.clear()
    cache.set(pattern, found)
  }
  return found
}

function compile(pattern: string): RegExp {
  const inline = /^\(\?([a-zA-Z]+)\)/.exec(pattern)
  const flags = inline?.[1] ?? ''
  if (/[^imsxudU]/.test(flags)) throw patternError(pattern, `there is no flag in "${flags}"`)
  const scanner: Scanner = {
    pattern,
    characters: [...pattern.slice(inline?.[0].length ?? 0)],
    at: 0,
    dotAll: flags.includes('s'),
    multiline: flags.includes('m'),
    comments: flags.includes('x'),
  }
  let source = ''
  while (scanner.at < scanner.characters.length) source += nextPart(scanner)
  try {
    return new RegExp(source, `gv${flags.includes('i') ? 'i' : ''}${scanner.multiline ? 'm' : ''}`)
  } catch (cause) {
    throw patternError(pattern, cause instanceof Error ? cause.message.replace(/^.*: /, '') : 'syntax', cause)
  }
}

interface Scanner {
  readonly pattern: string
  readonly characters: readonly string[]
  readonly dotAll: boolean
  readonly multiline: boolean
  readonly comments: boolean
  at: number
}

function nextPart(scanner: Scanner): string {
  const character = scanner.characters[scanner.at++]!
  switch (character) {
    case '\\':
      return escaped(scanner)
    case '[':
      return characterClass(scanner)
    case '(':
      return groupStart(scanner)
    case '.':
      return scanner.dotAll ? '[^]' : `[^${LINE_END}]`
    case '$':
      return scanner.multiline ? '$' : BEFORE_END
    case '*':
    case '+':
    case '?':
      return quantifier(scanner, character)
    case '{':
      return braces(scanner)
    case ']':
    case '}':
    case '/':
      return `\\${character}`
    case ' ':
    case '\t':
    case '\n':
      return scanner.comments ? '' : character
    case '#':
      if (!scanner.comments) return character
      while (scanner.at < scanner.characters.length && scanner.characters[scanner.at] !== '\n') scanner.at++
      return ''
    default:
      return character
  }
}

function quantifier(scanner: Scanner, text: string): string {
  if (scanner.characters[scanner.at] === '+')
    throw patternUnsupported(scanner.pattern, 'a possessive quantifier')
  if (scanner.characters[scanner.at] !== '?') return text
  scanner.at++
  return `${text}?`
}

function braces(scanner: Scanner): string {
  const match = /^\d+(?:,\d*)?\}/.exec(scanner.characters.slice(scanner.at, scanner.at + 24).join(''))
  if (match === null) throw patternError(scanner.pattern, 'a brace repeats nothing')
  scanner.at += match[0].length
  return quantifier(scanner, `{${match[0]}`)
}

function groupStart(scanner: Scanner): string {
  const ahead = scanner.characters.slice(scanner.at, scanner.at + 8).join('')
  if (ahead.startsWith('?>')) throw patternUnsupported(scanner.pattern, 'an atomic group')
  const special = /^\?(?:<?[=!]|:|<(?=[a-zA-Z]))/.exec(ahead)
  if (special === null) {
    if (/^\?-?[a-zA-Z]/.test(ahead))
      throw patternUnsupported(scanner.pattern, 'flags that change within the pattern')
    return '('
  }
  scanner.at += special[0].length
  if (special[0] !== '?<') return `(${special[0]}`
  const close = scanner.characters.indexOf('>', scanner.at)
  const name = scanner.characters.slice(scanner.at, close).join('')
  if (close < 0 || !/^[a-zA-Z][a-zA-Z0-9]*$/.test(name))
    throw patternError(scanner.pattern, 'a group has no name')
  scanner.at = close + 1
  return `(?<${name}>`
}

/** What follows a backslash outside of a class. */
function escaped(scanner: Scanner): string {
  const letter = scanner.characters[scanner.at++]
  switch (letter) {
    case undefined:
      throw patternError(scanner.pattern, 'it ends in a backslash')
    case 'A':
      return '(?<![^])'
    case 'z':
      return '(?![^])'
    case 'Z':
      return BEFORE_END
    case 'R':
      return `(?:\\r\\n|[\\v\\f${LINE_END}])`
    case 'G':
    case 'X':
      throw patternUnsupported(scanner.pattern, `\\${letter}`)
    case 'b':
    case 'B':
      return `\\${letter}`
    case 'Q':
      return [...quoted(scanner)]
        .map((character) => (SYNTAX.test(character) ? `\\${character}` : character))
        .join('')
    case 'k': {
      const close = scanner.characters.indexOf('>', scanner.at)
      const name = scanner.characters.slice(scanner.at, close + 1).join('')
      scanner.at = close + 1
      return `\\k${name}`
    }
    default:
      if (/[1-9]/.test(letter)) return `(?:\\${letter})`
      return escapedSet(scanner, letter) ?? literal(escapedCharacter(scanner, letter))
  }
}

function literal(character: string): string {
  return SYNTAX.test(character) ? `\\${character}` : character
}

/** The text up to `\E`. */
function quoted(scanner: Scanner): string {
  const rest = scanner.characters.slice(scanner.at).join('')
  const end = rest.indexOf('\\E')
  const text = end < 0 ? rest : rest.slice(0, end)
  scanner.at += [...text].length + (end < 0 ? 0 : 2)
  return text
}

/** An escape that stands for many characters, as a class; undefined if it does not. */
function escapedSet(scanner: Scanner, letter: string): string | undefined {
  if (/[dDwW]/.test(letter)) return `\\${letter}`
  if (letter !== 'p' && letter !== 'P') return shorthandClass(letter)
  let name = scanner.characters[scanner.at++] ?? ''
  if (name === '{') {
    const close = scanner.characters.indexOf('}', scanner.at)
    if (close < 0) throw patternError(scanner.pattern, 'a property has no end')
    name = scanner.characters.slice(scanner.at, close).join('')
    scanner.at = close + 1
  }
  return propertyClass(name, letter === 'P', scanner.pattern)
}

const CONTROLS: Readonly<Record<string, string>> = {
  t: '\t',
  n: '\n',
  r: '\r',
  f: '\f',
  a: '\x07',
  e: '\x1b',
}

/** The one character that an escape stands for. */
function escapedCharacter(scanner: Scanner, letter: string): string {
  const control = CONTROLS[letter]
  if (control !== undefined) return control
  const ahead = scanner.characters.slice(scanner.at, scanner.at + 12).join('')
  const form =
    letter === 'x'
      ? /^(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]+)\})/
      : letter === 'u'
        ? /^([0-9a-fA-F]{4})/
        : letter === '0'
          ? /^([0-3]?[0-7]{1,2})/
          : letter === 'c'
            ? /^(.)/
            : undefined
  if (form === undefined) {
    if (/[a-zA-Z]/.test(letter)) throw patternError(scanner.pattern, `there is no escape "\\${letter}"`)
    return letter
  }
  const match = form.exec(ahead)
  if (match === null) throw patternError(scanner.pattern, `the escape "\\${letter}" is not complete`)
  scanner.at += match[0].length
  const digits = match[1] ?? match[2]!
  if (letter === 'c') return String.fromCharCode(digits.charCodeAt(0) ^ 64)
  const code = Number.parseInt(digits, letter === '0' ? 8 : 16)
  if (code > 0x10ffff) throw patternError(scanner.pattern, `there is no character ${digits}`)
  return String.fromCodePoint(code)
}

/** A class after its bracket, with Java's unions of nested classes and intersections. */
function characterClass(scanner: Scanner): string {
  const { characters } = scanner
  let source = '['
  if (characters[scanner.at] === '^') {
    source += '^'
    scanner.at++
  }
  // Parts of an intersection are classes of their own, as the `v` flag asks.
  const parts: string[] = []
  let part = ''
  for (let first = true; ; first = false) {
    const character = characters[scanner.at++]
    if (character === undefined) throw patternError(scanner.pattern, 'a class has no end')
    if (character === ']' && !first) break
    if (character === '&' && characters[scanner.at] === '&') {
      scanner.at++
      parts.push(part)
      part = ''
    } else if (character === '[') part += characterClass(scanner)
    else if (character === '\\') part += escapedInClass(scanner)
    else if (character === '-') part += dash(part, characters[scanner.at])
    else if (!(scanner.comments && character === ' ')) part += classLiteral(character)
  }
  if (parts.length === 0) return `${source}${part}]`
  return `${source}${[...parts, part]
    .filter((each) => each !== '')
    .map((each) => `[${each}]`)
    .join('&&')}]`
}

/** A dash between two characters makes a range; elsewhere it is itself. */
function dash(before: string, after: string | undefined): string {
  const isRange = before !== '' && !/(?:\]|\\[dDwW]|[^\\]-.)$/.test(before) && after !== ']' && after !== '['
  return isRange ? '-' : '\\-'
}

function escapedInClass(scanner: Scanner): string {
  const letter = scanner.characters[scanner.at++]
  if (letter === undefined) throw patternError(scanner.pattern, 'it ends in a backslash')
  if (letter === 'Q') return [...quoted(scanner)].map(classLiteral).join('')
  return escapedSet(scanner, letter) ?? classLiteral(escapedCharacter(scanner, letter))
}
