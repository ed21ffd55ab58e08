import { getBit, type RecordBatch, setBit, take, type Vector } from '../batch/index.ts'
import type { Expr } from '../expr/index.ts'
import type { Region } from '../memory/index.ts'
import { columnsOf } from './can-fail.ts'
import type { Interpreter } from './eval-context.ts'

/**
 * The batch and context in which `expr` sees only rows `indices`. Columns that it does not read are left as
 * they are.
 */
export function restrictRows(
  expr: Expr,
  batch: RecordBatch,
  indices: Int32Array,
  count: number,
  context: Interpreter,
): { readonly batch: RecordBatch; readonly context: Interpreter } {
  const used = columnsOf(expr)
  const columns = batch.columns.map((column, index) =>
    used.has(index) ? take(column, indices, count, context.region) : column,
  )
  const restricted = { rowCount: count, columns }
  if (context.variables === undefined) return { batch: restricted, context }
  const variables = new Map<number, Vector>()
  for (const [id, vector] of context.variables)
    variables.set(id, take(vector, indices, count, context.region))
  return { batch: restricted, context: { ...context, variables } }
}

/** Bits of the rows where a boolean vector is TRUE, and of those where it is FALSE. */
export function truthBits(
  vector: Vector,
  region: Region,
): { readonly isTrue: Uint8Array; readonly isFalse: Uint8Array } {
  const { length, validity } = vector
  const isTrue = region.bitmap(length)
  const isFalse = region.bitmap(length)
  if (vector.encoding === 'constant' || vector.encoding === 'fixed') {
    const source = (vector.encoding === 'constant' ? vector.value : vector) as { readonly values?: unknown }
    // A boolean's values are bits; a constant of type null has none.
    const values = source.values as Uint8Array | undefined
    const constant =
      vector.encoding === 'constant' ? (values !== undefined && getBit(values, 0) ? 0xff : 0) : undefined
    for (let i = 0; i < isTrue.length; i++) {
      const valid = validity === null ? 0xff : validity[i]!
      const bits = constant ?? values![i]!
      isTrue[i] = bits & valid
      isFalse[i] = ~bits & valid
    }
  } else if (vector.encoding === 'dictionary') {
    const { codes, dictionary } = vector
    const values = (dictionary as { readonly values?: unknown }).values as Uint8Array
    for (let row = 0; row < length; row++)
      if (validity === null || getBit(validity, row))
        setBit(getBit(values, codes[row]!) ? isTrue : isFalse, row)
  }
  return { isTrue, isFalse }
}
