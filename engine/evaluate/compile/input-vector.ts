import {
  copyVector,
  type DictionaryVector,
  dictionaryVector,
  type FlatVector,
  flatten,
  getBit,
  type RecordBatch,
  type Vector,
} from '../../batch/index.ts'
import { EngineError } from '../../errors.ts'
import type { Expr } from '../../expr/index.ts'
import type { Region } from '../../memory/index.ts'
import { canFail, columnsOf } from '../can-fail.ts'
import type { Interpreter } from '../eval-context.ts'
import { fixedOf } from './input-shape.ts'

/** The vector of an input: the column, or what the interpreter computes, once an entry of a dictionary. */
export function inputVector(expr: Expr, batch: RecordBatch, context: Interpreter): Vector {
  const vector =
    expr.kind === 'column'
      ? batch.columns[expr.index]!
      : (overEntries(expr, batch, context) ?? context.evaluate(expr, batch, context))
  return isInArena(vector, context.region) ? vector : copyVector(vector, context.region)
}

/** The one column that an expression reads, if it has so few entries that these are computed with. */
function fewEntries(expr: Expr, batch: RecordBatch): DictionaryVector | null {
  const [index, ...others] = columnsOf(expr)
  if (index === undefined || others.length > 0) return null
  const column = batch.columns[index]!
  if (column.encoding !== 'dictionary' || column.validity !== null) return null
  return column.dictionary.length < batch.rowCount && column.dictionary.nullCount === 0 ? column : null
}

/** Whether an input is there without a look at every row. */
export function isAtHand(expr: Expr, batch: RecordBatch): boolean {
  return expr.kind === 'column' || fewEntries(expr, batch) !== null
}

/** A function of one dictionary column, as a dictionary too; null where rows must be looked at. */
function overEntries(expr: Expr, batch: RecordBatch, context: Interpreter): Vector | null {
  const column = fewEntries(expr, batch)
  if (column === null) return null
  const { dictionary, codes } = column
  const columns = batch.columns.map((each) => (each === column ? dictionary : each))
  let results: FlatVector
  try {
    const value = context.evaluate(expr, { rowCount: dictionary.length, columns }, context)
    results = flatten(value, context.region)
  } catch (error) {
    // An entry that no row uses must not fail the query.
    if (canFail(expr) && error instanceof EngineError) return null
    throw error
  }
  return results.nullCount > 0 ? null : dictionaryVector(batch.rowCount, codes, results)
}

function isInArena(vector: Vector, region: Region): boolean {
  const { buffer } = region.pool
  if (vector.validity !== null && vector.validity.buffer !== buffer) return false
  if (vector.encoding === 'dictionary' && vector.codes.buffer !== buffer) return false
  const fixed = fixedOf(vector)
  return fixed === null || fixed.values.buffer === buffer
}

/** Addresses of values, validity and codes; those that are not there are 0. */
export function addressesOf(vector: Vector, region: Region): readonly [number, number, number] {
  const validity = vector.validity?.byteOffset ?? 0
  const fixed = fixedOf(vector)
  if (fixed === null) return [0, validity, 0]
  if (vector.encoding !== 'dictionary') return [fixed.values.byteOffset, validity, 0]
  const isBits = fixed.type.kind === 'boolean'
  const values = isBits ? bitsAsBytes(fixed.values as Uint8Array, fixed.length, region) : fixed.values
  return [values.byteOffset, validity, vector.codes.byteOffset]
}

function bitsAsBytes(bits: Uint8Array, length: number, region: Region): Uint8Array {
  const bytes = region.uint8(length)
  for (let i = 0; i < length; i++) bytes[i] = getBit(bits, i) ? 1 : 0
  return bytes
}
