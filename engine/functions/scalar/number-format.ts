import { EngineError } from '../../errors.ts'

/** A number format of to_char and to_number: `S99G999D99`, `$99.9PR`. */
export interface NumberFormat {
  readonly text: string
  /** Digits and group separators before the point: `0`, `9` and `,`. */
  readonly whole: string
  readonly fractionDigits: number
  readonly hasPoint: boolean
  readonly hasDollar: boolean
  readonly sign: 'none' | 'S-first' | 'S-last' | 'MI-first' | 'MI-last' | 'PR'
}

const FORMAT = /^(MI|S)?(\$)?([09,G]*)(?:([.D])([09]*))?(MI|S|PR)?$/
const formats = new Map<string, NumberFormat>()

/** Reads a number format. INVALID_FORMAT if it is none. */
export function numberFormat(text: string): NumberFormat {
  let found = formats.get(text)
  if (found === undefined) {
    found = parse(text)
    if (formats.size > 200) formats.clear()
    formats.set(text, found)
  }
  return found
}

function parse(text: string): NumberFormat {
  const match = FORMAT.exec(text.toUpperCase())
  const [, first, dollar, whole = '', point, fraction = '', last] = match ?? []
  if (match === null || !/[09]/.test(whole + fraction) || (first !== undefined && last !== undefined))
    throw new EngineError('INVALID_FORMAT', `"${text}" is no number format`, {
      hint: "A format looks like 'S99,999.99': 0 and 9 are digits, G is a comma and D the point.",
    })
  const sign =
    first !== undefined
      ? `${first}-first`
      : last === 'PR'
        ? 'PR'
        : last !== undefined
          ? `${last}-last`
          : 'none'
  return {
    text,
    whole: whole.replaceAll('G', ','),
    fractionDigits: fraction.length,
    hasPoint: point !== undefined,
    hasDollar: dollar !== undefined,
    sign: sign as NumberFormat['sign'], // Built of the two groups of the expression.
  }
}

/** Digits of the numbers that a format reads. */
export function formatPrecision({ whole, fractionDigits }: NumberFormat): number {
  return whole.replaceAll(',', '').length + fractionDigits
}

/**
 * A number in a format: leading places without digit are blanks, or zeros under `0`; one that does not fit is
 * `#`.
 */
export function formatNumberAs(unscaled: bigint, scale: number, format: NumberFormat): string {
  const isNegative = unscaled < 0n
  const digits = String(isNegative ? -unscaled : unscaled).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale).replace(/^0+/, '')
  const fraction = digits.slice(digits.length - scale)
  const places = format.whole.replaceAll(',', '').length
  const tooLong = whole.length > places || fraction.slice(format.fractionDigits).replace(/0+$/, '') !== ''
  const body = tooLong
    ? format.whole.replace(/[09]/g, '#').replaceAll(',', ' ') +
      (format.hasPoint ? `.${'#'.repeat(format.fractionDigits)}` : '')
    : wholeText(whole, format) +
      (format.hasPoint
        ? `.${fraction.slice(0, format.fractionDigits).padEnd(format.fractionDigits, '0')}`
        : '')
  return withSign(withDollar(body, format), isNegative, format)
}

/** Zeros fill from the first `0` of the format on, and stand alone before a point. */
function wholeText(digits: string, { whole, hasPoint }: NumberFormat): string {
  const places = whole.replaceAll(',', '').length
  let missing = places - digits.length
  let next = 0
  let zeros = false
  let result = ''
  const last = whole.replaceAll(',', '').length
  let place = 0
  for (const character of whole) {
    if (character === ',') {
      result += result.trim() === '' ? ' ' : ','
      continue
    }
    place++
    zeros ||= character === '0' || (digits === '' && hasPoint && place === last)
    if (missing > 0) {
      missing--
      result += zeros ? '0' : ' '
    } else result += digits[next++]
  }
  return result
}

/** What goes before the number stands right before its first digit. */
function beforeDigits(body: string, mark: string): string {
  const blanks = body.length - body.trimStart().length
  return body.slice(0, blanks) + mark + body.slice(blanks)
}

function withDollar(body: string, { hasDollar }: NumberFormat): string {
  return hasDollar ? `$${body}` : body
}

function withSign(body: string, isNegative: boolean, { sign }: NumberFormat): string {
  switch (sign) {
    case 'none':
      return isNegative ? beforeDigits(body, '-') : body
    case 'S-first':
      return beforeDigits(body, isNegative ? '-' : '+')
    case 'MI-first':
      return beforeDigits(body, isNegative ? '-' : ' ')
    case 'S-last':
      return `${body}${isNegative ? '-' : '+'}`
    case 'MI-last':
      return `${body}${isNegative ? '-' : ' '}`
    case 'PR':
      return isNegative ? `${beforeDigits(body, '<')}>` : ` ${body}  `.slice(1)
  }
}

/** The unscaled number that a text in a format names; undefined if it does not match. */
export function parseNumberAs(text: string, format: NumberFormat): bigint | undefined {
  let body = text.trim()
  let isNegative = false
  const strip = (length: number, negative: boolean, atEnd: boolean) => {
    body = atEnd ? body.slice(0, body.length - length) : body.slice(length)
    isNegative ||= negative
  }
  if (format.sign === 'PR' && body.startsWith('<') && body.endsWith('>')) {
    strip(1, true, false)
    strip(1, true, true)
  } else if (format.sign.endsWith('first') && /^[+-]/.test(body)) strip(1, body.startsWith('-'), false)
  else if (format.sign.endsWith('last') && /[+-]$/.test(body)) strip(1, body.endsWith('-'), true)
  if (format.hasDollar) {
    if (!body.startsWith('$')) return undefined
    body = body.slice(1)
  }
  const match = /^([\d,]*)(?:\.(\d*))?$/.exec(body)
  if (match === null) return undefined
  const [, whole = '', fraction = ''] = match
  if (
    (whole + fraction).length === 0 ||
    fraction.length > format.fractionDigits ||
    !groupsFit(whole, format.whole)
  )
    return undefined
  const value = BigInt(`${whole.replaceAll(',', '')}${fraction.padEnd(format.fractionDigits, '0')}`)
  return isNegative ? -value : value
}

/** Whether no group has more digits than the format's, counted from the point. */
function groupsFit(whole: string, format: string): boolean {
  const zero = format.indexOf('0')
  if (zero >= 0 && whole.length < format.length - zero) return false
  const groups = whole.split(',').reverse()
  const wanted = format.split(',').reverse()
  return (
    groups.length <= wanted.length && groups.every((group, index) => group.length <= wanted[index]!.length)
  )
}
