import type { ColumnOf } from '../column-types.ts'
import { define } from '../define-function.ts'
import type {
  Any,
  AnyResult,
  BooleanResult,
  Bytes,
  IntResult,
  List,
  Num,
  OrDynamic,
  StringResult,
  StringsResult,
  Text,
  TypeOf,
  Unary,
  Whole,
} from '../function-types.ts'
import type { Int } from '../row-types.ts'

/** In upper case. */
export const upper: Unary<Text, string> = define('upper')

/** The same as `upper`. */
export const ucase: Unary<Text, string> = define('ucase')

/** In lower case. */
export const lower: Unary<Text, string> = define('lower')

/** The same as `lower`. */
export const lcase: Unary<Text, string> = define('lcase')

/** Every word with a capital. */
export const initcap: Unary<Text, string> = define('initcap')

/** Backwards: a string or an array. */
export const reverse: <A extends Text | List>(value: A) => ColumnOf<OrDynamic<TypeOf<A>>> = define('reverse')

/** Code of the first character. */
export const ascii: Unary<Text, Int> = define('ascii')

/** Characters of a string, bytes of binary. */
export const length: Unary<Bytes, Int> = define('length')

/** The same as `length`. */
export const len: Unary<Bytes, Int> = define('len')

/** The same as `length`. */
export const charLength: Unary<Bytes, Int> = define('char_length')

/** The same as `length`. */
export const characterLength: Unary<Bytes, Int> = define('character_length')

/** Bytes of a string. */
export const octetLength: Unary<Bytes, Int> = define('octet_length')

/** Bits of a string. */
export const bitLength: Unary<Bytes, Int> = define('bit_length')

/** How it sounds in English, as a letter and three digits. */
export const soundex: Unary<Text, string> = define('soundex')

/** Bytes as base64. */
export const base64: Unary<Bytes, string> = define('base64')

/** Bytes of base64. */
export const unbase64: (text: Text) => AnyResult = define('unbase64')

/** The character of a code. */
export const chr: Unary<Num, string> = define('chr')

/** The same as `chr`. */
export const char: Unary<Num, string> = define('char')

/** That many blanks. */
export const space: Unary<Num, string> = define('space')

/** Without blanks (or the given characters) at both ends. */
export const trim: (text: Text, characters?: Text) => StringResult = define('trim')

/** Without blanks at the start. */
export const ltrim: (text: Text) => StringResult = define('ltrim')

/** Without blanks at the end. */
export const rtrim: (text: Text) => StringResult = define('rtrim')

/** Without blanks (or the given characters) at both ends. */
export const btrim: (text: Text, characters?: Text) => StringResult = define('btrim')

/** Strings or arrays one after the other; NULL if one is. */
export const concat: <A extends Any>(...values: readonly A[]) => ColumnOf<OrDynamic<TypeOf<A>>> =
  define('concat')

/** Strings with a separator between; NULLs are left out. */
export const concatWs: (separator: string, ...values: readonly Any[]) => StringResult = define(
  'concat_ws',
  [0],
)

/** Characters from `start`, which counts from 1. */
export const substring: (text: Bytes, start: Whole, length?: Whole) => StringResult = define('substring')

/** The same as `substring`. */
export const substr: (text: Bytes, start: Whole, length?: Whole) => StringResult = define('substr')

/** What stands before the count-th delimiter. */
export const substringIndex: (text: Text, delimiter: string, count: number) => StringResult = define(
  'substring_index',
  1,
)

/** The first characters. */
export const left: (text: Text, length: Whole) => StringResult = define('left')

/** The last characters. */
export const right: (text: Text, length: Whole) => StringResult = define('right')

/** Filled up on the left, or cut. */
export const lpad: (text: Text, length: number, pad?: string) => StringResult = define('lpad', 1)

/** Filled up on the right, or cut. */
export const rpad: (text: Text, length: number, pad?: string) => StringResult = define('rpad', 1)

/** Several times. */
export const repeat: (text: Text, times: Whole) => StringResult = define('repeat')

/** Every occurrence replaced. */
export const replace: (text: Text, search: Text, by?: Text) => StringResult = define('replace')

/** Characters replaced one by one. */
export const translate: (text: Text, from: string, to: string) => StringResult = define('translate', 1)

/** A part replaced. */
export const overlay: (text: Text, by: Text, position: Whole, length?: Whole) => StringResult =
  define('overlay')

/** Position of the first occurrence from 1; 0 if there is none. */
export const instr: (text: Text, part: string) => IntResult = define('instr', 1)

/** Position of an occurrence from 1; 0 if there is none. */
export const position: (part: Text, text: Text, start?: number) => IntResult = define('position')

/** In single quotes, as SQL writes it. */
export const quote: Unary<Text, string> = define('quote')

/** Whether bytes are valid UTF-8. */
export const isValidUtf8: (value: Bytes) => BooleanResult = define('is_valid_utf8')

/** The text itself; an error if its bytes are not UTF-8. */
export const validateUtf8: Unary<Text, string> = define('validate_utf8')

/** The text itself; NULL if its bytes are not UTF-8. */
export const tryValidateUtf8: Unary<Text, string> = define('try_validate_utf8')

