import type { Literal } from './ast.ts'

/**
 * A constant as it stands in Spark's automatic names: strings without quotes, `DATE '2020-01-01'`,
 * `INTERVAL '1 02:03:04' DAY TO SECOND`, doubles as Java writes them (`1.0E10`).
 */
export function formatLiteral({ type, value }: Literal): string {
  if (value === null) return 'NULL'
  if (value instanceof Uint8Array) return `X'${hex(value)}'`
  switch (type.name) {
    case 'decimal':
      return formatDecimal(BigInt(String(value)), type.args[1] ?? 0)
    case 'double':
      return formatFloating(Number(value), (digits) => digits)
    case 'float':
      return formatFloating(Number(value), Math.fround)
    case 'date':
    case 'timestamp':
    case 'timestamp_ntz':
      return `${type.name.toUpperCase()} '${value}'`
    default:
      if (type.name.startsWith('interval ')) return formatInterval(type.name, BigInt(String(value)))
      return String(value)
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('')
}

function formatDecimal(unscaled: bigint, scale: number): string {
  if (scale === 0) return unscaled.toString()
  const digits = magnitude(unscaled)
    .toString()
    .padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}

/**
 * Java's text: plain from 0.001 to below 10 million, else with an exponent; the fewest digits that `round`
 * back.
 */
function formatFloating(value: number, round: (value: number) => number): string {
  if (!Number.isFinite(value)) return String(value)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  let exponential = value.toExponential()
  for (let digits = 0; digits < 17; digits++) {
    const candidate = value.toExponential(digits)
    if (round(Number(candidate)) !== value) continue
    exponential = candidate
    break
  }
  const [mantissa = '0', exponent = '0'] = exponential.split('e')
  const size = Math.abs(value)
  if (size >= 1e-3 && size < 1e7) {
    const plain = Number(exponential).toString()
    return plain.includes('.') ? plain : `${plain}.0`
  }
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`
}

const FIELDS = ['day', 'hour', 'minute', 'second']
const SIZES = [86_400_000_000n, 3_600_000_000n, 60_000_000n, 1_000_000n]

function formatInterval(name: string, value: bigint): string {
  const [from = '', to = from] = name.slice('interval '.length).split(' to ')
  const range = (from === to ? from : `${from} to ${to}`).toUpperCase()
  const sign = value < 0n ? '-' : ''
  const size = magnitude(value)
  if (from === 'year' || from === 'month') {
    const text =
      from === 'month' ? `${size}` : to === 'year' ? `${size / 12n}` : `${size / 12n}-${size % 12n}`
    return `INTERVAL '${sign}${text}' ${range}`
  }
  let rest = size
  let text = ''
  for (let field = FIELDS.indexOf(from); field <= FIELDS.indexOf(to); field++) {
    const unit = SIZES[field] ?? 1n
    const amount = (rest / unit).toString()
    rest %= unit
    // Days stand alone; the other fields have two digits, as in a clock.
    text += field === 0 ? amount : `${text === '' ? '' : field === 1 ? ' ' : ':'}${amount.padStart(2, '0')}`
  }
  const fraction =
    to === 'second' && rest > 0n ? `.${rest.toString().padStart(6, '0').replace(/0+$/, '')}` : ''
  return `INTERVAL '${sign}${text}${fraction}' ${range}`
}
