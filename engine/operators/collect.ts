import {
  concat,
  copyVector,
  type DictionaryVector,
  deepFlatten,
  dictionaryVector,
  type FixedVector,
  type FlatVector,
  type RecordBatch,
  type Vector,
  vectorBuilder,
} from '../batch/index.ts'
import type { Region } from '../memory/index.ts'
import type { Schema } from '../types/index.ts'

/** Keeps copies of batches. Batches that share a dictionary share its copy, and joined they keep it. */
export class BatchCollector {
  readonly #region: Region
  readonly #batches: RecordBatch[] = []
  readonly #dictionaries = new Map<FlatVector, FlatVector>()
  rowCount = 0

  readonly #dictionaryRegion: Region

  /** Copies go to `region`, those of dictionaries to another one that lives as long as the joined batch. */
  constructor(region: Region, dictionaryRegion: Region = region) {
    this.#region = region
    this.#dictionaryRegion = dictionaryRegion
  }

  /** Copies a batch in. */
  add(batch: RecordBatch): void {
    if (batch.rowCount === 0) return
    this.rowCount += batch.rowCount
    this.#batches.push(this.#copyBatch(batch, this.#region))
  }

  /** All rows as one batch in `region`; null if there are none. */
  join(region: Region): RecordBatch | null {
    const first = this.#batches[0]
    if (first === undefined) return null
    if (this.#batches.length === 1) return region === this.#region ? first : this.#copyBatch(first, region)
    const columns = first.columns.map((_, index) =>
      joinColumns(
        this.#batches.map((batch) => batch.columns[index]!),
        region,
      ),
    )
    return { rowCount: this.rowCount, columns }
  }

  #copyBatch(batch: RecordBatch, region: Region): RecordBatch {
    return { rowCount: batch.rowCount, columns: batch.columns.map((column) => this.#copy(column, region)) }
  }

  #copy(column: Vector, region: Region): Vector {
    if (column.encoding !== 'dictionary') {
      const isNested = column.encoding === 'list' || column.encoding === 'struct'
      return copyVector(isNested ? deepFlatten(column, region) : column, region)
    }
    const bare = copyVector(codesVector(column), region) as FixedVector
    return {
      ...column,
      codes: bare.values as Int32Array,
      validity: bare.validity,
      dictionary: this.#copyDictionary(column.dictionary),
    }
  }

  #copyDictionary(dictionary: FlatVector): FlatVector {
    let copy = this.#dictionaries.get(dictionary)
    if (copy === undefined) {
      copy = copyVector(deepFlatten(dictionary, this.#dictionaryRegion), this.#dictionaryRegion) as FlatVector
      this.#dictionaries.set(dictionary, copy)
      this.#dictionaries.set(copy, copy)
    }
    return copy
  }
}

function joinColumns(columns: readonly Vector[], region: Region): Vector {
  const first = columns[0]!
  if (first.encoding !== 'dictionary') return concat(columns, region)
  const { dictionary } = first
  if (!columns.every((column) => column.encoding === 'dictionary' && column.dictionary === dictionary))
    return concat(columns, region)
  const bare = columns.map((column) => codesVector(column as DictionaryVector))
  const joined = concat(bare, region)
  const codes = (joined as FixedVector).values as Int32Array
  return dictionaryVector(joined.length, codes, dictionary, joined.validity)
}

/** The codes of a dictionary vector as a column of their own. */
function codesVector(vector: DictionaryVector): FlatVector {
  const { length, nullCount, validity, codes } = vector
  return { encoding: 'fixed', type: { kind: 'int32' }, length, nullCount, validity, values: codes, lanes: 1 }
}

/** A batch without rows. */
export function emptyBatch(schema: Schema, region: Region): RecordBatch {
  return { rowCount: 0, columns: schema.fields.map((field) => vectorBuilder(field.type, region, 1).finish()) }
}
