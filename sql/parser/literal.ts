import { EngineError } from '../../engine/errors.ts'
import type { Literal, LiteralValue, Position, TypeNameId } from './ast.ts'
import { intervalLiteral } from './interval.ts'
import type { Token } from './token.ts'
import type { TokenStream } from './token-stream.ts'

/** A constant of a type without arguments, or of decimal with them. */
export function literal(
  name: TypeNameId,
  value: LiteralValue,
  position?: Position,
  args: readonly number[] = [],
): Literal {
  return { kind: 'literal', type: { kind: 'type', name, args }, value, position }
}

/** The constant that starts here, if one does: number, string, NULL, TRUE, typed text, interval. */
export function takeLiteral(stream: TokenStream): Literal | undefined {
  const { token, position } = stream
  if (token.kind === 'number') return numberLiteral(stream.next(), false, position)
  if (stream.atSymbol('-') && stream.peek(1).kind === 'number') {
    stream.next()
    return numberLiteral(stream.next(), true, position)
  }
  if (token.kind === 'string') return literal('string', adjacentStrings(stream), position)
  if (token.kind !== 'word') return undefined
  if (stream.peek(1).kind === 'string') {
    const typed = typedLiteral(stream)
    if (typed !== undefined) return typed
  }
  if (token.value === 'INTERVAL') return intervalLiteral(stream)
  if (stream.takeWord('NULL')) return literal('void', null, position)
  if (stream.takeWord('TRUE')) return literal('boolean', true, position)
  if (stream.takeWord('FALSE')) return literal('boolean', false, position)
  return undefined
}

/** One string, or several side by side: `'a' 'b'` is `'ab'`. */
export function adjacentStrings(stream: TokenStream): string {
  if (stream.token.kind !== 'string') throw stream.error('Expected a quoted string here.')
  let text = ''
  while (stream.token.kind === 'string') text += stream.next().value
  return text
}

/** DATE '…', TIMESTAMP '…', X'…'. Dates stay text: only the analyzer knows the session's time zone. */
function typedLiteral(stream: TokenStream): Literal | undefined {
  const { token, position } = stream
  switch (token.value) {
    case 'DATE':
      stream.next()
      return literal('date', stream.next().value, position)
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      stream.next()
      return literal('timestamp', stream.next().value, position)
    case 'TIMESTAMP_NTZ':
      stream.next()
      return literal('timestamp_ntz', stream.next().value, position)
    case 'X':
      stream.next()
      return literal('binary', hexBytes(stream), position)
    default:
      return undefined
  }
}

function hexBytes(stream: TokenStream): Uint8Array {
  const { token } = stream
  if (!/^[0-9a-fA-F]*$/.test(token.value)) {
    const message = `"${token.value}" is not hexadecimal`
    throw new EngineError('INVALID_TYPED_LITERAL', message, { position: token.position })
  }
  const digits = token.value.length % 2 === 0 ? token.value : `0${token.value}`
  stream.next()
  return Uint8Array.from({ length: digits.length / 2 }, (_, byte) =>
    Number.parseInt(digits.slice(byte * 2, byte * 2 + 2), 16),
  )
}

const SUFFIX = /^([^A-Z]*(?:E[+-]?\d+)?)(BD|[LSYDF])?$/
const RANGES = {
  tinyint: [-128n, 127n],
  smallint: [-32768n, 32767n],
  int: [-2147483648n, 2147483647n],
  bigint: [-9223372036854775808n, 9223372036854775807n],
} as const

function numberLiteral(token: Token, negative: boolean, position: Position): Literal {
  const [, digits = '', suffix] = SUFFIX.exec(token.value.toUpperCase()) ?? []
  const sign = negative ? '-' : ''
  switch (suffix) {
    case 'Y':
      return integerLiteral(sign, digits, 'tinyint', position)
    case 'S':
      return integerLiteral(sign, digits, 'smallint', position)
    case 'L':
      return integerLiteral(sign, digits, 'bigint', position)
    case 'F':
      return floatLiteral(sign + digits, 'float', position)
    case 'D':
      return floatLiteral(sign + digits, 'double', position)
    case 'BD':
      return decimalLiteral(sign, digits, position)
    default:
  }
  if (digits.includes('E')) return floatLiteral(sign + digits, 'double', position)
  if (digits.includes('.')) return decimalLiteral(sign, digits, position)
  const value = BigInt(sign + digits)
  if (inRange(value, 'int')) return literal('int', Number(value), position)
  if (inRange(value, 'bigint')) return literal('bigint', value, position)
  return decimalLiteral(sign, digits, position)
}

function inRange(value: bigint, name: keyof typeof RANGES): boolean {
  return value >= RANGES[name][0] && value <= RANGES[name][1]
}

function integerLiteral(
  sign: string,
  digits: string,
  name: keyof typeof RANGES,
  position: Position,
): Literal {
  if (!/^\d+$/.test(digits)) throw outOfRange(sign + digits, name, position)
  const value = BigInt(sign + digits)
  if (!inRange(value, name)) throw outOfRange(sign + digits, name, position)
  return literal(name, name === 'bigint' ? value : Number(value), position)
}

function floatLiteral(text: string, name: 'float' | 'double', position: Position): Literal {
  const value = name === 'float' ? Math.fround(Number(text)) : Number(text)
  if (!Number.isFinite(value)) throw outOfRange(text, name, position)
  return literal(name, value, position)
}

/** `1.50` is 150n with (3, 2); `.05` has precision 2, as the scale is never above the precision. */
function decimalLiteral(sign: string, text: string, position: Position): Literal {
  const [mantissa = '', exponent = '0'] = text.split('E')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const scale = fraction.length - Number(exponent)
  // Also keeps a hostile exponent from making a number of a million digits.
  if (Math.abs(scale) > 100) throw outOfRange(sign + text, 'decimal', position)
  const unscaled = BigInt(whole + fraction) * 10n ** BigInt(Math.max(0, -scale))
  const precision = Math.max(unscaled.toString().length, scale, 1)
  if (precision > 38) throw outOfRange(sign + text, 'decimal', position)
  return literal('decimal', sign === '-' ? -unscaled : unscaled, position, [precision, Math.max(0, scale)])
}

function outOfRange(text: string, type: string, position: Position): EngineError {
  const shown = text.length > 50 ? `${text.slice(0, 47)}...` : text
  const message = `number ${shown} does not fit ${type}`
  const code =
    type === 'decimal' ? 'DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION' : 'INVALID_NUMERIC_LITERAL_RANGE'
  return new EngineError(code, message, { position })
}
