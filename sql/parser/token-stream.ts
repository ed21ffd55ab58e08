import type { EngineError } from '../../engine/errors.ts'
import type { Expression, Position, Query } from './ast.ts'
import { syntaxError } from './syntax-error.ts'
import type { Token } from './token.ts'

/** The rules that other rules call in circles; passed along so that the files need not import each other. */
export interface Grammar {
  expression(stream: TokenStream): Expression
  /** An expression without AND, OR, NOT and predicates: what stands before IN or BETWEEN. */
  value(stream: TokenStream): Expression
  query(stream: TokenStream): Query
}

/**
 * How deep parentheses, calls, CASE, types and subqueries may nest: what follows recurses along the tree.
 * The rules on the way from expression to expression call each other directly, without closures, so that it
 * fits the stack.
 */
export const MAX_NESTING = 500

/**
 * The parser's place in the tokens. Methods that start with `take` move on when they match, those with `at`
 * only look, those with `expect` fail. With `recording`, the keywords that would have fitted are noted for
 * error hints.
 */
export class TokenStream {
  readonly text: string
  readonly grammar: Grammar
  /** Index of the last alias written without AS: a suspect when the next token does not fit. */
  lastAlias = -1
  /** How many `?` were met. */
  parameterCount = 0
  /** Where the parentheses stand that are open. */
  readonly open: Position[] = []
  readonly #tokens: readonly Token[]
  readonly #expected: Map<number, Set<string>> | undefined
  #closings: Map<number, number> | undefined
  #index = 0
  #nesting = 0

  constructor(text: string, tokens: readonly Token[], grammar: Grammar, recording: boolean) {
    this.text = text
    this.grammar = grammar
    this.#tokens = tokens
    this.#expected = recording ? new Map() : undefined
  }

  get index(): number {
    return this.#index
  }

  get token(): Token {
    return this.peek(0)
  }

  get position(): Position {
    return this.token.position
  }

  /** The token `ahead` of the current one; the end token beyond the end. */
  peek(ahead: number): Token {
    const at = Math.min(this.#index + ahead, this.#tokens.length - 1)
    return this.#tokens[at] as Token // The list is never empty: it ends with the end token.
  }

  /** The token before the current one. */
  get previous(): Token {
    return this.#tokens[Math.max(0, this.#index - 1)] as Token // As in peek.
  }

  /** Gives the current token and moves on. */
  next(): Token {
    const token = this.token
    if (this.#index < this.#tokens.length - 1) this.#index++
    return token
  }

  /** Goes back to an earlier `index`. */
  rewind(index: number): void {
    this.#index = index
  }

  atEnd(): boolean {
    return this.token.kind === 'end'
  }

  /** Whether the keywords (in capitals) stand here in a row. */
  atWord(...words: readonly string[]): boolean {
    for (let ahead = 0; ahead < words.length; ahead++) {
      const token = this.peek(ahead)
      if (token.kind === 'word' && token.value === words[ahead]) continue
      this.#note(this.#index + ahead, words[ahead] ?? '')
      return false
    }
    return true
  }

  /** The first of the keywords that stands here. */
  atOneOf<const W extends string>(...words: readonly W[]): W | undefined {
    return words.find((word) => this.atWord(word))
  }

  atSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === 'symbol' && token.value === symbol
  }

  takeWord(...words: readonly string[]): boolean {
    if (!this.atWord(...words)) return false
    for (let taken = 0; taken < words.length; taken++) this.next()
    return true
  }

  takeOneOf<const W extends string>(...words: readonly W[]): W | undefined {
    const word = this.atOneOf(...words)
    if (word !== undefined) this.next()
    return word
  }

  takeSymbol(symbol: string): boolean {
    if (!this.atSymbol(symbol)) return false
    this.next()
    return true
  }

  expectWord(...words: readonly string[]): void {
    for (const word of words) if (!this.takeWord(word)) throw this.error(`Expected ${word} here.`)
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.error(`Expected "${symbol}" here.`)
  }

  /** Takes an opening parenthesis, which `leaveParenthesis` closes. An unclosed one is named in the error. */
  enterParenthesis(): void {
    const { position } = this
    this.expectSymbol('(')
    this.open.push(position)
  }

  leaveParenthesis(): void {
    this.expectSymbol(')')
    this.open.pop()
  }

  /** What stands between parentheses, read by `inner`. */
  parenthesized<T>(inner: () => T): T {
    this.enterParenthesis()
    const result = inner()
    this.leaveParenthesis()
    return result
  }

  /** One item or more, with commas between. */
  list<T>(item: () => T): T[] {
    const items = [item()]
    while (this.takeSymbol(',')) items.push(item())
    return items
  }

  /** Index of the token that closes the parenthesis at `index`, or the end when none does. */
  closing(index: number): number {
    this.#closings ??= closings(this.#tokens)
    return this.#closings.get(index) ?? this.#tokens.length - 1
  }

  /** The token at an absolute index. */
  tokenAt(index: number): Token {
    return this.peek(index - this.#index)
  }

  /** Goes one level deeper, until `leave`; too deep is a syntax error. */
  enter(): void {
    if (++this.#nesting <= MAX_NESTING) return
    throw syntaxError(
      this,
      `nesting is deeper than ${MAX_NESTING} levels`,
      'Split the statement with WITH or views.',
    )
  }

  leave(): void {
    this.#nesting--
  }

  /** Runs `inner` one level deeper. */
  nested<T>(inner: () => T): T {
    this.enter()
    const result = inner()
    this.leave()
    return result
  }

  /** Tries a rule; when it fails, the place is as before and undefined comes back. */
  attempt<T>(rule: () => T | undefined): T | undefined {
    const index = this.#index
    const result = rule()
    if (result === undefined) this.#index = index
    return result
  }

  /** The error that the current token does not fit. */
  error(hint?: string): EngineError {
    return syntaxError(this, undefined, hint)
  }

  /** The keywords that were looked for at the index; empty when not recording. */
  expectedAt(index: number): string[] {
    return [...(this.#expected?.get(index) ?? [])]
  }

  #note(index: number, word: string): void {
    if (this.#expected === undefined) return
    const words = this.#expected.get(index)
    if (words === undefined) this.#expected.set(index, new Set([word]))
    else words.add(word)
  }
}

function closings(tokens: readonly Token[]): Map<number, number> {
  const found = new Map<number, number>()
  const open: number[] = []
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'symbol') continue
    if (token.value === '(') open.push(index)
    const opened = token.value === ')' ? open.pop() : undefined
    if (opened !== undefined) found.set(opened, index)
  }
  return found
}
