import { EngineError } from '../../engine/errors.ts'
import type { Literal, Position, TypeNameId } from './ast.ts'
import type { TokenStream } from './token-stream.ts'

/** A part of an interval that a unit names; months or microseconds per one of it. */
interface Unit {
  readonly field: Field
  readonly size: bigint
}

type Field = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'

const FIELDS: readonly Field[] = ['year', 'month', 'day', 'hour', 'minute', 'second']
const SECOND = 1_000_000n
const UNITS: Readonly<Record<string, Unit>> = {
  YEAR: { field: 'year', size: 12n },
  MONTH: { field: 'month', size: 1n },
  WEEK: { field: 'day', size: 604_800n * SECOND },
  DAY: { field: 'day', size: 86_400n * SECOND },
  HOUR: { field: 'hour', size: 3_600n * SECOND },
  MINUTE: { field: 'minute', size: 60n * SECOND },
  SECOND: { field: 'second', size: SECOND },
  MILLISECOND: { field: 'second', size: 1_000n },
  MICROSECOND: { field: 'second', size: 1n },
}
const AMOUNT = /^\s*([+-]?)\s*(\d{1,18})(?:\.(\d{1,9}))?\s*$/

/**
 * INTERVAL '3' MONTH, INTERVAL 1 DAY 2 HOURS, INTERVAL '1-2' YEAR TO MONTH, INTERVAL '1 day 2 hours'. Gives
 * months or microseconds as a bigint. Undefined when INTERVAL is a name here. Mixing months and days is an
 * error, as in Spark.
 */
export function intervalLiteral(stream: TokenStream): Literal | undefined {
  const { position } = stream
  const first = stream.peek(1)
  const signed = first.kind === 'symbol' && (first.value === '-' || first.value === '+')
  const value = signed ? stream.peek(2) : first
  const unitToken = stream.peek(signed ? 3 : 2)
  if (value.kind !== 'string' && (value.kind !== 'number' || unitOf(unitToken.value) === undefined))
    return undefined
  stream.next()
  if (value.kind === 'string' && unitOf(unitToken.value) === undefined) {
    const sign = signed && stream.next().value === '-' ? -1n : 1n
    return intervalText(stream.next().value, sign, position)
  }
  const parts: [amount: string, unit: Unit][] = []
  while (stream.token.kind === 'string' || stream.token.kind === 'number' || atSignedAmount(stream, parts)) {
    const sign = stream.atSymbol('-') ? '-' : ''
    if (sign !== '' || stream.atSymbol('+')) stream.next()
    const amount = `${sign}${stream.next().value}`
    const unit = unitOf(stream.token.value)
    if (stream.token.kind !== 'word' || unit === undefined)
      throw stream.error('Expected a unit, such as DAY.')
    stream.next()
    if (parts.length === 0 && stream.takeWord('TO')) return intervalRange(stream, amount, unit, position)
    parts.push([amount, unit])
    // `INTERVAL 1 DAY - 2` subtracts; only what has a unit after it goes on.
    if (unitOf(stream.peek(1).value) === undefined) break
  }
  return sum(parts, position)
}

/** A sign belongs to the interval only at its start: later it is an operator. */
function atSignedAmount(stream: TokenStream, parts: readonly unknown[]): boolean {
  return parts.length === 0 && (stream.atSymbol('-') || stream.atSymbol('+'))
}

function unitOf(word: string): Unit | undefined {
  const singular = word.endsWith('S') ? word.slice(0, -1) : word
  return Object.hasOwn(UNITS, singular) ? UNITS[singular] : undefined
}

/** Units inside the quotes: `'1 day 2 hours'`. */
function intervalText(text: string, sign: bigint, position: Position): Literal {
  const parts: [string, Unit][] = []
  const words = text
    .trim()
    .toUpperCase()
    .replace(/^INTERVAL\s+/, '')
    .split(/\s+/)
  for (let at = 0; at < words.length; at += 2) {
    const unit = unitOf(words[at + 1] ?? '')
    if (unit === undefined) throw malformed(text, position, "Write a number and a unit: INTERVAL '3' DAY.")
    parts.push([words[at] ?? '', unit])
  }
  const result = sum(parts, position)
  return typeof result.value === 'bigint' ? { ...result, value: result.value * sign } : result
}

