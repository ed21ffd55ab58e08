import type { FlatVector, RecordBatch, Vector } from './vector.ts'

/** Bytes that the rows of batches take, about; a dictionary that several share counts once. */
export function bytesOfBatches(batches: readonly RecordBatch[]): number {
  const dictionaries = new Set<FlatVector>()
  let bytes = 0
  for (const { columns } of batches) for (const column of columns) bytes += bytesOf(column, dictionaries)
  return bytes
}

function bytesOf(vector: Vector, dictionaries: Set<FlatVector>): number {
  const { length } = vector
  const validity = vector.validity === null ? 0 : (length + 7) >> 3
  switch (vector.encoding) {
    case 'fixed':
      return validity + vector.values.byteLength
    case 'bytes':
      return validity + 4 * length + vector.offsets[length]! - vector.offsets[0]!
    case 'dictionary': {
      const isNew = !dictionaries.has(vector.dictionary)
      dictionaries.add(vector.dictionary)
      return validity + 4 * length + (isNew ? bytesOf(vector.dictionary, dictionaries) : 0)
    }
    case 'list':
      return validity + 4 * length + bytesOf(vector.child, dictionaries)
    case 'struct':
      return vector.children.reduce((sum, child) => sum + bytesOf(child, dictionaries), validity)
    default:
      return validity
  }
}
