import type { Value } from '../types/index.ts'
import { getBit } from './bitmap.ts'
import { asBuffer } from './text.ts'
import type { BytesVector, FixedVector, ListVector, StructVector, Vector } from './vector.ts'

/** Reads a row of a vector as a value. */
export type ValueReader = (row: number) => Value

/** Whether row `row` is NULL. */
export function isNull(vector: Vector, row: number): boolean {
  return vector.validity !== null && !getBit(vector.validity, row)
}

/** One value; for many rows of one vector make a `valueReader` once. */
export function readValue(vector: Vector, row: number): Value {
  return valueReader(vector)(row)
}

/** A function that reads any row of a vector, NULL as null. The slow, general way. */
export function valueReader(vector: Vector): ValueReader {
  const read = validReader(vector)
  const { validity } = vector
  if (validity === null) return read
  return (row) => (getBit(validity, row) ? read(row) : null)
}

function validReader(vector: Vector): ValueReader {
  switch (vector.encoding) {
    case 'fixed':
      return fixedReader(vector)
    case 'bytes':
      return bytesReader(vector)
    case 'dictionary': {
      const { codes } = vector
      const read = valueReader(vector.dictionary)
      return (row) => read(codes[row]!)
    }
    case 'constant': {
      const value = readValue(vector.value, 0)
      return () => value
    }
    case 'list':
      return listReader(vector)
    case 'struct':
      return structReader(vector)
    case 'null':
      return () => null
  }
}

function fixedReader(vector: FixedVector): ValueReader {
  const values = vector.values
  if (vector.type.kind === 'boolean') return (row) => getBit(values as Uint8Array, row)
  if (vector.lanes === 1) return (row) => values[row]!
  const lanes = values as BigInt64Array
  return (row) => decimal128(lanes, row)
}

/** The 128-bit value of a row with two lanes. */
export function decimal128(lanes: BigInt64Array, row: number): bigint {
  return (lanes[2 * row + 1]! << 64n) | BigInt.asUintN(64, lanes[2 * row]!)
}

function bytesReader(vector: BytesVector): ValueReader {
  const { offsets, bytes } = vector
  const buffer = asBuffer(bytes)
  if (vector.type.kind === 'string') return (row) => buffer.utf8Slice(offsets[row]!, offsets[row + 1]!)
  return (row) => bytes.slice(offsets[row]!, offsets[row + 1]!)
}

function listReader(vector: ListVector): ValueReader {
  const { offsets } = vector
  const read = valueReader(vector.child)
  return (row) => {
    const elements: Value[] = []
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) elements.push(read(i))
    return elements
  }
}

function structReader(vector: StructVector): ValueReader {
  const readers = vector.children.map(valueReader)
  return (row) => readers.map((read) => read(row))
}
