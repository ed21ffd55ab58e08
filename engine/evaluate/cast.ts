import {
  bytesVector,
  constantVector,
  flatten,
  getBit,
  listVector,
  structVector,
  type Vector,
  valueReader,
  vectorBuilder,
} from '../batch/index.ts'
import { assert, EngineError } from '../errors.ts'
import { formatValue, type QuerySettings } from '../functions/index.ts'
import type { Region } from '../memory/index.ts'
import {
  type DataType,
  isFloat,
  isInteger,
  isNumeric,
  mapEntryType,
  typeName,
  typesEqual,
  type Value,
} from '../types/index.ts'
import { castNumbers } from './cast-loops.ts'
import { converter } from './cast-values.ts'

const NO_SETTINGS: QuerySettings = { timeZone: 'UTC', nowMicros: 0n, randomSeed: 0 }

/** Whether a cast exists between two types at all; the analyzer says DATATYPE_MISMATCH where it does not. */
export function canCast(from: DataType, to: DataType): boolean {
  return typesEqual(from, to) || converter(from, to, NO_SETTINGS) !== undefined
}

/** Whether an ANSI cast between two types may fail on some value. */
export function castMayFail(from: DataType, to: DataType): boolean {
  if (from.kind === 'null' || to.kind === 'string' || to.kind === 'binary' || typesEqual(from, to))
    return false
  if (isFloat(to)) return !isNumeric(from) && from.kind !== 'boolean'
  if (isInteger(from) && isInteger(to)) return rank(from) > rank(to)
  if (from.kind === 'decimal' && to.kind === 'decimal')
    return to.precision - to.scale < from.precision - from.scale + (to.scale < from.scale ? 1 : 0)
  if (to.kind === 'boolean') return !isNumeric(from)
  if (from.kind === 'boolean') return to.kind === 'decimal'
  if (to.kind === 'date') return from.kind === 'string'
  return (
    !(from.kind === 'date' || from.kind === 'timestamp' || from.kind === 'timestamp_ntz') ||
    !to.kind.startsWith('timestamp')
  )
}

function rank(type: DataType): number {
  return ['int8', 'int16', 'int32', 'int64'].indexOf(type.kind)
}

/**
 * All rows converted by Spark's ANSI rules. A value that does not fit is an error, or NULL if `safe`
 * (try_cast).
 * The input is flat, constant or dictionary; the result is flat or shares the input.
 */
export function castVector(
  input: Vector,
  to: DataType,
  safe: boolean,
  region: Region,
  settings: QuerySettings,
): Vector {
  const from = input.type
  if (typesEqual(from, to)) return input
  const rowCount = input.length
  if (from.kind === 'null' || (rowCount > 0 && input.nullCount === rowCount))
    return constantVector(to, null, rowCount, region)
  return (
    castNumbers(input, to, region) ??
    castRelabelled(input, to, safe, region, settings) ??
    castRows(input, to, safe, region, settings)
  )
}

/** Nested types member by member, and bytes that only change their name. */
function castRelabelled(
  input: Vector,
  to: DataType,
  safe: boolean,
  region: Region,
  settings: QuerySettings,
): Vector | undefined {
  const vector = flatten(input, region)
  const { length, validity, type: from } = vector
  if (from.kind === 'string' && to.kind === 'binary' && vector.encoding === 'bytes')
    return bytesVector(to, length, vector.offsets, vector.bytes, validity)
  if (safe) return undefined
  if (vector.encoding === 'list' && from.kind === to.kind && (to.kind === 'list' || to.kind === 'map')) {
    const element = to.kind === 'map' ? mapEntryType(to) : to.element
    return listVector(
      to,
      length,
      vector.offsets,
      castVector(vector.child, element, false, region, settings),
      validity,
    )
  }
  if (
    vector.encoding === 'struct' &&
    to.kind === 'struct' &&
    vector.children.length === to.fields.length &&
    validity === null
  ) {
    const children = vector.children.map((child, index) =>
      castVector(child, to.fields[index]!.type, false, region, settings),
    )
    return structVector(to, length, children, validity)
  }
  return undefined
}

function castRows(
  input: Vector,
  to: DataType,
  safe: boolean,
  region: Region,
  settings: QuerySettings,
): Vector {
  const convert = converter(input.type, to, settings)
  assert(convert !== undefined, `no cast from ${typeName(input.type)} to ${typeName(to)}`)
  const read = valueReader(input)
  const { length: rowCount, validity } = input
  const builder = vectorBuilder(to, region, rowCount)
  for (let row = 0; row < rowCount; row++) {
    if (validity !== null && !getBit(validity, row)) {
      builder.append(null)
      continue
    }
    const value = read(row)
    const converted = value === null ? null : convert(value)
    if (converted === undefined && !safe) throw castError(value, input.type, to, settings)
    builder.append(converted ?? null)
  }
  return builder.finish()
}

/** The error of a value that does not fit. */
export function castError(value: Value, from: DataType, to: DataType, settings: QuerySettings): EngineError {
  const hint = 'Use "try_cast" to get NULL instead.'
  const text = formatValue(value, from, settings)
  const target = typeName(to).toUpperCase()
  if (to.kind === 'decimal' && (isNumeric(from) || /^\s*[+-]?[\d.]+([eE][+-]?\d+)?\s*$/.test(text)))
    return new EngineError(
      'NUMERIC_VALUE_OUT_OF_RANGE',
      `the value ${text} cannot be represented as "${target}"`,
      { hint },
    )
  const source = typeName(from).toUpperCase()
  if (from.kind === 'string')
    return new EngineError(
      'CAST_INVALID_INPUT',
      `the value '${text}' of the type "${source}" cannot be cast to "${target}" because it is malformed`,
      { hint },
    )
  return new EngineError(
    'CAST_OVERFLOW',
    `the value ${text} of the type "${source}" cannot be cast to "${target}" because it overflows`,
    { hint },
  )
}
