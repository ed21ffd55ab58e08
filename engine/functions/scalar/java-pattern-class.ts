import { patternError } from './java-pattern-error.ts'

/** Names after `\p` that Java has and ECMAScript lacks, as what stands inside a character class. */
const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7f',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e',
  Graph: '\\x21-\\x7e',
  Print: '\\x20-\\x7e',
  Blank: '\\x20\\t',
  Cntrl: '\\x00-\\x1f\\x7f',
  XDigit: '0-9a-fA-F',
  Space: '\\x20\\t\\n\\v\\f\\r',
  javaLowerCase: '\\p{Lowercase}',
  javaUpperCase: '\\p{Uppercase}',
  javaWhitespace: '\\s',
  IsAlphabetic: '\\p{Alphabetic}',
  IsLetter: '\\p{L}',
  IsDigit: '\\p{Nd}',
  IsLowercase: '\\p{Lowercase}',
  IsUppercase: '\\p{Uppercase}',
  IsPunctuation: '\\p{P}',
  IsIdeographic: '\\p{Ideographic}',
  IsWhite_Space: '\\p{White_Space}',
  L1: '\\x00-\\xff',
}

/**
 * Shorthand classes whose members differ from those of ECMAScript, as what stands inside a character class.
 */
const SHORTHANDS: Readonly<Record<string, string>> = {
  s: '\\x20\\t\\n\\v\\f\\r',
  h: '\\x20\\t\\xa0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000',
  v: '\\n\\v\\f\\r\\x85\\u2028\\u2029',
}

/** `\s`, `\S`, `\h`, `\H`, `\v`, `\V` as a class; undefined for other letters. */
export function shorthandClass(letter: string): string | undefined {
  const members = SHORTHANDS[letter.toLowerCase()]
  return members === undefined ? undefined : `[${letter === letter.toLowerCase() ? '' : '^'}${members}]`
}

/** `\p{name}` or `\P{name}` as a class. INVALID_PARAMETER_VALUE for a name nobody knows. */
export function propertyClass(name: string, negated: boolean, pattern: string): string {
  const members = POSIX[name] ?? unicodeProperty(name)
  const source = `[${negated ? '^' : ''}${members}]`
  try {
    new RegExp(source, 'v')
  } catch (cause) {
    throw patternError(pattern, `there is no character property "${name}"`, cause)
  }
  return source
}

function unicodeProperty(name: string): string {
  const [key, value] = name.split('=') as [string, string | undefined]
  if (value !== undefined) {
    if (/^(sc|script)$/i.test(key)) return `\\p{Script=${value}}`
    if (/^(gc|general_category)$/i.test(key)) return `\\p{${value}}`
  }
  if (!name.startsWith('Is')) return `\\p{${name}}`
  const rest = name.slice(2)
  return rest.length <= 2 ? `\\p{${rest}}` : `\\p{Script=${rest}}`
}

/** Characters that must be escaped to stand for themselves inside a class with the `v` flag. */
const CLASS_PUNCTUATION = /[()[\]{}/\-\\|&!#%,:;<=>@`~^$.*+?]/

/** A literal character inside a class. */
export function classLiteral(character: string): string {
  return CLASS_PUNCTUATION.test(character) ? `\\${character}` : character
}
