import { EngineError } from '../../errors.ts'
import { commonTypeOf, types, type Value } from '../../types/index.ts'
import type { ScalarFunction } from '../scalar-function.ts'
import {
  binary,
  checkCount,
  int32,
  int64,
  mismatch,
  signature,
  string,
  stringOrBinary,
} from '../signature.ts'
import { decodeBytes, encodeText, isValidUtf8 } from './character-set.ts'
import { valueOrder } from './compare-values.ts'
import { editDistance, passesLuhn, soundex } from './string-compare.ts'

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: false } as const

/** Texts as numbers and bytes, and how alike they are. */
export const stringCodeFunctions: readonly ScalarFunction[] = [
  {
    ...plain,
    name: 'ascii',
    usage: 'ascii(text) - code point of the first character, 0 of an empty text',
    resolve: signature('ascii', [string], types.int32),
    bind: () => (text: string) => text.codePointAt(0) ?? 0,
  },
  {
    ...plain,
    name: 'chr',
    aliases: ['char'],
    usage: 'chr(code) - the Latin-1 character with the code modulo 256; empty for negative codes',
    resolve: signature('chr', [int64], types.string),
    bind: () => (code: bigint) => (code < 0n ? '' : String.fromCharCode(Number(code & 255n))),
  },
  {
    ...plain,
    name: 'base64',
    usage: 'base64(binary) - the bytes in base 64, in lines of 76 characters',
    resolve: signature('base64', [binary], types.string),
    bind: () => (bytes: Uint8Array) =>
      Buffer.from(bytes)
        .toString('base64')
        .replace(/.{76}(?=.)/g, '$&\r\n'),
  },
  {
    ...plain,
    name: 'unbase64',
    usage: 'unbase64(text) - the bytes of a text in base 64, leaving out other characters',
    resolve: signature('unbase64', [string], types.binary),
    bind: () => (text: string) => Buffer.from(text, 'base64'),
  },
  {
    ...plain,
    name: 'bit_length',
    usage: 'bit_length(text or binary) - how many bits it has',
    resolve: signature('bit_length', [stringOrBinary], types.int32),
    bind: () => (value: string | Uint8Array) => 8 * byteLength(value),
  },
  {
    ...plain,
    name: 'octet_length',
    usage: 'octet_length(text or binary) - how many bytes it has',
    resolve: signature('octet_length', [stringOrBinary], types.int32),
    bind: () => byteLength,
  },
  {
    ...plain,
    name: 'encode',
    usage: 'encode(text, character set) - the bytes of a text',
    mayFail: true,
    resolve: signature('encode', [string, string], types.binary),
    bind: () => encodeText,
  },
  {
    ...plain,
    name: 'decode',
    usage:
      'decode(binary, charset), decode(value, search, result, ..., default) - text of bytes, or a result',
    nulls: 'custom',
    mayFail: true,
    resolve: (args) => {
      checkCount('decode', args.length, 2, Number.POSITIVE_INFINITY)
      if (args.length === 2) return signature('decode', [binary, string], types.string)(args, [])
      const isSearch = (index: number) => index === 0 || (index % 2 === 1 && index < args.length - 1)
      const searches = commonTypeOf(args.filter((_, index) => isSearch(index)))
      const results = commonTypeOf(args.filter((_, index) => !isSearch(index)))
      if (searches === undefined || results === undefined)
        throw mismatch('decode', args, 'values and results of one type each')
      return { args: args.map((_, index) => (isSearch(index) ? searches : results)), returns: results }
    },
    bind: ({ argTypes }) => {
      if (argTypes.length === 2)
        return (bytes: Uint8Array | null, charset: string | null) =>
          bytes === null || charset === null ? null : decodeBytes(bytes, charset)
      const order = valueOrder(argTypes[0]!)
      const equal = (a: Value, b: Value) => (a === null || b === null ? a === b : order(a, b) === 0)
      return (...args: readonly Value[]) => {
        for (let at = 1; at + 1 < args.length; at += 2) if (equal(args[0]!, args[at]!)) return args[at + 1]!
        return args.length % 2 === 0 ? args.at(-1)! : null
      }
    },
  },
  toBinary('to_binary', false),
  toBinary('try_to_binary', true),
  {
    ...plain,
    name: 'is_valid_utf8',
    usage: 'is_valid_utf8(text) - whether its bytes are UTF-8',
    resolve: signature('is_valid_utf8', [stringOrBinary], types.boolean),
    bind: () => (value: string | Uint8Array) => typeof value === 'string' || isValidUtf8(value),
  },
  ...['make_valid_utf8', 'validate_utf8', 'try_validate_utf8'].map(
    (name): ScalarFunction => ({
      ...plain,
      name,
      usage: `${name}(text) - the text; texts are always UTF-8 here`,
      resolve: signature(name, [string], types.string),
      bind: () => (text: string) => text,
    }),
  ),
  {
    ...plain,
    name: 'levenshtein',
    usage: 'levenshtein(a, b[, most]) - fewest edits from a text to the other; -1 if more than the most',
    resolve: signature('levenshtein', [string, string, int32], types.int32, { min: 2 }),
    bind: () => (a: string, b: string, most?: number) => {
      const distance = editDistance([...a], [...b])
      return most !== undefined && distance > most ? -1 : distance
    },
  },
  {
    ...plain,
    name: 'soundex',
    usage: 'soundex(text) - the code of how a name sounds in English',
    resolve: signature('soundex', [string], types.string),
    bind: () => soundex,
  },
  {
    ...plain,
    name: 'luhn_check',
    usage: 'luhn_check(text) - whether its digits pass the check of card numbers',
    resolve: signature('luhn_check', [string], types.boolean),
    bind: () => passesLuhn,
  },
]

function byteLength(value: string | Uint8Array): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : value.length
}

function fail(text: string, format: string): never {
  throw new EngineError('CONVERSION_INVALID_INPUT', `"${text}" is not in the format "${format}"`, {
    hint: 'Use "try_to_binary" to get NULL instead.',
  })
}

function toBinary(name: string, isSafe: boolean): ScalarFunction {
  return {
    ...plain,
    name,
    usage: `${name}(text[, format]) - the bytes of a text in hex, base64 or utf-8`,
    mayFail: !isSafe,
    resolve: signature(name, [string, string], types.binary, { min: 1 }),
    bind:
      () =>
      (text: string, format = 'hex') =>
        parseBinary(text, format.toLowerCase()) ?? (isSafe ? null : fail(text, format)),
  }
}

function parseBinary(text: string, format: string): Uint8Array | undefined {
  if (format === 'utf-8' || format === 'utf8') return Buffer.from(text)
  if (format === 'base64') return fromBase64(text)
  if (format !== 'hex')
    throw new EngineError('INVALID_PARAMETER_VALUE', `there is no binary format "${format}"`)
  if (!/^[0-9a-fA-F]*$/.test(text)) return undefined
  return Buffer.from(text.length % 2 === 0 ? text : `0${text}`, 'hex')
}

function fromBase64(text: string): Uint8Array | undefined {
  const body = text.replace(/\s/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(body) || body.replace(/=+$/, '').length % 4 === 1) return undefined
  return Buffer.from(body, 'base64')
}