/** The text with U+FFFD in the place of bytes that are not UTF-8. */
export const makeValidUtf8: Unary<Text, string> = define('make_valid_utf8')

/** Whether the last digit is the check digit of the others. */
export const luhnCheck: (digits: Text) => BooleanResult = define('luhn_check')

/** Bytes of text in `hex`, `utf-8` or `base64`. */
export const toBinary: (text: Text, format?: string) => AnyResult = define('to_binary', 1)

/** Bytes of text, or NULL. */
export const tryToBinary: (text: Text, format?: string) => AnyResult = define('try_to_binary', 1)

/** Position of an occurrence from 1; 0 if there is none. */
export const locate: (part: Text, text: Text, position?: number) => IntResult = define('locate')

/** Pieces between matches of a regular expression. */
export const split: (text: Text, pattern: string, limit?: number) => StringsResult = define('split', 1)

/** One piece between delimiters, counted from 1. */
export const splitPart: (text: Text, delimiter: Text, part: Whole) => StringResult = define('split_part')

/** Every match of a regular expression replaced. */
export const regexpReplace: (text: Text, pattern: string, by: string) => StringResult = define(
  'regexp_replace',
  1,
)

/** A group of the first match; empty without match. */
export const regexpExtract: (text: Text, pattern: string, group?: number) => StringResult = define(
  'regexp_extract',
  1,
)

/** A group of every match. */
export const regexpExtractAll: (text: Text, pattern: string, group?: number) => StringsResult = define(
  'regexp_extract_all',
  1,
)

/** Whether a regular expression matches somewhere. */
export const regexpLike: (text: Text, pattern: string) => BooleanResult = define('regexp_like', 1)

/** The same as `regexpLike`. */
export const rlike: (text: Text, pattern: string) => BooleanResult = define('rlike', 1)

/** The same as `regexpLike`. */
export const regexp: (text: Text, pattern: string) => BooleanResult = define('regexp', 1)

/** Whether a LIKE pattern matches the whole. */
export const like: (text: Text, pattern: string) => BooleanResult = define('like', 1)

/** Whether a LIKE pattern matches the whole, whatever the case. */
export const ilike: (text: Text, pattern: string) => BooleanResult = define('ilike', 1)

/** Number of matches. */
export const regexpCount: (text: Text, pattern: string) => IntResult = define('regexp_count', 1)

/** Position of the first match from 1; 0 if there is none. */
export const regexpInstr: (text: Text, pattern: string) => IntResult = define('regexp_instr', 1)

/** The first match; NULL without match. */
export const regexpSubstr: (text: Text, pattern: string) => StringResult = define('regexp_substr', 1)

/** Whether it starts with a prefix. */
export const startswith: (text: Text, prefix: Text) => BooleanResult = define('startswith')

/** Whether it ends with a suffix. */
export const endswith: (text: Text, suffix: Text) => BooleanResult = define('endswith')

/** Whether it holds a part. */
export const contains: (text: Text, part: Text) => BooleanResult = define('contains')

/** Fewest changes of one character from one string to the other. */
export const levenshtein: (left: Text, right: Text) => IntResult = define('levenshtein')

/** A pattern filled in as by printf. */
export const formatString: (format: string, ...values: readonly Any[]) => StringResult = define(
  'format_string',
  [0],
)

/** The same as `formatString`. */
export const printf: (format: string, ...values: readonly Any[]) => StringResult = define('printf', [0])

/** Bytes in a character set. */
export const encode: (text: Text, charset: string) => AnyResult = define('encode', 1)

/** Text of bytes in a character set. */
export const decode: (bytes: Bytes, charset: string) => StringResult = define('decode', 1)

/** A decimal by a format. */
export const toNumber: (text: Text, format: string) => AnyResult = define('to_number', 1)

/** As `toNumber`; NULL if the text does not match the format. */
export const tryToNumber: (text: Text, format: string) => AnyResult = define('try_to_number', 1)

/** Text by a format. */
export const toChar: (value: Any, format: string) => StringResult = define('to_char', 1)

/** The same as `toChar`. */
export const toVarchar: (value: Any, format: string) => StringResult = define('to_varchar', 1)

/** Place in a list with commas, from 1; 0 if it is not there. */
export const findInSet: (text: Text, list: Text) => IntResult = define('find_in_set')

/** The index-th argument, from 1. */
export const elt: (index: Whole, ...values: readonly Any[]) => AnyResult = define('elt')

/** A part of a URL, such as HOST. */
export const parseUrl: (url: Text, part: string, key?: string) => StringResult = define('parse_url', 1)

/** As `parseUrl`; NULL if the text is no URL. */
export const tryParseUrl: (url: Text, part: string, key?: string) => StringResult = define('try_parse_url', 1)

/** Encoded for URLs. */
export const urlEncode: Unary<Text, string> = define('url_encode')

/** Decoded from URLs. */
export const urlDecode: Unary<Text, string> = define('url_decode')

/** As `urlDecode`; NULL if the text is not well encoded. */
export const tryUrlDecode: Unary<Text, string> = define('try_url_decode')

/** Letters as x and X, digits as n. */
export const mask: (text: Text) => StringResult = define('mask')
