import { EngineError } from '../../errors.ts'
import { types } from '../../types/index.ts'
import type { ScalarFunction } from '../scalar-function.ts'
import { signature, string } from '../signature.ts'

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: false } as const

/** Addresses: their parts, and texts inside them. */
export const urlFunctions: readonly ScalarFunction[] = [
  parse('parse_url', false),
  parse('try_parse_url', true),
  {
    ...plain,
    name: 'url_encode',
    usage: 'url_encode(text) - the text as it stands in a form: application/x-www-form-urlencoded',
    resolve: signature('url_encode', [string], types.string),
    bind: () => (text: string) =>
      encodeURIComponent(text)
        .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
        .replaceAll('%20', '+'),
  },
  decode('url_decode', false),
  decode('try_url_decode', true),
]

/** A URI as java.net.URI splits it: scheme, authority, path, query, fragment. */
const URI = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s
/** ASCII characters that may not stand in a URI, and percent signs without digits. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const FORBIDDEN = /[\x00-\x20"<>\\^`{|}\x7f]|%(?![0-9a-fA-F]{2})/

function parse(name: string, isSafe: boolean): ScalarFunction {
  return {
    ...plain,
    name,
    usage: `${name}(url, part[, key]) - a part such as HOST, PATH, QUERY (or a key of it), REF or PROTOCOL`,
    mayFail: !isSafe,
    resolve: signature(name, [string, string, string], types.string, { min: 2 }),
    bind: () => (url: string, part: string, key?: string) => {
      const match = URI.exec(url)
      if (match === null || FORBIDDEN.test(url)) {
        if (isSafe) return null
        throw new EngineError('INVALID_URL', `"${url}" is no valid URL`, {
          hint: 'Use "try_parse_url" to get NULL.',
        })
      }
      const text = urlPart(match, part)
      if (key === undefined) return text
      if (part !== 'QUERY' || text === null) return null
      const pair = text.split('&').find((each) => each.startsWith(`${key}=`))
      return pair === undefined ? null : pair.slice(key.length + 1)
    },
  }
}

function urlPart(match: RegExpExecArray, part: string): string | null {
  const [, scheme, authority, path, query, fragment] = match
  const isOpaque = scheme !== undefined && authority === undefined && !path!.startsWith('/')
  switch (part) {
    case 'HOST': {
      const host = authority?.replace(/^[^@]*@/, '').replace(/:\d*$/, '')
      return host === undefined || host === '' ? null : host
    }
    case 'PATH':
      return isOpaque ? null : path!
    case 'QUERY':
      return isOpaque ? null : (query ?? null)
    case 'REF':
      return fragment ?? null
    case 'PROTOCOL':
      return scheme ?? null
    case 'FILE':
      return isOpaque ? null : query === undefined ? path! : `${path}?${query}`
    case 'AUTHORITY':
      return authority ?? null
    case 'USERINFO':
      return authority?.includes('@') === true ? authority.replace(/@.*$/, '') : null
    default:
      return null
  }
}

function decode(name: string, isSafe: boolean): ScalarFunction {
  return {
    ...plain,
    name,
    usage: `${name}(text) - the text that url_encode had${isSafe ? '; NULL if there is none' : ''}`,
    mayFail: !isSafe,
    resolve: signature(name, [string], types.string),
    bind: () => (text: string) => {
      if (/%(?![0-9a-fA-F]{2})/.test(text)) {
        if (isSafe) return null
        throw new EngineError('CANNOT_DECODE_URL', `"${text}" is no encoded text`, {
          hint: 'Use "try_url_decode" to get NULL instead.',
        })
      }
      const plainText = text.replaceAll('+', ' ')
      return plainText.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) =>
        Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
      )
    },
  }
}