/** Adds the parts up; the type spans from the largest unit to the smallest. */
function sum(parts: readonly (readonly [string, Unit])[], position: Position): Literal {
  let total = 0n
  const indexes: number[] = []
  for (const [amount, unit] of parts) {
    total += scaled(amount, unit, position)
    indexes.push(FIELDS.indexOf(unit.field))
  }
  const from = Math.min(...indexes)
  const to = Math.max(...indexes)
  if (from < 2 && to >= 2) {
    throw new EngineError('PARSE_SYNTAX_ERROR', 'an interval cannot mix months with days', {
      position,
      hint: 'Add two intervals, one of years and months, one of days and smaller units.',
    })
  }
  return interval(from, to, total, position)
}

function scaled(amount: string, unit: Unit, position: Position): bigint {
  const [, sign, whole, fraction] = AMOUNT.exec(amount) ?? []
  if (whole === undefined) throw malformed(amount, position)
  let value = BigInt(whole) * unit.size
  if (fraction !== undefined) {
    if (unit.field !== 'second') throw malformed(amount, position, 'Only seconds may have a fraction.')
    value += (BigInt(fraction.padEnd(9, '0')) * unit.size) / 1_000_000_000n
  }
  return sign === '-' ? -value : value
}

const SEPARATOR: Readonly<Record<Field, string>> = {
  year: '',
  month: '-',
  day: '',
  hour: '[ T]',
  minute: ':',
  second: ':',
}

/** `'1-2' YEAR TO MONTH`, `'1 02:03:04.5' DAY TO SECOND`; the sign inside the quotes holds for all fields. */
function intervalRange(stream: TokenStream, text: string, unit: Unit, position: Position): Literal {
  const from = FIELDS.indexOf(unit.field)
  const toUnit = unitOf(stream.token.value)
  const to = toUnit === undefined ? -1 : FIELDS.indexOf(toUnit.field)
  if (toUnit === undefined || to <= from || from < 2 !== to < 2) {
    throw stream.error('The unit after TO is smaller than the one before: YEAR TO MONTH, DAY TO SECOND.')
  }
  stream.next()
  const fields = FIELDS.slice(from, to + 1)
  const digits = (field: Field): string => (field === 'second' ? '(\\d{1,2}(?:\\.\\d{1,9})?)' : '(\\d{1,9})')
  const body = fields.map((field, index) => (index === 0 ? '' : SEPARATOR[field]) + digits(field)).join('')
  const match = new RegExp(`^\\s*([+-]?)\\s*([+-]?)${body}\\s*$`).exec(text)
  if (match === null) throw malformed(text, position, `Write it as ${example(from, to)}.`)
  let total = 0n
  for (const [index, field] of fields.entries()) {
    const amount = match[index + 3] ?? '0'
    const limit = { year: 0, month: 11, day: 0, hour: 23, minute: 59, second: 59 }[field]
    if (index > 0 && Math.floor(Number(amount)) > limit)
      throw malformed(text, position, `A ${field} is 0 to ${limit}.`)
    total += scaled(amount, UNITS[field.toUpperCase()] as Unit, position) // Every field is also a unit.
  }
  const negative = (match[1] === '-') !== (match[2] === '-')
  return interval(from, to, negative ? -total : total, position)
}

function example(from: number, to: number): string {
  if (from < 2) return "INTERVAL '1-2' YEAR TO MONTH"
  const texts = ['1', '02', '03', '04'].slice(from - 2, to - 1)
  const [first = '', ...rest] = texts
  const value = from === 2 ? `${first} ${rest.join(':')}` : texts.join(':')
  return `INTERVAL '${value}' ${FIELDS[from]?.toUpperCase()} TO ${FIELDS[to]?.toUpperCase()}`
}

const LIMITS = { months: 2n ** 31n, micros: 2n ** 63n } as const

function interval(from: number, to: number, value: bigint, position: Position): Literal {
  const limit = from < 2 ? LIMITS.months : LIMITS.micros
  if (value >= limit || value < -limit) {
    throw new EngineError('DATETIME_OVERFLOW', 'interval is out of range', { position })
  }
  const name = from === to ? `interval ${FIELDS[from]}` : `interval ${FIELDS[from]} to ${FIELDS[to]}`
  // Every range of fields within the two families is in the union.
  return { kind: 'literal', type: { kind: 'type', name: name as TypeNameId, args: [] }, value, position }
}

function malformed(text: string, position: Position, hint?: string): EngineError {
  return new EngineError('PARSE_SYNTAX_ERROR', `"${text}" is not an interval of this form`, {
    position,
    hint,
  })
}
