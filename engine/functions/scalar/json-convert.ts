import { EngineError } from '../../errors.ts'
import type { DataType, Value } from '../../types/index.ts'
import type { QuerySettings } from '../scalar-function.ts'
import { datetimePattern, parseWithPattern } from './datetime-pattern.ts'
import { fitsPrecision } from './decimal-arithmetic.ts'
import { type JsonNode, jsonText, parseJson } from './json-tree.ts'
import { parseDate, parseTimestamp, parseTimestampNtz } from './parse-datetime.ts'
import { parseDecimal } from './parse-number.ts'
import { timeZone, UTC } from './time-zone.ts'

/** Options of from_json and to_json, names in lower case. */
export type JsonOptions = ReadonlyMap<string, string>

/** Options out of a map value. */
export function jsonOptions(map: Value | undefined): JsonOptions {
  // The signature asks for a map of texts.
  const entries = (map ?? []) as readonly (readonly [string, string])[]
  return new Map(entries.map(([name, value]) => [name.toLowerCase(), value]))
}

/** Reads one value that is not null; undefined if it does not fit. */
type Read = (node: JsonNode) => Value | undefined

/**
 * The function that reads JSON texts as a type. A member that does not fit is NULL, and a text that is no
 * JSON of this kind gives a struct of NULLs, or NULL for arrays and maps; with the option mode FAILFAST both
 * are MALFORMED_RECORD.
 */
export function jsonReader(
  type: DataType,
  options: JsonOptions,
  settings: QuerySettings,
): (text: string) => Value {
  const failFast = options.get('mode')?.toUpperCase() === 'FAILFAST'
  const corruptName = options.get('columnnameofcorruptrecord') ?? '_corrupt_record'
  const corruptAt = type.kind === 'struct' ? type.fields.findIndex(({ name }) => name === corruptName) : -1
  let isBad = false
  const read = reader(type, options, settings, () => {
    isBad = true
  })
  return (text) => {
    if (text.trim() === '') return null
    isBad = false
    const node = parseJson(text)
    const value = node === undefined ? undefined : readRoot(node, type, read)
    if (value !== undefined && !isBad) return value
    if (failFast)
      throw new EngineError('MALFORMED_RECORD', `the text "${text}" is no JSON of the schema`, {
        hint: 'Without the option mode FAILFAST such texts give NULL.',
      })
    if (type.kind !== 'struct') return value ?? null
    const members = value === undefined ? type.fields.map(() => null) : [...(value as readonly Value[])]
    if (corruptAt >= 0) members[corruptAt] = text
    return members
  }
}

/** A single object also serves as an array of structs. */
function readRoot(node: JsonNode, type: DataType, read: Read): Value | undefined {
  if (node.kind === 'null') return undefined
  if (type.kind === 'list' && type.element.kind === 'struct' && node.kind === 'object')
    return read({ kind: 'array', items: [node] })
  return read(node)
}

function reader(type: DataType, options: JsonOptions, settings: QuerySettings, fail: () => void): Read {
  switch (type.kind) {
    case 'struct': {
      const readers = type.fields.map((field) => reader(field.type, options, settings, fail))
      const places = new Map(type.fields.map((field, index) => [field.name, index]))
      return (node) => {
        if (node.kind !== 'object') return undefined
        const members = new Array<Value>(readers.length).fill(null)
        for (const [name, value] of node.members) {
          const place = places.get(name)
          if (place !== undefined) members[place] = orNull(readers[place]!, value, fail)
        }
        return members
      }
    }
    case 'list': {
      const element = reader(type.element, options, settings, fail)
      return (node) => {
        if (node.kind !== 'array') return undefined
        const items = node.items.map((item) => (item.kind === 'null' ? null : element(item)))
        return items.includes(undefined) ? undefined : (items as readonly Value[]) // As was just checked.
      }
    }
    case 'map': {
      const item = reader(type.value, options, settings, fail)
      return (node) =>
        node.kind === 'object'
          ? node.members.map(([name, value]) => [name, orNull(item, value, fail)])
          : undefined
    }
    case 'string':
      return (node) => (node.kind === 'string' ? node.text : jsonText(node))
    case 'boolean':
      return (node) => (node.kind === 'boolean' ? node.value : undefined)
    case 'decimal':
      return (node) => {
        const value =
          node.kind === 'number' || node.kind === 'string' ? parseDecimal(node.text, type.scale) : undefined
        return value !== undefined && fitsPrecision(value, type.precision) ? value : undefined
      }
    case 'float32':
    case 'float64':
      return (node) => float(node, type.kind === 'float32')
    case 'binary':
      return (node) => (node.kind === 'string' ? Buffer.from(node.text, 'base64') : undefined)
    case 'date':
    case 'timestamp':
    case 'timestamp_ntz':
      return datetimeReader(type.kind, options, settings)
    default:
      return integerReader(type)
  }
}

function orNull(read: Read, node: JsonNode, fail: () => void): Value {
  if (node.kind === 'null') return null
  const value = read(node)
  if (value === undefined) fail()
  return value ?? null
}

const BITS: Readonly<Record<string, number>> = { int8: 8, int16: 16, int32: 32, int64: 64 }

function integerReader(type: DataType): Read {
  const bits = BITS[type.kind]
  if (bits === undefined)
    throw new EngineError('DATATYPE_MISMATCH', `JSON has no values of type "${type.kind}"`)
  return (node) => {
    if (node.kind !== 'number' || /[.eE]/.test(node.text)) return undefined
    const value = BigInt(node.text)
    if (BigInt.asIntN(bits, value) !== value) return undefined
    return bits === 64 ? value : Number(value)
  }
}

const SPECIAL_FLOATS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '+INF': Number.POSITIVE_INFINITY,
  INF: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-INF': Number.NEGATIVE_INFINITY,
}

function float(node: JsonNode, isSingle: boolean): Value | undefined {
  if (node.kind === 'string') return SPECIAL_FLOATS[node.text]
  if (node.kind !== 'number') return undefined
  return isSingle ? Math.fround(Number(node.text)) : Number(node.text)
}

function datetimeReader(
  kind: 'date' | 'timestamp' | 'timestamp_ntz',
  options: JsonOptions,
  settings: QuerySettings,
): Read {
  const zone = timeZone(options.get('timezone') ?? settings.timeZone)
  const written = options.get(
    kind === 'date' ? 'dateformat' : kind === 'timestamp' ? 'timestampformat' : 'timestampntzformat',
  )
  const pattern = written === undefined ? undefined : datetimePattern(written)
  return (node) => {
    if (node.kind === 'number' && kind === 'timestamp' && /^-?\d+$/.test(node.text))
      return BigInt(node.text) * 1_000_000n
    if (node.kind !== 'string') return undefined
    const { text } = node
    if (pattern === undefined)
      return kind === 'date'
        ? parseDate(text)
        : kind === 'timestamp'
          ? parseTimestamp(text, zone)
          : parseTimestampNtz(text)
    const micros = parseWithPattern(pattern, text, kind === 'timestamp' ? zone : UTC)
    if (micros === undefined || kind !== 'date') return micros
    return Number(
      (micros - (((micros % 86_400_000_000n) + 86_400_000_000n) % 86_400_000_000n)) / 86_400_000_000n,
    )
  }
}
