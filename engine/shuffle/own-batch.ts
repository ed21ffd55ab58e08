import {
  copyVector,
  dictionaryVector,
  type FlatVector,
  flatten,
  type RecordBatch,
  take,
  type Vector,
} from '../batch/index.ts'
import type { Region } from '../memory/index.ts'

/** Copies of dictionaries that a region already holds, by the dictionary they were made from. */
export type OwnedDictionaries = Map<FlatVector, FlatVector>

/**
 * Rows of a batch, all of whose memory lies in `region`. Dictionaries are copied once for all batches that
 * share them; one that is larger than the rows it serves is resolved instead. `indices` null: all rows.
 */
export function ownRows(
  batch: RecordBatch,
  indices: Int32Array | null,
  count: number,
  region: Region,
  owned: OwnedDictionaries,
): RecordBatch {
  const columns = batch.columns.map((column) => ownVector(column, indices, count, region, owned))
  return { rowCount: count, columns }
}

function ownVector(
  vector: Vector,
  indices: Int32Array | null,
  count: number,
  region: Region,
  owned: OwnedDictionaries,
): Vector {
  if (vector.encoding === 'dictionary') return ownDictionary(vector, indices, count, region, owned)
  const taken = indices === null ? vector : take(vector, indices, count, region)
  if (taken === vector || taken.encoding === 'constant' || isNested(taken)) return copyVector(taken, region)
  return taken
}

/** Nested vectors may share dictionaries or constants below the top. */
function isNested(vector: Vector): boolean {
  return vector.encoding === 'list' || vector.encoding === 'struct'
}

function ownDictionary(
  vector: Vector & { readonly encoding: 'dictionary' },
  indices: Int32Array | null,
  count: number,
  region: Region,
  owned: OwnedDictionaries,
): Vector {
  let dictionary = owned.get(vector.dictionary)
  if (dictionary === undefined && vector.dictionary.length > count) {
    const rows = indices === null ? vector : take(vector, indices, count, region)
    const flat = flatten(rows, region)
    if (isNested(flat)) return copyVector(flat, region)
    // Flat rows share the bitmap of NULLs with the dictionary vector; that of the batch lies elsewhere.
    return indices === null ? { ...flat, validity: copyBitmap(vector.validity, region) } : flat
  }
  if (dictionary === undefined) {
    dictionary = copyVector(vector.dictionary, region) as FlatVector
    owned.set(vector.dictionary, dictionary)
  }
  const taken = indices === null ? copyCodes(vector, region) : take(vector, indices, count, region)
  return { ...taken, dictionary } as Vector
}

function copyCodes(vector: Vector & { readonly encoding: 'dictionary' }, region: Region): Vector {
  const codes = region.int32(vector.length)
  codes.set(vector.codes.subarray(0, vector.length))
  return dictionaryVector(vector.length, codes, vector.dictionary, copyBitmap(vector.validity, region))
}

function copyBitmap(bits: Uint8Array | null, region: Region): Uint8Array | null {
  if (bits === null) return null
  const copy = region.uint8(bits.length)
  copy.set(bits)
  return copy
}
