import { EngineError } from '../../engine/errors.ts'
import type { Position } from './ast.ts'
import { unescapeString } from './escape.ts'
import { endOfBlockComment, endOfLineComment, endOfQuoted, endOfRaw, isRawString } from './scan.ts'
import type { Token } from './token.ts'

/**
 * The tokens of a SQL text, ending with one `end` token. Comments and blanks are left out; a hint comment
 * directly after SELECT becomes the symbols `/*+` and its end. Errors: PARSE_SYNTAX_ERROR for an unclosed
 * quote or comment, a malformed number, or a character that SQL does not know.
 */
export function tokenize(text: string): Token[] {
  return new Lexer(text).tokens()
}

const SYMBOLS = ['<=>', '<<', '<>', '<=', '>=', '!=', '!<', '!>', '==', '||', '->', '=>', '::']
const SINGLE = new Set('()[],.;+-*/%&|^~<>=!?:')
const WORD = /[\p{L}\p{N}_]+/uy
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?:BD|[LSYDF])?/iy

class Lexer {
  readonly text: string
  #at = 0
  #line = 1
  #lineStart = 0
  #inHint = false
  readonly #tokens: Token[] = []

  constructor(text: string) {
    this.text = text
  }

  tokens(): Token[] {
    for (;;) {
      this.#skipBlanks()
      const position = this.#position()
      if (this.#at >= this.text.length) {
        this.#tokens.push({ kind: 'end', text: '', value: '', position, end: this.#at })
        return this.#tokens
      }
      this.#next(position)
    }
  }

  #position(): Position {
    return { line: this.#line, column: this.#at - this.#lineStart + 1, offset: this.#at }
  }

  /** Moves to `end`, counting the lines in between. */
  #moveTo(end: number): void {
    for (; this.#at < end; this.#at++) {
      if (this.text[this.#at] !== '\n') continue
      this.#line++
      this.#lineStart = this.#at + 1
    }
  }

  #skipBlanks(): void {
    const { text } = this
    for (;;) {
      const character = text[this.#at]
      if (character === undefined) return
      if (character === '-' && text[this.#at + 1] === '-') this.#moveTo(endOfLineComment(text, this.#at))
      else if (character === '/' && text[this.#at + 1] === '*') {
        if (text[this.#at + 2] === '+' && this.#tokens.at(-1)?.value === 'SELECT') return
        const end = endOfBlockComment(text, this.#at)
        if (end < 0) throw unclosed('comment', this.#position(), 'Close it with */.')
        this.#moveTo(end)
      } else if (character.trim() === '') this.#moveTo(this.#at + 1)
      else return
    }
  }

  #push(kind: Token['kind'], end: number, value: string, position: Position): void {
    this.#tokens.push({ kind, text: this.text.slice(this.#at, end), value, position, end })
    this.#moveTo(end)
  }

  #next(position: Position): void {
    const { text } = this
    const at = this.#at
    const character = text[at] ?? ''
    if (character === "'" || character === '"') return this.#string(position)
    if (character === '`') return this.#quotedIdentifier(position)
    if (isRawString(text, at)) return this.#rawString(position)
    if (isDigit(character) || (character === '.' && isDigit(text[at + 1]) && !this.#afterName())) {
      return this.#number(position)
    }
    WORD.lastIndex = at
    if (WORD.test(text)) {
      const word = text.slice(at, WORD.lastIndex)
      return this.#push('word', WORD.lastIndex, word.toUpperCase(), position)
    }
    this.#symbol(character, position)
  }

  /** Whether a dot here continues a name: `t.1` is not the number .1. */
  #afterName(): boolean {
    const last = this.#tokens.at(-1)
    return last !== undefined && last.end === this.#at && (last.kind === 'word' || last.kind === 'quoted')
  }

  #symbol(character: string, position: Position): void {
    const { text } = this
    const at = this.#at
    if (text.startsWith('/*+', at)) {
      this.#inHint = true
      return this.#push('symbol', at + 3, '/*+', position)
    }
    if (this.#inHint && text.startsWith('*/', at)) {
      this.#inHint = false
      return this.#push('symbol', at + 2, '*/', position)
    }
    const long = SYMBOLS.find((symbol) => text.startsWith(symbol, at))
    if (long !== undefined) return this.#push('symbol', at + long.length, long, position)
    if (SINGLE.has(character)) return this.#push('symbol', at + 1, character, position)
    const whole = String.fromCodePoint(text.codePointAt(at) ?? 0)
    throw new EngineError('PARSE_SYNTAX_ERROR', `syntax error at or near "${whole}"`, {
      position,
      hint: 'This character has no meaning in SQL outside quotes.',
    })
  }

  #string(position: Position): void {
    const end = endOfQuoted(this.text, this.#at, true)
    if (end < 0) throw unclosed('string', position, 'Close it with the quote that opened it.')
    this.#push('string', end, unescapeString(this.text.slice(this.#at, end)), position)
  }

  #rawString(position: Position): void {
    const end = endOfRaw(this.text, this.#at + 1)
    if (end < 0) throw unclosed('string', position, 'Close it with the quote that opened it.')
    this.#push('string', end, this.text.slice(this.#at + 2, end - 1), position)
  }

  #quotedIdentifier(position: Position): void {
    const end = endOfQuoted(this.text, this.#at, false)
    if (end < 0) throw unclosed('identifier', position, 'Close it with a backquote.')
    const name = this.text.slice(this.#at + 1, end - 1).replaceAll('``', '`')
    if (name === '') throw new EngineError('PARSE_SYNTAX_ERROR', 'empty identifier', { position })
    this.#push('quoted', end, name, position)
  }

  /** A number, or a word that starts with digits (`1st`), whichever is longer, as in Spark. */
  #number(position: Position): void {
    const { text } = this
    NUMBER.lastIndex = this.#at
    NUMBER.test(text)
    const numberEnd = NUMBER.lastIndex
    WORD.lastIndex = this.#at
    const wordEnd = WORD.test(text) ? WORD.lastIndex : numberEnd
    if (this.#afterDot() && wordEnd > this.#at) {
      return this.#push('word', wordEnd, text.slice(this.#at, wordEnd).toUpperCase(), position)
    }
    if (wordEnd > numberEnd) {
      return this.#push('word', wordEnd, text.slice(this.#at, wordEnd).toUpperCase(), position)
    }
    WORD.lastIndex = numberEnd
    if (WORD.test(text)) {
      const malformed = text.slice(this.#at, WORD.lastIndex)
      throw new EngineError('PARSE_SYNTAX_ERROR', `syntax error at or near "${malformed}"`, {
        position,
        hint: 'A number is followed by a blank or an operator; its suffixes are L, S, Y, F, D and BD.',
      })
    }
    this.#push('number', numberEnd, text.slice(this.#at, numberEnd), position)
  }

  /** Whether the last token is the dot of a name that ends right here: the 1 of `t.1`. */
  #afterDot(): boolean {
    const dot = this.#tokens.at(-1)
    const name = this.#tokens.at(-2)
    if (dot?.value !== '.' || dot.kind !== 'symbol' || dot.end !== this.#at) return false
    return name !== undefined && (name.kind === 'word' || name.kind === 'quoted')
  }
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9'
}

function unclosed(what: string, position: Position, hint: string): EngineError {
  const at = `${position.line}:${position.column}`
  return new EngineError('PARSE_SYNTAX_ERROR', `unclosed ${what} that starts at ${at}`, { position, hint })
}
