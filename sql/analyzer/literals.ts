import type { Expr } from '../../engine/expr/index.ts'
import { parseDate, parseTimestamp, parseTimestampNtz, timeZone } from '../../engine/functions/index.ts'
import { types, type Value } from '../../engine/types/index.ts'
import type { Literal, Parameter, Position } from '../parser/index.ts'
import { userError } from './check.ts'
import type { Analysis } from './context.ts'
import { convertType } from './convert-type.ts'

/** A constant in the engine's form. Dates and timestamps are read here; other errors are the parser's. */
export function resolveLiteral(literal: Literal, analysis: Analysis): Expr {
  const type = convertType(literal.type)
  const { value, position } = literal
  switch (type.kind) {
    case 'date':
    case 'timestamp':
    case 'timestamp_ntz':
      return readDatetime(value as string, type.kind, analysis, position)
    case 'interval_ym':
      return { kind: 'literal', value: Number(value), type }
    default:
      return { kind: 'literal', value: value as Value, type }
  }
}

/** The value given for `:name` or `?`; UNBOUND_SQL_PARAMETER if there is none. */
export function resolveParameter(parameter: Parameter, analysis: Analysis): Expr {
  const { named = {}, positional = [] } = analysis.parameters
  const { name, index, position } = parameter
  const given =
    name === undefined ? positional[index ?? 0] : Object.hasOwn(named, name) ? named[name] : undefined
  if (given !== undefined) return { kind: 'literal', value: given.value, type: given.type }
  const shown = name === undefined ? `number ${(index ?? 0) + 1} ("?")` : `":${name}"`
  throw userError(
    'UNBOUND_SQL_PARAMETER',
    `parameter ${shown} has no value`,
    position,
    'Pass it with the query: sql(text, { name: value }).',
  )
}

/** The date or timestamp that a text names, as a literal; undefined if it names none. */
export function parseDatetime(text: string, kind: DatetimeKind, zone: string): Expr | undefined {
  if (kind === 'date') {
    const value = parseDate(text)
    return value === undefined ? undefined : { kind: 'literal', value, type: types.date }
  }
  const value = kind === 'timestamp' ? parseTimestamp(text, timeZone(zone)) : parseTimestampNtz(text)
  const type = kind === 'timestamp' ? types.timestamp : types.timestampNtz
  return value === undefined ? undefined : { kind: 'literal', value, type }
}

type DatetimeKind = 'date' | 'timestamp' | 'timestamp_ntz'

const EXAMPLES: Readonly<Record<DatetimeKind, string>> = {
  date: "DATE '2011-12-31'",
  timestamp: "TIMESTAMP '2011-12-31 23:59:59'",
  timestamp_ntz: "TIMESTAMP_NTZ '2011-12-31 23:59:59'",
}

function readDatetime(
  text: string,
  kind: DatetimeKind,
  analysis: Analysis,
  position: Position | undefined,
): Expr {
  const found = parseDatetime(text, kind, analysis.context.timeZone)
  if (found !== undefined) return found
  throw userError(
    'INVALID_TYPED_LITERAL',
    `"${text}" is not a ${kind}`,
    position,
    `Write it as ${EXAMPLES[kind]}.`,
  )
}
