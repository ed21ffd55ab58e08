import {
  allocateFixed,
  bytesVector,
  concat,
  type DictionaryVector,
  deepFlatten,
  dictionaryVector,
  type FixedVector,
  type FlatVector,
  fixedVector,
  flatten,
  nullVector,
  type RecordBatch,
  take,
  type Vector,
  widen,
} from '../batch/index.ts'
import {
  gatherPieceBits,
  gatherPieceOffsets,
  gatherPieces,
  gatherPieceText,
  type ValueBytes,
} from '../kernels/index.ts'
import type { MemoryPool, Region } from '../memory/index.ts'
import type { DataType } from '../types/index.ts'

/** Rows by id (`piece << 16 | row`) as a batch in `region`. */
export type RowGather = (ids: Int32Array, region: Region) => RecordBatch

type ColumnGather = (ids: Int32Array, region: Region) => Vector

/**
 * How rows of pieces are gathered into new batches. Tables, and what has to be unpacked first, lie in
 * `region`; pieces must stay where they are. A dictionary that all pieces share is kept, if it has no more
 * bytes than said: who reads few of its rows must load it whole.
 */
export function rowGather(
  pieces: readonly RecordBatch[],
  region: Region,
  pool: MemoryPool,
  dictionaryBytes = Number.POSITIVE_INFINITY,
): RowGather {
  const columns = (pieces[0]?.columns ?? []).map((_, index) =>
    columnGather(
      pieces.map((piece) => piece.columns[index]!),
      region,
      pool,
      dictionaryBytes,
    ),
  )
  return (ids, out) => ({ rowCount: ids.length, columns: columns.map((gather) => gather(ids, out)) })
}

function columnGather(
  vectors: readonly Vector[],
  region: Region,
  pool: MemoryPool,
  dictionaryBytes: number,
): ColumnGather {
  const { type } = vectors[0]!
  const isNested = type.kind === 'list' || type.kind === 'map' || type.kind === 'struct'
  if (isNested) return nestedGather(vectors, region)
  if (sharedDictionary(vectors) && bytesOf(vectors[0]!.dictionary) <= dictionaryBytes)
    return codesGather(vectors, region, pool)
  switch (type.kind) {
    case 'null':
      return (ids, out) => nullVector(ids.length, out)
    case 'string':
    case 'binary':
      return textGather(vectors, region, pool)
    default:
      return fixedGather(
        type,
        vectors.map((vector) => flatten(vector, region)),
        region,
        pool,
      )
  }
}

function sharedDictionary(vectors: readonly Vector[]): vectors is readonly DictionaryVector[] {
  const [first] = vectors
  if (first?.encoding !== 'dictionary') return false
  return vectors.every((vector) => vector.encoding === 'dictionary' && vector.dictionary === first.dictionary)
}

/** Bytes of a flat vector that is not nested. */
function bytesOf(vector: FlatVector): number {
  if (vector.encoding === 'bytes') return vector.length * 4 + vector.bytes.length
  return vector.encoding === 'fixed' ? vector.values.byteLength : 0
}

function addressTable(addresses: readonly number[], region: Region): Int32Array {
  const table = region.int32(addresses.length)
  for (const [index, address] of addresses.entries()) table[index] = address
  return table
}

/** Gathers validity; gives null where no piece has NULLs. */
function validityGather(
  vectors: readonly Vector[],
  region: Region,
  pool: MemoryPool,
): (ids: Int32Array, out: Region) => Uint8Array | null {
  if (vectors.every(({ validity }) => validity === null)) return () => null
  const addresses = vectors.map(({ validity }) => validity?.byteOffset ?? 0)
  const table = addressTable(addresses, region)
  return (ids, out) => {
    const bits = out.uint8((ids.length + 7) >> 3)
    gatherPieceBits(pool, ids, table, bits)
    return bits
  }
}

function codesGather(vectors: readonly DictionaryVector[], region: Region, pool: MemoryPool): ColumnGather {
  const { dictionary } = vectors[0]!
  const table = addressTable(
    vectors.map(({ codes }) => codes.byteOffset),
    region,
  )
  const validity = validityGather(vectors, region, pool)
  return (ids, out) => {
    const codes = out.int32(ids.length)
    gatherPieces(pool, 4, ids, table, codes)
    return dictionaryVector(ids.length, codes, dictionary, validity(ids, out))
  }
}

function fixedGather(
  type: DataType,
  vectors: readonly FlatVector[],
  region: Region,
  pool: MemoryPool,
): ColumnGather {
  const fixed = sameLanes(vectors as readonly FixedVector[], region)
  const { lanes, values } = fixed[0]!
  const table = addressTable(
    fixed.map((vector) => vector.values.byteOffset),
    region,
  )
  const validity = validityGather(vectors, region, pool)
  const valueBytes = (values.BYTES_PER_ELEMENT * lanes) as ValueBytes
  return (ids, out) => {
    const gathered = allocateFixed(type, ids.length, out, lanes)
    if (type.kind === 'boolean') gatherPieceBits(pool, ids, table, gathered as Uint8Array)
    else gatherPieces(pool, valueBytes, ids, table, gathered)
    return fixedVector(type, ids.length, gathered, validity(ids, out), lanes)
  }
}

/** Wide decimals have one lane or two, piece by piece: here all get two if any has. */
function sameLanes(vectors: readonly FixedVector[], region: Region): readonly FixedVector[] {
  if (!vectors.some(({ lanes }) => lanes === 2)) return vectors
  return vectors.map((vector) => {
    if (vector.lanes === 2) return vector
    const wide = region.int64(vector.length * 2)
    widen(vector.values as BigInt64Array, vector.length, wide)
    return { ...vector, values: wide, lanes: 2 }
  })
}

function textGather(vectors: readonly Vector[], region: Region, pool: MemoryPool): ColumnGather {
  const { type } = vectors[0]!
  // A constant is a dictionary of one, so that its text is not written for every row of the piece.
  const longest = vectors.reduce(
    (max, { encoding, length }) => (encoding === 'constant' ? Math.max(max, length) : max),
    0,
  )
  const zeros = region.int32(longest).fill(0)
  const table = addressTable(
    vectors.flatMap((vector) => {
      const [text, codes] =
        vector.encoding === 'dictionary'
          ? [vector.dictionary, vector.codes]
          : vector.encoding === 'constant'
            ? [vector.value, zeros]
            : [flatten(vector, region), null]
      if (text.encoding !== 'bytes') return [0, 0, 0, 0]
      return [text.offsets.byteOffset, text.bytes.byteOffset, codes?.byteOffset ?? 0, 0]
    }),
    region,
  )
  const validity = validityGather(vectors, region, pool)
  return (ids, out) => {
    const offsets = out.int32(ids.length + 1)
    const bytes = out.uint8(gatherPieceOffsets(pool, ids, table, offsets))
    gatherPieceText(pool, ids, table, bytes)
    return bytesVector(type, ids.length, offsets, bytes, validity(ids, out))
  }
}

/** Nested values go the general way, over all pieces as one vector. */
function nestedGather(vectors: readonly Vector[], region: Region): ColumnGather {
  const flat = vectors.map((vector) => deepFlatten(vector, region))
  const starts: number[] = []
  let next = 0
  for (const { length } of vectors) {
    starts.push(next)
    next += length
  }
  const all = concat(flat, region)
  return (ids, out) => {
    const rows = out.int32(ids.length)
    for (let i = 0; i < rows.length; i++) rows[i] = starts[ids[i]! >>> 16]! + (ids[i]! & 0xffff)
    return take(all, rows, rows.length, out)
  }
}
