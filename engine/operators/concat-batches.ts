import {
  concat,
  copyVector,
  type DictionaryVector,
  deepFlatten,
  dictionaryVector,
  type FixedVector,
  type FlatVector,
  flatten,
  type RecordBatch,
  type Vector,
} from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import type { Schema } from '../types/index.ts'
import { emptyBatch } from './collect.ts'

/**
 * The rows of all batches as one, all of whose memory lies in `region`. Dictionaries stay where they are
 * small against the rows, those of different batches one behind the other.
 */
export function concatBatches(batches: readonly RecordBatch[], schema: Schema, region: Region): RecordBatch {
  const filled = batches.filter(({ rowCount }) => rowCount > 0)
  if (filled.length === 0) return emptyBatch(schema, region)
  const rowCount = filled.reduce((sum, batch) => sum + batch.rowCount, 0)
  const columns = schema.fields.map((_, index) =>
    concatColumn(
      filled.map((batch) => batch.columns[index]!),
      rowCount,
      region,
    ),
  )
  return { rowCount, columns }
}

/** The rows of one column of several batches; see concatBatches. */
export function concatColumn(columns: readonly Vector[], rowCount: number, region: Region): Vector {
  if (columns.every((column) => column.encoding === 'dictionary')) {
    const dictionaries = [...new Set(columns.map(({ dictionary }) => dictionary))]
    const entries = dictionaries.reduce((sum, { length }) => sum + length, 0)
    if (entries * 2 <= rowCount) return concatCodes(columns, dictionaries, rowCount, region)
  }
  const scratch = region.pool.createRegion(region.tag)
  try {
    const flat = columns.map((column) =>
      column.encoding === 'list' || column.encoding === 'struct'
        ? deepFlatten(column, scratch)
        : flatten(column, scratch),
    )
    return flat.length === 1 ? copyVector(flat[0]!, region) : concat(flat, region)
  } finally {
    scratch.free()
  }
}

function concatCodes(
  columns: readonly DictionaryVector[],
  dictionaries: readonly FlatVector[],
  rowCount: number,
  region: Region,
): DictionaryVector {
  const shifts = new Map<FlatVector, number>()
  let entries = 0
  for (const dictionary of dictionaries) {
    shifts.set(dictionary, entries)
    entries += dictionary.length
  }
  const codes = region.int32(rowCount)
  let at = 0
  for (const { codes: own, length, dictionary } of columns) {
    const shift = shifts.get(dictionary)!
    if (shift === 0) codes.set(own.subarray(0, length), at)
    else for (let i = 0; i < length; i++) codes[at + i] = own[i]! + shift
    at += length
  }
  const validity = validityOf(columns, region)
  if (validity !== null) zeroUnderNull(codes, validity)
  const joined = dictionaries.length === 1 ? dictionaries[0]! : concat(dictionaries, region)
  const dictionary = dictionaries.length === 1 ? (copyVector(joined, region) as FlatVector) : joined
  return dictionaryVector(rowCount, codes, dictionary, validity)
}

/** The bitmap of NULLs of all rows, which `concat` makes for the bare codes. */
function validityOf(columns: readonly DictionaryVector[], region: Region): Uint8Array | null {
  if (columns.every(({ validity }) => validity === null)) return null
  const bare = columns.map(
    ({ codes, length, nullCount, validity }): FixedVector => ({
      encoding: 'fixed',
      type: { kind: 'int32' },
      values: codes,
      lanes: 1,
      length,
      nullCount,
      validity,
    }),
  )
  return bare.length === 1 ? copyVector(bare[0]!, region).validity : concat(bare, region).validity
}

function zeroUnderNull(codes: Int32Array, validity: Uint8Array): void {
  for (let i = 0; i < codes.length; i++) if (((validity[i >> 3]! >> (i & 7)) & 1) === 0) codes[i] = 0
}
