/** Least number of insertions, deletions and replacements that make one list of characters the other. */
export function editDistance(a: readonly string[], b: readonly string[]): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1))
    }
    previous = current
  }
  return previous[b.length]!
}

/** Code of each letter from A; 7 marks letters that do not part equal codes. */
const SOUNDEX_CODES = '01230127022455012623017202'

/** The four-character Soundex code; a text that does not begin with an ASCII letter stays as it is. */
export function soundex(text: string): string {
  const first = text.slice(0, 1).toUpperCase()
  if (!/^[A-Z]$/.test(first) || !/^[A-Za-z]/.test(text)) return text
  let code = first
  let last = codeOf(first)
  for (let i = 1; i < text.length && code.length < 4; i++) {
    const letter = text[i]!
    if (!/[A-Za-z]/.test(letter)) {
      last = '0'
      continue
    }
    const own = codeOf(letter.toUpperCase())
    if (own === '7') continue
    if (own !== '0' && own !== last) code += own
    last = own
  }
  return code.padEnd(4, '0')
}

function codeOf(letter: string): string {
  return SOUNDEX_CODES[letter.charCodeAt(0) - 65]!
}

/** Whether the digits of a text pass Luhn's check; a text with other characters does not. */
export function passesLuhn(text: string): boolean {
  if (!/^\d+$/.test(text)) return false
  let sum = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(text.length - 1 - i) - 48
    sum += i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit
  }
  return sum % 10 === 0
}
