import { EngineError } from '../../engine/errors.ts'
import type { Position } from './ast.ts'
import { describeToken, type Token } from './token.ts'
import type { TokenStream } from './token-stream.ts'

/**
 * PARSE_SYNTAX_ERROR at the current token: `syntax error at or near "x"`, or the message given. The hint is,
 * in this order: the keyword that the token (or an alias just before it) seems to be a misspelling of, the
 * hint given, the parenthesis that is still open.
 */
export function syntaxError(stream: TokenStream, message?: string, hint?: string): EngineError {
  const suspect = stream.lastAlias === stream.index - 1 && stream.lastAlias >= 0 ? stream.previous : undefined
  const misspelt = suspect && nearKeyword(suspect, stream.expectedAt(stream.lastAlias))
  if (message === undefined && suspect !== undefined && misspelt !== undefined) {
    return at(suspect, `Did you mean ${misspelt}?`)
  }
  const token = stream.token
  if (message !== undefined) {
    return new EngineError('PARSE_SYNTAX_ERROR', message, { position: token.position, hint })
  }
  const near = nearKeyword(token, stream.expectedAt(stream.index))
  return at(token, near === undefined ? (unclosedHint(stream, token) ?? hint) : `Did you mean ${near}?`)
}

/** The statement is understood, but not supported: UNSUPPORTED_FEATURE that names it. */
export function unsupported(what: string, position: Position, hint?: string): EngineError {
  return new EngineError('UNSUPPORTED_FEATURE', `${what} is not supported`, { position, hint })
}

function at(token: Token, hint: string | undefined): EngineError {
  const message = `syntax error at ${describeToken(token)}`
  return new EngineError('PARSE_SYNTAX_ERROR', message, { position: token.position, hint })
}

/** At the end of the input, or at a semicolon, an open parenthesis is the likely cause. */
function unclosedHint(stream: TokenStream, token: Token): string | undefined {
  const open = stream.open.at(-1)
  if (open === undefined || !(token.kind === 'end' || token.value === ';')) return undefined
  return `The parenthesis opened at ${open.line}:${open.column} is not closed.`
}

function nearKeyword(token: Token, expected: readonly string[]): string | undefined {
  if (token.kind !== 'word') return undefined
  return expected.find((keyword) => isOneSlip(token.value, keyword))
}

/**
 * Whether one insertion, deletion, substitution or swap of neighbours makes `b` of `a`; not for very short
 * words.
 */
function isOneSlip(a: string, b: string): boolean {
  if (a.length < 3 || b.length < 3 || Math.abs(a.length - b.length) > 1) return false
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  if (a.length !== b.length) {
    const [short, long] = a.length < b.length ? [a, b] : [b, a]
    return short.slice(start) === long.slice(start + 1)
  }
  const swapped = a[start] === b[start + 1] && a[start + 1] === b[start]
  return a.slice(start + 1) === b.slice(start + 1) || (swapped && a.slice(start + 2) === b.slice(start + 2))
}
