import { type DataType, types } from '../../types/index.ts'
import type { ScalarFunction, Signature } from '../scalar-function.ts'
import { int32, signature, string, stringOrBinary } from '../signature.ts'
import { zeroIndex } from './nested-access.ts'

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: false } as const

/** Where a text lies in another, and parts of texts by place. Places count characters from 1. */
export const stringPositionFunctions: readonly ScalarFunction[] = [
  {
    ...plain,
    name: 'instr',
    usage: 'instr(text, part) - position of the part in the text; 0 if it is not there',
    resolve: signature('instr', [string, string], types.int32),
    bind: () => (text: string, part: string) => place(text, part, 0),
  },
  {
    ...plain,
    name: 'locate',
    aliases: ['position'],
    nulls: 'custom',
    usage:
      'locate(part, text[, start]) - position of the part in the text from a start on; 0 if it is not there',
    resolve: signature('locate', [string, string, int32], types.int32, { min: 2 }),
    bind:
      () =>
      (part: string | null, text: string | null, start: number | null = 1) => {
        // A start that is NULL finds nothing, as in Spark.
        if (start === null) return 0
        if (part === null || text === null) return null
        return start < 1 ? 0 : part === '' ? 1 : place(text, part, start - 1)
      },
  },
  {
    ...plain,
    name: 'left',
    usage: 'left(text, count) - the first characters',
    resolve: signature('left', [stringOrBinary, int32], sameType),
    bind: () => (text: string | Uint8Array, count: number) =>
      typeof text === 'string' ? firstCharacters(text, count) : text.slice(0, Math.max(0, count)),
  },
  {
    ...plain,
    name: 'right',
    usage: 'right(text, count) - the last characters',
    resolve: signature('right', [string, int32], types.string),
    bind: () => (text: string, count: number) => {
      if (count <= 0) return ''
      return count >= text.length ? text : [...text].slice(-count).join('')
    },
  },
  {
    ...plain,
    name: 'find_in_set',
    usage:
      'find_in_set(text, list) - place of the text among the parts of a list separated by commas; 0 if none',
    resolve: signature('find_in_set', [string, string], types.int32),
    bind: () => (text: string, list: string) => (text.includes(',') ? 0 : list.split(',').indexOf(text) + 1),
  },
  {
    ...plain,
    name: 'split_part',
    usage: 'split_part(text, delimiter, number) - a part between delimiters, negative from the end',
    mayFail: true,
    resolve: signature('split_part', [string, string, int32], types.string),
    bind: () => (text: string, delimiter: string, number: number) => {
      if (number === 0) throw zeroIndex()
      const parts = delimiter === '' ? [text] : text.split(delimiter)
      return parts[number > 0 ? number - 1 : parts.length + number] ?? ''
    },
  },
  {
    ...plain,
    name: 'substring_index',
    usage:
      'substring_index(text, delimiter, count) - what lies before so many delimiters, negative from the end',
    resolve: signature('substring_index', [string, string, int32], types.string),
    bind: () => beforeDelimiter,
  },
  {
    ...plain,
    name: 'overlay',
    usage:
      'overlay(text, replacement, position[, length]) - the text with the replacement from a position on',
    resolve: (args): Signature => {
      const isBinary = args.length > 1 && args[0]!.kind === 'binary' && args[1]!.kind === 'binary'
      const text = isBinary ? stringOrBinary : string
      return signature('overlay', [text, text, int32, int32], sameType, { min: 3 })(args, [])
    },
    bind: ({ returns }) => (returns.kind === 'binary' ? overlayBytes : overlayText),
  },
]

function sameType([type]: readonly DataType[]): DataType {
  return type!
}

/** Characters before UTF-16 unit `end`. */
function charactersBefore(text: string, end: number): number {
  let count = end
  for (let i = 0; i < end; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count--
  return count
}

function place(text: string, part: string, start: number): number {
  const from = unitOf(text, start)
  const at = text.indexOf(part, from)
  if (at < 0 || at < from) return 0
  return charactersBefore(text, at) + 1
}

/** The UTF-16 unit where character `index` begins; one past the end if there is none. */
function unitOf(text: string, index: number): number {
  let at = 0
  for (let left = index; left > 0; left--) {
    if (at >= text.length) return text.length + 1
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
  }
  return at
}

/** The first characters of a text. */
export function firstCharacters(text: string, count: number): string {
  return count <= 0 ? '' : count >= text.length ? text : text.slice(0, unitOf(text, count))
}

function beforeDelimiter(text: string, delimiter: string, count: number): string {
  if (delimiter === '' || count === 0) return ''
  let at = count > 0 ? -1 : text.length + delimiter.length
  for (let left = Math.abs(count); left > 0; left--) {
    if (count < 0 && at - 1 - delimiter.length < 0 && left > 0 && at <= 0) return text
    at = count > 0 ? text.indexOf(delimiter, at + 1) : lastBefore(text, delimiter, at)
    if (at < 0) return text
  }
  return count > 0 ? text.slice(0, at) : text.slice(at + delimiter.length)
}

function lastBefore(text: string, delimiter: string, at: number): number {
  const from = at > text.length ? text.length : at - 1
  return from < 0 ? -1 : text.lastIndexOf(delimiter, from)
}

function overlayText(text: string, replacement: string, position: number, length = -1): string {
  const all = [...text]
  const [before, after] = overlayCuts(all.length, position, length < 0 ? [...replacement].length : length)
  return all.slice(...before).join('') + replacement + all.slice(...after).join('')
}

function overlayBytes(bytes: Uint8Array, replacement: Uint8Array, position: number, length = -1): Uint8Array {
  const [before, after] = overlayCuts(bytes.length, position, length < 0 ? replacement.length : length)
  return Buffer.concat([bytes.slice(...before), replacement, bytes.slice(...after)])
}

type Cut = readonly [start: number, end: number]

/**
 * What stays before and after, as two substrings whose places count from 1 (and from the end if negative).
 */
function overlayCuts(size: number, position: number, length: number): readonly [Cut, Cut] {
  return [substringCut(size, 1, position - 1), substringCut(size, position + length, 2 ** 31 - 1)]
}

function substringCut(size: number, position: number, length: number): Cut {
  const start = position > 0 ? position - 1 : position < 0 ? size + position : 0
  const end = start + length
  return [Math.max(0, Math.min(size, start)), Math.max(0, Math.min(size, end))]
}
