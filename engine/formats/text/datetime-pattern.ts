import { EngineError } from '../../errors.ts'
import type { DateTimeFields } from './datetime-fields.ts'
import { digitsEnd, fractionMicros, numberOf, parseZone } from './parse-iso.ts'

/** One piece of a pattern: a literal byte, a field with its width, or a part that may be missing. */
type Piece =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'field'; readonly letter: string; readonly width: number; readonly adjacent: boolean }
  | { readonly kind: 'optional'; readonly pieces: readonly Piece[] }

/** A pattern of Java's DateTimeFormatter such as `M/d/yyyy H:mm`, ready to read bytes and to print. */
export interface DateTimePattern {
  readonly text: string
  /** Fills `out`; false if the bytes do not follow the pattern or name no day that exists. */
  parse(bytes: Uint8Array, start: number, end: number, out: DateTimeFields): boolean
  /** `offsetSeconds` and `zoneId` are those of the zone the fields are in. */
  format(fields: DateTimeFields, offsetSeconds: number, zoneId: string): string
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const

/** CONFIG_INVALID for letters that are not known. */
export function dateTimePattern(text: string): DateTimePattern {
  const pieces = compile(text)
  const state = { half: -1 }
  return {
    text,
    parse(bytes, start, end, out) {
      out.reset()
      state.half = -1
      if (parsePieces(pieces, bytes, start, end, out, state) !== end) return false
      if (state.half >= 0) {
        if (out.hour > 12) return false
        out.hour = (out.hour % 12) + state.half * 12
      }
      return out.valid
    },
    format: (fields, offsetSeconds, zoneId) => formatPieces(pieces, fields, offsetSeconds, zoneId),
  }
}

function compile(text: string): readonly Piece[] {
  const stack: Piece[][] = [[]]
  for (let i = 0; i < text.length; ) {
    const char = text[i]!
    const top = stack.at(-1)!
    if (/[A-Za-z]/.test(char)) {
      let width = 1
      while (text[i + width] === char) width++
      if (!/[yuMLdHhkKmsSaEXxZVzG]/.test(char)) throw invalid(text, `letter "${char}" is not known`)
      const adjacent = /[A-Za-z]/.test(text[i + width] ?? '')
      top.push({ kind: 'field', letter: char, width, adjacent })
      i += width
    } else if (char === "'") {
      const close = text.indexOf("'", i + 1)
      if (close < 0) throw invalid(text, 'a quote is not closed')
      top.push({ kind: 'literal', text: close === i + 1 ? "'" : text.slice(i + 1, close) })
      i = close + 1
    } else {
      if (char === '[') stack.push([])
      else if (char === ']') {
        if (stack.length === 1) throw invalid(text, '"]" without "["')
        stack.at(-2)!.push({ kind: 'optional', pieces: stack.pop()! })
      } else top.push({ kind: 'literal', text: char })
      i++
    }
  }
  if (stack.length > 1) throw invalid(text, '"[" is not closed')
  return stack[0]!
}

function invalid(pattern: string, reason: string): EngineError {
  return new EngineError('CONFIG_INVALID', `datetime pattern "${pattern}": ${reason}`, {
    hint: 'Use letters such as yyyy, MM, dd, HH, mm, ss, SSS, a, XXX; quote text with apostrophes.',
  })
}

/** Where the pieces end; -1 if the bytes do not follow them. */
function parsePieces(
  pieces: readonly Piece[],
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DateTimeFields,
  state: { half: number },
): number {
  let at = start
  for (const piece of pieces) {
    if (piece.kind === 'field') at = parseField(piece, bytes, at, end, out, state)
    else if (piece.kind === 'literal') at = parseLiteral(piece.text, bytes, at, end)
    else {
      const next = parsePieces(piece.pieces, bytes, at, end, out, state)
      if (next >= 0) at = next
    }
    if (at < 0) return -1
  }
  return at
}

function parseLiteral(text: string, bytes: Uint8Array, start: number, end: number): number {
  if (end - start < text.length) return -1
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return -1
  return start + text.length
}

function parseField(
  piece: Extract<Piece, { kind: 'field' }>,
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DateTimeFields,
  state: { half: number },
): number {
  const { letter, width, adjacent } = piece
  if ((letter === 'M' || letter === 'L') && width >= 3)
    return parseName(MONTHS, width, bytes, start, end, (n) => (out.month = n + 1))
  if (letter === 'E') return parseName(DAYS, width, bytes, start, end, () => {})
  if (letter === 'a') return parseName(['AM', 'PM'], 4, bytes, start, end, (n) => (state.half = n))
  if ('XxZVz'.includes(letter)) return parseZone(bytes, start, end, out) ? end : -1
  const most =
    adjacent || width > 1 ? (letter === 'y' && width >= 4 && !adjacent ? 7 : width) : letter === 'y' ? 7 : 2
  const at = digitsEnd(bytes, start, end, letter === 'S' ? width : most)
  if (at - start < (letter === 'S' && !adjacent ? 1 : width)) return -1
  const value = numberOf(bytes, start, at)
  if (letter === 'y' || letter === 'u') out.year = width === 2 ? 2000 + value : value
  else if (letter === 'M' || letter === 'L') out.month = value
  else if (letter === 'd') out.day = value
  else if (letter === 'H' || letter === 'h' || letter === 'K') out.hour = value
  else if (letter === 'k') out.hour = value % 24
  else if (letter === 'm') out.minute = value
  else if (letter === 's') out.second = value
  else if (letter === 'S') out.micros = fractionMicros(bytes, start, at)
  else return -1
  return at
}

/** A name in full (width 4 and more) or by its first three letters, any case. */
function parseName(
  names: readonly string[],
  width: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  found: (index: number) => void,
): number {
  for (let index = 0; index < names.length; index++) {
    const name = width >= 4 ? names[index]! : names[index]!.slice(0, 3)
    if (end - start < name.length) continue
    let same = 0
    while (same < name.length && (bytes[start + same]! | 32) === (name.charCodeAt(same) | 32)) same++
    if (same < name.length) continue
    found(index)
    return start + name.length
  }
  return -1
}

function formatPieces(
  pieces: readonly Piece[],
  fields: DateTimeFields,
  offset: number,
  zoneId: string,
): string {
  let text = ''
  for (const piece of pieces) {
    if (piece.kind === 'literal') text += piece.text
    else if (piece.kind === 'optional') text += formatPieces(piece.pieces, fields, offset, zoneId)
    else text += formatField(piece.letter, piece.width, fields, offset, zoneId)
  }
  return text
}

function formatField(
  letter: string,
  width: number,
  fields: DateTimeFields,
  offset: number,
  zoneId: string,
): string {
  const pad = (value: number): string => String(value).padStart(width, '0')
  switch (letter) {
    case 'y':
    case 'u':
      return width === 2 ? String(fields.year % 100).padStart(2, '0') : pad(fields.year)
    case 'M':
    case 'L': {
      if (width < 3) return pad(fields.month)
      const name = MONTHS[fields.month - 1]!
      return width === 3 ? name.slice(0, 3) : name
    }
    case 'E': {
      const name = DAYS[(((fields.days + 4) % 7) + 7) % 7]!
      return width < 4 ? name.slice(0, 3) : name
    }
    case 'd':
      return pad(fields.day)
    case 'H':
      return pad(fields.hour)
    case 'k':
      return pad(fields.hour === 0 ? 24 : fields.hour)
    case 'h':
      return pad(fields.hour % 12 === 0 ? 12 : fields.hour % 12)
    case 'K':
      return pad(fields.hour % 12)
    case 'm':
      return pad(fields.minute)
    case 's':
      return pad(fields.second)
    case 'S':
      return String(fields.micros).padStart(6, '0').padEnd(width, '0').slice(0, width)
    case 'a':
      return fields.hour < 12 ? 'AM' : 'PM'
    case 'G':
      return fields.year > 0 ? 'AD' : 'BC'
    default:
      return formatZone(letter, width, offset, zoneId)
  }
}

function formatZone(letter: string, width: number, offset: number, zoneId: string): string {
  if (letter === 'V' || letter === 'z') return zoneId
  if (letter === 'X' && offset === 0) return 'Z'
  const minutes = Math.abs(Math.trunc(offset / 60))
  const hours = String(Math.floor(minutes / 60)).padStart(2, '0')
  const rest = String(minutes % 60).padStart(2, '0')
  const sign = offset < 0 ? '-' : '+'
  if (letter === 'Z' || width === 2 || width === 4) return `${sign}${hours}${rest}`
  return width === 1 && rest === '00' ? `${sign}${hours}` : `${sign}${hours}:${rest}`
}
