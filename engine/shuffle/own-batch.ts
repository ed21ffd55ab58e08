import { copyVector, dictionaryVector, flatten, type FlatVector, type RecordBatch, take, type Vector } from '../batch/index.ts'
import type { Region } from '../memory/index.ts'

/** Copies of dictionaries that a region already holds, by the dictionary they were made from. */
export type OwnedDictionaries = Map<FlatVector, FlatVector>

/**
 * Rows of a batch, all of whose memory lies in `region`. Dictionaries are copied once for all batches that share
 * them; one that is larger than the rows it serves is resolved instead. `indices` null: all rows.
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
    const flat = indices === null ? flatten(vector, region) : flatten(take(vector, indices, count, region), region)
    return isNested(flat) ? copyVector(flat, region) : flat
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
  let validity: Uint8Array | null = null
  if (vector.validity !== null) {
    validity = region.uint8(vector.validity.length)
    validity.set(vector.validity)
  }
  return dictionaryVector(vector.length, codes, vector.dictionary, validity)
}
