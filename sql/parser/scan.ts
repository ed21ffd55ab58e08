/** Finds the ends of quoted text and comments; shared by the lexer and by the splitting into statements. */

/**
 * The offset after the closing quote of the text that opens at `start`, or -1 when it never closes. A
 * doubled quote does not close; neither does one after a backslash, when `escapes` (in strings, not in
 * identifiers or raw text).
 */
export function endOfQuoted(text: string, start: number, escapes: boolean): number {
  const quote = text[start]
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]
    if (character === '\\' && escapes) at++
    else if (character === quote) {
      if (text[at + 1] !== quote) return at + 1
      at++
    }
  }
  return -1
}

/** The offset after a raw string that opens at `start`: the next quote closes it, whatever stands before. */
export function endOfRaw(text: string, start: number): number {
  return text.indexOf(text[start] ?? '', start + 1) + 1 || -1
}

/** The offset after the line comment that opens at `start`, at its line break or the end. */
export function endOfLineComment(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end < 0 ? text.length : end
}

/** The offset after the block comment that opens at `start`, or -1. Block comments nest. */
export function endOfBlockComment(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length - 1; at++) {
    if (text[at] === '/' && text[at + 1] === '*') {
      depth++
      at++
    } else if (text[at] === '*' && text[at + 1] === '/') {
      depth--
      at++
      if (depth === 0) return at + 1
    }
  }
  return -1
}

/** Whether the character may stand inside a bare word. */
function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character)
}

/** Whether `r'…'` opens at `start`: an r that does not end a longer word, then a quote. */
export function isRawString(text: string, start: number): boolean {
  const letter = text[start]
  const quote = text[start + 1]
  return (
    (letter === 'r' || letter === 'R') &&
    (quote === "'" || quote === '"') &&
    !isWordCharacter(text[start - 1])
  )
}
