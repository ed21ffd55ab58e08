import { describe, expect, it } from 'vitest'
import type { EngineError } from '../../../engine/errors.ts'
import { javaPattern } from '../../../engine/functions/scalar/java-pattern.ts'
import { javaReplacement } from '../../../engine/functions/scalar/java-replacement.ts'

function matches(pattern: string, text: string): boolean {
  const expression = javaPattern(pattern)
  expression.lastIndex = 0
  return expression.test(text)
}

describe('javaPattern()', () => {
  const cases: readonly [string, string, boolean][] = [
    ['a.c', 'a\u0085c', false],
    ['(?s)a.c', 'a\nc', true],
    ['\\Aab\\z', 'ab', true],
    ['b\\Z', 'ab\n', true],
    ['b\\z', 'ab\n', false],
    ['(?x) a b # letters', 'ab', true],
    ['(?im)^B$', 'a\nb\nc', true],
    ['\\R', '\r\n', true],
    ['^\\x{1F600}$', '\u{1f600}', true],
    ['^\\0101$', 'A', true],
    ['\\t', '\t', true],
    ['[\\Q^-]\\E]', ']', true],
    ['[a-c[x-z]]', 'y', true],
    ['[a-z&&[^aeiou]]', 'e', false],
    ['[\\w.-]+@', 'a.b-c@', true],
    ['[+-]', '-', true],
    ['[-+]', '-', true],
    ['[.,;:!?]', '!', true],
    ['[\\s\\S]', '\n', true],
    ['\\p{IsLatin}\\P{L}', 'é1', true],
    ['\\p{Punct}', '~', true],
    ['(?<year>\\d{4})-\\k<year>', '2024-2024', true],
    ['(?<!a)b', 'ab', false],
    ['a{2,3}?b', 'aaab', true],
    ['x}', 'x}', true],
  ]
  it.each(cases)('%j on %j is %j', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected)
  })

  const faults: readonly [string, string][] = [
    ['(', 'INVALID_PARAMETER_VALUE'],
    ['[a', 'INVALID_PARAMETER_VALUE'],
    ['a\\', 'INVALID_PARAMETER_VALUE'],
    ['\\y', 'INVALID_PARAMETER_VALUE'],
    ['a{x', 'INVALID_PARAMETER_VALUE'],
    ['\\p{Nonsense}', 'INVALID_PARAMETER_VALUE'],
    ['a++', 'UNSUPPORTED_FEATURE'],
    ['(?>a)', 'UNSUPPORTED_FEATURE'],
    ['a(?i)b', 'UNSUPPORTED_FEATURE'],
  ]
  it.each(faults)('%j is %s', (pattern, code) => {
    expect(() => javaPattern(pattern)).toThrow(expect.objectContaining({ code }))
  })
})

describe('javaReplacement()', () => {
  const match = (pattern: string, text: string) => new RegExp(pattern, 'v').exec(text)!
  const cases: readonly [string, string][] = [
    ['[$1$2]', '[ab]'],
    ['$12', 'a2'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: so Java writes a named group.
    ['${x}!', 'a!'],
    ['\\$1\\\\', '$1\\'],
    ['plain', 'plain'],
  ]
  it.each(cases)('%j gives %j', (replacement, expected) => {
    expect(javaReplacement(replacement, match('(?<x>a)(b)', 'ab'))).toBe(expected)
  })

  // biome-ignore lint/suspicious/noTemplateCurlyInString: so Java writes a named group.
  it.each(['$', '$x', '$3', '${y}', 'a\\'])('%j is INVALID_REGEXP_REPLACE', (replacement) => {
    const act = () => javaReplacement(replacement, match('(?<x>a)(b)', 'ab'))
    expect(act).toThrow(expect.objectContaining<Partial<EngineError>>({ code: 'INVALID_REGEXP_REPLACE' }))
  })
})
