import { runInThisContext } from 'node:vm'
import { getBit, halvesOf, type RecordBatch, type Vector, valueReader } from '../batch/index.ts'
import type { Field, Schema } from '../types/index.ts'
import { type RowOptions, safeNumber, toPublic } from './rows.ts'

/** Reads any row of a column as a program sees it. */
type PublicReader = (row: number) => unknown

/** Reads any row of a batch as an object by column name. */
type ObjectReader = (row: number) => Record<string, unknown>

/**
 * Reads any row of a batch as an object by column name. The object is a copy; the batch may go afterwards.
 */
export function rowReader(schema: Schema, batch: RecordBatch, options: RowOptions): ObjectReader {
  const readers = schema.fields.map((field, index) => publicReader(batch.columns[index]!, field, options))
  return objectMaker(schema)(readers)
}

function publicReader(vector: Vector, field: Field, options: RowOptions): PublicReader {
  if (field.type.kind === 'int64' && options.int64 !== 'bigint') return longReader(vector, field)
  const read = valueReader(vector)
  const convert = toPublic(field.type, field.name, options)
  return (row) => convert(read(row))
}

/** Numbers from their halves: a bigint a row takes longer than all else. */
function longReader(vector: Vector, field: Field): PublicReader {
  const { validity } = vector
  if (vector.encoding === 'fixed') {
    const values = vector.values as BigInt64Array
    const halves = halvesOf(values)
    return (row) => {
      if (validity !== null && !getBit(validity, row)) return null
      const number = halves[2 * row + 1]! * 2 ** 32 + (halves[2 * row]! >>> 0)
      return Number.isSafeInteger(number) ? number : safeNumber(values[row]!, field.name)
    }
  }
  if (vector.encoding === 'dictionary') {
    const { codes } = vector
    const entry = longReader(vector.dictionary, field)
    return (row) => (validity !== null && !getBit(validity, row) ? null : entry(codes[row]!))
  }
  const read = valueReader(vector)
  const convert = toPublic(field.type, field.name, {})
  return (row) => convert(read(row))
}

/** Makers that a thread keeps, by the columns. */
const KEPT_MAKERS = 200
const kept = new Map<string, (readers: readonly PublicReader[]) => ObjectReader>()

/**
 * Makes objects of one shape by a function that is written for it: objects that get one member after the
 * other by a name that varies take V8 several times as long.
 */
function objectMaker(schema: Schema): (readers: readonly PublicReader[]) => ObjectReader {
  const key = JSON.stringify(schema.fields.map(({ name, type }) => [name, type.kind]))
  const known = kept.get(key)
  if (known !== undefined) return known
  const names = schema.fields.map((_, index) => `r${index}`)
  const members = schema.fields.map(({ name }, index) => {
    // A plain `__proto__` would not make a member.
    const member = name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)
    return `${member}: r${index}(row)`
  })
  const script = `([${names.join(', ')}]) => (row) => ({ ${members.join(', ')} })`
  // What the script evaluates to.
  const maker = runInThisContext(script, { filename: 'millrace-rows' }) as (
    readers: readonly PublicReader[],
  ) => ObjectReader
  if (kept.size >= KEPT_MAKERS) kept.clear()
  kept.set(key, maker)
  return maker
}
