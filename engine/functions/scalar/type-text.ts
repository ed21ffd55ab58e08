import { EngineError } from '../../errors.ts'
import {
  type DataType,
  decimalType,
  type Field,
  listType,
  mapType,
  structType,
  types,
} from '../../types/index.ts'

const NAMES: Readonly<Record<string, DataType>> = {
  boolean: types.boolean,
  tinyint: types.int8,
  byte: types.int8,
  smallint: types.int16,
  short: types.int16,
  int: types.int32,
  integer: types.int32,
  bigint: types.int64,
  long: types.int64,
  float: types.float32,
  real: types.float32,
  double: types.float64,
  string: types.string,
  binary: types.binary,
  date: types.date,
  timestamp: types.timestamp,
  timestamp_ltz: types.timestamp,
  timestamp_ntz: types.timestampNtz,
  decimal: { kind: 'decimal', precision: 10, scale: 0 },
  dec: { kind: 'decimal', precision: 10, scale: 0 },
  numeric: { kind: 'decimal', precision: 10, scale: 0 },
  void: types.null,
}

/**
 * The type that a text such as `a INT, b ARRAY<STRING>` or `MAP<STRING, INT>` names. PARSE_SYNTAX_ERROR if it
 * names none.
 */
export function parseTypeText(text: string): DataType {
  const tokens = text.match(/`(?:[^`]|``)*`|'(?:[^'\\]|\\.)*'|[\p{L}_][\p{L}\p{N}_]*|\d+|[^\s]/gu) ?? []
  const reader: Reader = { text, tokens, at: 0 }
  const next = tokens[1]
  // A list of fields has a type after its first name; a type alone ends or opens a bracket.
  const isFields = next !== undefined && next !== '<' && next !== '('
  const type = isFields ? structType(readFields(reader, undefined)) : readType(reader)
  if (reader.at !== tokens.length) throw invalid(reader)
  return type
}

interface Reader {
  readonly text: string
  readonly tokens: readonly string[]
  at: number
}

function invalid({ text, tokens, at }: Reader): EngineError {
  const place = tokens[at] === undefined ? 'its end' : `"${tokens[at]}"`
  return new EngineError('PARSE_SYNTAX_ERROR', `the schema "${text}" cannot be read at ${place}`, {
    hint: "A schema looks like 'id INT, tags ARRAY<STRING>'.",
  })
}

function take(reader: Reader, token: string): boolean {
  if (reader.tokens[reader.at]?.toLowerCase() !== token) return false
  reader.at++
  return true
}

function expect(reader: Reader, token: string): void {
  if (!take(reader, token)) throw invalid(reader)
}

function readFields(reader: Reader, end: string | undefined): Field[] {
  const fields: Field[] = []
  if (end !== undefined && take(reader, end)) return fields
  do {
    const token = reader.tokens[reader.at++]
    if (token === undefined || !/^[`\p{L}_\d]/u.test(token)) throw invalid({ ...reader, at: reader.at - 1 })
    take(reader, ':')
    const name = token.startsWith('`') ? token.slice(1, -1).replaceAll('``', '`') : token
    const type = readType(reader)
    if (take(reader, 'not')) expect(reader, 'null')
    if (take(reader, 'comment')) reader.at++
    // What comes from outside may lack anything.
    fields.push({ name, type, nullable: true })
  } while (take(reader, ','))
  if (end !== undefined) expect(reader, end)
  return fields
}

function readType(reader: Reader): DataType {
  const name = reader.tokens[reader.at]?.toLowerCase()
  if (name === undefined) throw invalid(reader)
  reader.at++
  if (name === 'array' || name === 'map') {
    expect(reader, '<')
    const first = readType(reader)
    if (name === 'array') {
      expect(reader, '>')
      return listType(first)
    }
    expect(reader, ',')
    const value = readType(reader)
    expect(reader, '>')
    return mapType(first, value)
  }
  if (name === 'struct') {
    expect(reader, '<')
    return structType(readFields(reader, '>'))
  }
  if ((name === 'decimal' || name === 'dec' || name === 'numeric') && take(reader, '(')) {
    const precision = Number(reader.tokens[reader.at++])
    const scale = take(reader, ',') ? Number(reader.tokens[reader.at++]) : 0
    expect(reader, ')')
    return decimalType(precision, scale)
  }
  if ((name === 'varchar' || name === 'char') && take(reader, '(')) {
    reader.at++
    expect(reader, ')')
    return types.string
  }
  const type = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined
  if (type === undefined) throw invalid({ ...reader, at: reader.at - 1 })
  return type
}
