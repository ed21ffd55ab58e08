import {
  fixedVector,
  getBit,
  isNull,
  readValue,
  setBit,
  type Vector,
  valueReader,
} from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import { addressIn, textKernels } from '../../kernels/index.ts'
import type { Region } from '../../memory/index.ts'
import { types } from '../../types/index.ts'
import type { CallContext, ScalarFunction } from '../scalar-function.ts'
import { signature, string } from '../signature.ts'
import { bytesOperand } from './compare-vectors.ts'

/**
 * LIKE and ILIKE. `%` stands for any text, `_` for any one character, the escape character for what follows
 * it.
 */
export const likeFunctions: readonly ScalarFunction[] = [
  like('like', false, 'text like pattern[, escape] - whether all of text matches the pattern'),
  like('ilike', true, 'text ilike pattern[, escape] - like, ignoring case'),
]

function like(name: string, ignoreCase: boolean, usage: string): ScalarFunction {
  return {
    name,
    usage,
    volatility: 'immutable',
    nulls: 'propagate',
    // A pattern that ends in its escape character is an error.
    mayFail: true,
    resolve: signature(name, [string, string, string], types.boolean, { min: 2 }),
    evaluate: (args, call) => evaluateLike(args, call, ignoreCase),
  }
}

function evaluateLike(
  args: readonly Vector[],
  { rowCount, region }: CallContext,
  ignoreCase: boolean,
): Vector {
  const [text, pattern, escape] = args as [Vector, Vector, Vector | undefined]
  const isFixed = pattern.encoding === 'constant' && (escape === undefined || escape.encoding === 'constant')
  if (isFixed) {
    const escapeText = escape === undefined ? '\\' : (readValue(escape, 0) as string)
    const parts = likeParts(readValue(pattern, 0) as string, escapeText)
    if (!ignoreCase && !parts.includes(ANY_ONE))
      return fixedVector(types.boolean, rowCount, matchSegments(text, toSegments(parts), rowCount, region))
    const regexp = likeRegExp(parts, ignoreCase)
    const bits = region.bitmap(rowCount)
    const read = valueReader(text)
    for (let row = 0; row < rowCount; row++)
      if (!isNull(text, row) && regexp.test(read(row) as string)) setBit(bits, row)
    return fixedVector(types.boolean, rowCount, bits)
  }
  const bits = region.bitmap(rowCount)
  const readers = args.map(valueReader)
  for (let row = 0; row < rowCount; row++) {
    const [value, form, mark = '\\'] = readers.map((read) => read(row)) as (string | null)[]
    if (value == null || form == null || mark === null) continue
    if (likeRegExp(likeParts(form, mark), ignoreCase).test(value)) setBit(bits, row)
  }
  return fixedVector(types.boolean, rowCount, bits)
}

const ANY_TEXT = Symbol('%')
const ANY_ONE = Symbol('_')
type LikePart = string | typeof ANY_TEXT | typeof ANY_ONE

/** A pattern as literal text and wildcards. INVALID_FORMAT if the escape character escapes nothing. */
function likeParts(pattern: string, escape: string): readonly LikePart[] {
  const parts: LikePart[] = []
  let text = ''
  const flush = () => {
    if (text !== '') parts.push(text)
    text = ''
  }
  const characters = [...pattern]
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!
    if (character === escape) {
      const next = characters[++i]
      if (next !== '%' && next !== '_' && next !== escape)
        throw new EngineError(
          'INVALID_FORMAT',
          `the pattern "${pattern}" is invalid: "${escape}" escapes nothing`,
          {
            hint: `Only "%", "_" and "${escape}" itself may follow the escape character.`,
          },
        )
      text += next
    } else if (character === '%' || character === '_') {
      flush()
      parts.push(character === '%' ? ANY_TEXT : ANY_ONE)
    } else text += character
  }
  flush()
  return parts
}

/** The regular expression that matches what the parts match. */
function likeRegExp(parts: readonly LikePart[], ignoreCase: boolean): RegExp {
  const source = parts.map((part) =>
    part === ANY_TEXT
      ? '.*'
      : part === ANY_ONE
        ? '.'
        : part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&').replaceAll('\\-', '-'),
  )
  return new RegExp(`^${source.join('')}$`, ignoreCase ? 'isu' : 'su')
}

/** Literal pieces in order, none empty between the first, at the start, and the last, at the end. */
export interface Segments {
  readonly prefix: Uint8Array
  readonly suffix: Uint8Array
  readonly middle: readonly Uint8Array[]
  readonly isExact: boolean
}

function toSegments(parts: readonly LikePart[]): Segments {
  const encode = (part: LikePart | undefined) => Buffer.from(typeof part === 'string' ? part : '', 'utf8')
  const texts = parts.filter((part) => typeof part === 'string')
  if (!parts.includes(ANY_TEXT))
    return { prefix: encode(texts[0]), suffix: encode(undefined), middle: [], isExact: true }
  const first = typeof parts[0] === 'string'
  const last = typeof parts.at(-1) === 'string'
  const middle = texts.slice(first ? 1 : 0, last ? -1 : undefined)
  return {
    prefix: encode(first ? parts[0] : undefined),
    suffix: encode(last ? parts.at(-1) : undefined),
    middle: middle.map(encode),
    isExact: false,
  }
}

/** A bit for each text that matches. */
export function matchSegments(
  text: Vector,
  { prefix, suffix, middle, isExact }: Segments,
  rowCount: number,
  region: Region,
): Uint8Array {
  const bits = region.bitmap(rowCount)
  const { offsets, bytes, step } = bytesOperand(text)
  const pieces = [prefix, suffix, ...middle]
  const lengths = region.int32(pieces.length)
  lengths.set(pieces.map(({ length }) => length))
  const pattern = region.uint8(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    pattern.set(piece, at)
    at += piece.length
  }
  textKernels(region.pool).likeTexts(
    addressIn(region, offsets),
    addressIn(region, bytes),
    step === 0 ? 1 : rowCount,
    isExact ? 1 : 0,
    middle.length,
    lengths.byteOffset,
    pattern.byteOffset,
    bits.byteOffset,
  )
  return step === 0 && getBit(bits, 0) ? bits.fill(0xff) : bits
}

/** Whether `piece` lies at `at`. The caller knows that it does not pass the end. */
export function matchesAt(bytes: Uint8Array, at: number, piece: Uint8Array): boolean {
  for (let i = 0; i < piece.length; i++) if (bytes[at + i] !== piece[i]) return false
  return true
}

/** Where `piece` first lies within [start, end), or -1. */
export function indexOfBytes(bytes: Uint8Array, start: number, end: number, piece: Uint8Array): number {
  const last = end - piece.length
  if (piece.length === 0) return start <= end ? start : -1
  const first = piece[0]!
  for (let at = start; at <= last; at++) {
    if (bytes[at] !== first) continue
    let i = 1
    while (i < piece.length && bytes[at + i] === piece[i]) i++
    if (i === piece.length) return at
  }
  return -1
}
