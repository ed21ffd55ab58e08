import { EngineError } from '../../errors.ts'
import { type DataType, listType, types, type Value } from '../../types/index.ts'
import type { ScalarFunction } from '../scalar-function.ts'
import { checkCount, int32, mismatch, signature, string, stringOrBinary } from '../signature.ts'
import { firstCharacters } from './string-position.ts'

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: false } as const

/** Texts made of other texts. */
export const stringBuildFunctions: readonly ScalarFunction[] = [
  pad('lpad', true),
  pad('rpad', false),
  {
    ...plain,
    name: 'repeat',
    usage: 'repeat(text, count) - the text so many times',
    resolve: signature('repeat', [string, int32], types.string),
    bind: () => (text: string, count: number) => text.repeat(Math.max(0, count)),
  },
  {
    ...plain,
    name: 'space',
    usage: 'space(count) - so many spaces',
    resolve: signature('space', [int32], types.string),
    bind: () => (count: number) => ' '.repeat(Math.max(0, count)),
  },
  {
    ...plain,
    name: 'replace',
    usage: 'replace(text, search[, replacement]) - the text with every occurrence replaced, or removed',
    resolve: signature('replace', [string, string, string], types.string, { min: 2 }),
    bind:
      () =>
      (text: string, search: string, replacement = '') =>
        search === '' ? text : text.replaceAll(search, () => replacement),
  },
  {
    ...plain,
    name: 'reverse',
    usage: 'reverse(text or array) - the characters or elements in reverse order',
    resolve: (args) => {
      checkCount('reverse', args.length, 1)
      return args[0]!.kind === 'list'
        ? { args, returns: args[0]! }
        : signature('reverse', [string], types.string)(args, [])
    },
    bind:
      ({ returns }) =>
      (value: string | readonly Value[]) =>
        returns.kind === 'list'
          ? [...(value as readonly Value[])].reverse()
          : [...(value as string)].reverse().join(''),
  },
  {
    ...plain,
    name: 'translate',
    usage:
      'translate(text, from, to) - the text with characters replaced one by one; those without partner go',
    resolve: signature('translate', [string, string, string], types.string),
    bind: () => {
      let last: { from: string; to: string; table: ReadonlyMap<string, string> } | undefined
      return (text: string, from: string, to: string) => {
        if (last === undefined || last.from !== from || last.to !== to)
          last = { from, to, table: partners(from, to) }
        let result = ''
        for (const character of text) result += last.table.get(character) ?? character
        return result
      }
    },
  },
  {
    ...plain,
    name: 'initcap',
    usage: 'initcap(text) - the text with the first letter of each word in upper case, others in lower case',
    resolve: signature('initcap', [string], types.string),
    bind: () => (text: string) =>
      text.toLowerCase().replace(/(^| )([^ ])/gu, (_, gap, letter) => gap + letter.toUpperCase()),
  },
  {
    ...plain,
    name: 'quote',
    usage: 'quote(text) - the text in single quotes, with quotes in it escaped',
    resolve: signature('quote', [string], types.string),
    bind: () => (text: string) => `'${text.replaceAll("'", "\\'")}'`,
  },
  {
    ...plain,
    name: 'concat_ws',
    usage: 'concat_ws(separator, a, b, ...) - texts and arrays of texts with a separator, without NULL',
    nulls: 'custom',
    resolve: (args) => {
      checkCount('concat_ws', args.length, 1, Number.POSITIVE_INFINITY)
      const cast = args.map((type, index) =>
        index > 0 && type.kind === 'list' ? listType(types.string) : types.string,
      )
      return { args: cast, returns: types.string }
    },
    bind:
      () =>
      (separator: string | null, ...items: readonly Value[]) =>
        separator === null
          ? null
          : items
              .flat()
              .filter((item) => item !== null)
              .join(separator),
  },
  {
    ...plain,
    name: 'elt',
    usage: 'elt(number, a, b, ...) - the value with that number, from 1',
    nulls: 'custom',
    mayFail: true,
    resolve: (args) => {
      checkCount('elt', args.length, 2, Number.POSITIVE_INFINITY)
      const isBinary = args.slice(1).every(({ kind }) => kind === 'binary')
      const type: DataType = isBinary ? types.binary : types.string
      const number = int32.accept(args[0]!)
      if (number === undefined) throw mismatch('elt', args, 'a number and texts')
      return { args: [number, ...args.slice(1).map(() => type)], returns: type }
    },
    bind:
      () =>
      (number: number | null, ...values: readonly Value[]) => {
        if (number === null) return null
        if (number >= 1 && number <= values.length) return values[number - 1]!
        throw new EngineError(
          'INVALID_ARRAY_INDEX',
          `the number ${number} is outside of ${values.length} values`,
        )
      },
  },
  {
    ...plain,
    name: 'mask',
    usage: 'mask(text[, upper[, lower[, digit[, other]]]]) - the text with characters hidden',
    nulls: 'custom',
    resolve: signature('mask', [string, string, string, string, string], types.string, { min: 1 }),
    bind: () => mask,
  },
]

/** lpad and rpad: binary values are filled with zero bytes, texts with spaces. */
function pad(name: 'lpad' | 'rpad', atStart: boolean): ScalarFunction {
  return {
    ...plain,
    name,
    usage: `${name}(text, length[, fill]) - the text filled or cut to a length`,
    resolve: (args) => {
      const isBinary = args[0]?.kind === 'binary' && (args[2] ?? args[0]).kind === 'binary'
      const type = isBinary ? stringOrBinary : string
      return signature(name, [type, int32, type], ([first]) => first!, { min: 2 })(args, [])
    },
    bind: ({ returns }) =>
      returns.kind === 'binary'
        ? (bytes: Uint8Array, length: number, fill: Uint8Array = new Uint8Array(1)) =>
            padBytes(bytes, length, fill, atStart)
        : (text: string, length: number, fill = ' ') => padText(text, length, fill, atStart),
  }
}

function padText(text: string, length: number, fill: string, atStart: boolean): string {
  const missing = length - [...text].length
  if (missing <= 0) return firstCharacters(text, length)
  if (fill === '') return text
  const filling = firstCharacters(fill.repeat(Math.ceil(missing / [...fill].length)), missing)
  return atStart ? filling + text : text + filling
}

function padBytes(bytes: Uint8Array, length: number, fill: Uint8Array, atStart: boolean): Uint8Array {
  if (length <= bytes.length || fill.length === 0) return bytes.slice(0, Math.max(0, length))
  const filling = Buffer.alloc(length - bytes.length, fill)
  return Buffer.concat(atStart ? [filling, bytes] : [bytes, filling])
}

/** The first partner of a character counts. */
function partners(from: string, to: string): ReadonlyMap<string, string> {
  const targets = [...to]
  const table = new Map<string, string>()
  for (const [index, character] of [...from].entries())
    if (!table.has(character)) table.set(character, targets[index] ?? '')
  return table
}

function mask(
  text: string | null,
  upper: string | null = 'X',
  lower: string | null = 'x',
  digit: string | null = 'n',
  other: string | null = null,
): string | null {
  if (text === null) return null
  let result = ''
  for (const character of text) {
    const by = /\p{Lu}/u.test(character)
      ? upper
      : /\p{Ll}/u.test(character)
        ? lower
        : /\p{Nd}/u.test(character)
          ? digit
          : other
    result += by ?? character
  }
  return result
}
