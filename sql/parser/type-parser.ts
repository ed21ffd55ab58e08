import { EngineError, nearestNames } from '../../engine/errors.ts'
import type { Position, TypeField, TypeName, TypeNameId } from './ast.ts'
import { expectName } from './names.ts'
import { syntaxError, unsupported } from './syntax-error.ts'
import type { TokenStream } from './token-stream.ts'

const SIMPLE: Readonly<Record<string, TypeNameId>> = {
  void: 'void',
  boolean: 'boolean',
  tinyint: 'tinyint',
  byte: 'tinyint',
  smallint: 'smallint',
  short: 'smallint',
  int: 'int',
  integer: 'int',
  bigint: 'bigint',
  long: 'bigint',
  float: 'float',
  real: 'float',
  double: 'double',
  string: 'string',
  varchar: 'string',
  char: 'string',
  character: 'string',
  binary: 'binary',
  date: 'date',
  timestamp: 'timestamp',
  timestamp_ltz: 'timestamp',
  timestamp_ntz: 'timestamp_ntz',
  decimal: 'decimal',
  dec: 'decimal',
  numeric: 'decimal',
  array: 'array',
  map: 'map',
  struct: 'struct',
}
const YEAR_MONTH = ['YEAR', 'MONTH'] as const
const DAY_TIME = ['DAY', 'HOUR', 'MINUTE', 'SECOND'] as const

/**
 * A type as SQL writes it: `int`, `decimal(10, 2)`, `array<struct<a: int, b string>>`, `interval day to
 * second`. Aliases become Spark's simple names. An unknown name is a PARSE_SYNTAX_ERROR.
 */
export function parseTypeName(stream: TokenStream): TypeName {
  const { token, position } = stream
  const written = expectName(stream, 'Expected a type here.')
  const word = written.toLowerCase()
  if (word === 'interval') return { kind: 'type', name: intervalRange(stream), args: [], position }
  const name = Object.hasOwn(SIMPLE, word) ? SIMPLE[word] : undefined
  if (name === undefined || token.kind === 'quoted') {
    stream.rewind(stream.index - 1)
    throw unknownType(stream, written)
  }
  if (name === 'array' || name === 'map' || name === 'struct') {
    return stream.nested(() => nestedType(stream, name, position))
  }
  if (name === 'decimal') return { kind: 'type', name, args: decimalArgs(stream), position }
  if (word === 'varchar' || word === 'char' || word === 'character') numericArgs(stream, 1)
  return { kind: 'type', name, args: [], position }
}

const UNSUPPORTED: ReadonlySet<string> = new Set(['variant', 'time', 'geometry', 'geography', 'object'])

function unknownType(stream: TokenStream, written: string): Error {
  const word = written.toLowerCase()
  if (UNSUPPORTED.has(word)) return unsupported(`type ${word}`, stream.position)
  const [near] = nearestNames(word, Object.keys(SIMPLE))
  const hint = near === undefined ? 'Types are named as in Spark: int, string.' : `Did you mean ${near}?`
  return new EngineError('UNSUPPORTED_DATATYPE', `unknown type "${written}"`, {
    position: stream.position,
    hint,
  })
}

function nestedType(stream: TokenStream, name: 'array' | 'map' | 'struct', position: Position): TypeName {
  const base = { kind: 'type', args: [], position } as const
  if (name === 'struct' && stream.takeSymbol('<>')) return { ...base, name, fields: [] }
  stream.expectSymbol('<')
  if (name === 'array') {
    const element = parseTypeName(stream)
    stream.expectSymbol('>')
    return { ...base, name, element }
  }
  if (name === 'map') {
    const key = parseTypeName(stream)
    stream.expectSymbol(',')
    const value = parseTypeName(stream)
    stream.expectSymbol('>')
    return { ...base, name, key, value }
  }
  const fields = stream.atSymbol('>') ? [] : stream.list(() => structField(stream))
  stream.expectSymbol('>')
  return { ...base, name, fields }
}

/** `name: type` or `name type`, then maybe NOT NULL and a comment. */
export function structField(stream: TokenStream): TypeField {
  const name = expectName(stream)
  stream.takeSymbol(':')
  const type = parseTypeName(stream)
  const nullable = !stream.takeWord('NOT', 'NULL')
  if (!stream.takeWord('COMMENT')) return { name, type, nullable }
  if (stream.token.kind !== 'string') throw stream.error('Expected the text of the comment.')
  return { name, type, nullable, comment: stream.next().value }
}

/** Precision and scale, Spark's (10, 0) by default. */
function decimalArgs(stream: TokenStream): number[] {
  const start = stream.index
  const [precision = 10, scale = 0] = numericArgs(stream, 2)
  if (precision >= 1 && precision <= 38 && scale <= precision) return [precision, scale]
  stream.rewind(start)
  const hint = 'The precision is 1 to 38, the scale at most the precision.'
  const code = precision > 38 ? 'DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION' : 'DECIMAL_SCALE_EXCEEDS_PRECISION'
  const { position } = stream
  throw new EngineError(code, `decimal(${precision}, ${scale}) is not a type`, { position, hint })
}

function numericArgs(stream: TokenStream, most: number): number[] {
  if (!stream.atSymbol('(')) return []
  return stream.parenthesized(() => {
    const args = stream.list(() => {
      if (!/^\d+$/.test(stream.token.value)) throw stream.error('Expected a number here.')
      return Number(stream.next().value)
    })
    if (args.length > most) throw syntaxError(stream, `a type takes at most ${most} arguments here`)
    return args
  })
}

/** What follows the word INTERVAL. */
function intervalRange(stream: TokenStream): TypeNameId {
  for (const units of [YEAR_MONTH, DAY_TIME]) {
    const from = stream.takeOneOf(...units)
    if (from === undefined) continue
    const lower = from.toLowerCase()
    // Single units and all ranges of one family are in the union.
    if (!stream.takeWord('TO')) return `interval ${lower}` as TypeNameId
    const later = units.slice((units as readonly string[]).indexOf(from) + 1)
    const to = stream.takeOneOf(...(later as readonly string[]))
    if (to === undefined) throw stream.error(`Expected one of ${later.join(', ') || 'no unit'} here.`)
    return `interval ${lower} to ${to.toLowerCase()}` as TypeNameId // Checked: `to` is a smaller unit.
  }
  throw stream.error('Expected YEAR, MONTH, DAY, HOUR, MINUTE or SECOND after INTERVAL.')
}
