import type { Position } from './ast.ts'
import { endOfBlockComment, endOfLineComment, endOfQuoted, endOfRaw, isRawString } from './scan.ts'

/** The text of one statement, without its semicolon, and where it starts in the whole. */
export interface StatementText {
  readonly text: string
  readonly position: Position
}

/**
 * Splits at the semicolons that stand outside quotes and comments. Empty statements, and those of comments
 * only, are left out. Never fails: an unclosed quote or comment reaches to the end, for the parser to
 * complain about.
 */
export function splitStatements(text: string): StatementText[] {
  const statements: StatementText[] = []
  let line = 1
  let lineStart = 0
  let counted = 0
  let first = -1
  let last = -1
  const close = (): void => {
    if (first >= 0) {
      for (; counted < first; counted++) {
        if (text[counted] !== '\n') continue
        line++
        lineStart = counted + 1
      }
      const position = { line, column: first - lineStart + 1, offset: first }
      statements.push({ text: text.slice(first, last), position })
    }
    first = -1
  }
  for (const piece of pieces(text)) {
    if (piece.kind === 'semicolon') close()
    else if (piece.kind === 'text') {
      if (first < 0) first = piece.start
      last = piece.end
    }
  }
  close()
  return statements
}

/**
 * Whether the text, as typed into a shell, is whole: it ends with a semicolon outside quotes and comments.
 */
export function isComplete(text: string): boolean {
  let complete = false
  for (const piece of pieces(text)) {
    if (piece.kind === 'open') return false
    if (piece.kind !== 'comment') complete = piece.kind === 'semicolon'
  }
  return complete
}

interface Piece {
  /** `open` is a block comment that never closes; `text` that never closes is followed by an empty `open`. */
  readonly kind: 'text' | 'comment' | 'semicolon' | 'open'
  readonly start: number
  readonly end: number
}

function* pieces(text: string): Generator<Piece> {
  let start = 0
  while (start < text.length) {
    const character = text[start] ?? ''
    if (character.trim() === '') {
      start++
      continue
    }
    const [kind, found] = pieceAt(text, start)
    const end = found < 0 ? text.length : found
    yield { kind, start, end }
    if (found < 0) yield { kind: 'open', start: end, end }
    start = end
  }
}

/** Kind and end (or -1) of the piece at `start`. */
function pieceAt(text: string, start: number): [Piece['kind'], number] {
  const character = text[start]
  if (character === ';') return ['semicolon', start + 1]
  if (character === '-' && text[start + 1] === '-') return ['comment', endOfLineComment(text, start)]
  if (character === '/' && text[start + 1] === '*') {
    const end = endOfBlockComment(text, start)
    return [text[start + 2] === '+' ? 'text' : 'comment', end]
  }
  if (character === "'" || character === '"') return ['text', endOfQuoted(text, start, true)]
  if (character === '`') return ['text', endOfQuoted(text, start, false)]
  if (isRawString(text, start)) return ['text', endOfRaw(text, start + 1)]
  return ['text', start + 1]
}
