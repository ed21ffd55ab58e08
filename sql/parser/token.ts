import type { Position } from './ast.ts'

/**
 * One token. `text` is as written. `value` is, by kind:
 * word: the text in capitals, to compare with keywords · quoted: the identifier between the backquotes ·
 * string: the text after escapes · number and symbol: the text · end: empty.
 * `>>` and `>>>` arrive as single `>` tokens, because types close with them: `array<array<int>>`.
 */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'end'
  readonly text: string
  readonly value: string
  readonly position: Position
  /** Offset after the last character. */
  readonly end: number
}

/** The token as an error message names it. */
export function describeToken(token: Token): string {
  if (token.kind === 'end') return 'end of input'
  const text = token.text.length > 40 ? `${token.text.slice(0, 37)}...` : token.text
  return `or near "${text.replaceAll(/\s+/g, ' ')}"`
}
