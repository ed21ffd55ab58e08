import { createHash } from 'node:crypto'
import { fixedVector, isNull, type Vector, valueReader } from '../../batch/index.ts'
import { type DataType, types, type Value } from '../../types/index.ts'
import type { CallContext, ScalarFunction } from '../scalar-function.ts'
import { binary, checkCount, int32, mismatch, signature } from '../signature.ts'
import { bytesOperand } from './compare-vectors.ts'
import { murmurHash, valueHasher, xxHash } from './hash-values.ts'
import { murmurBytes, murmurInt, murmurLong } from './murmur3.ts'
import { halvesOf, operandOf } from './operand.ts'

const plain = { volatility: 'immutable', nulls: 'propagate', mayFail: false } as const
const SEED = 42

/** Checksums and hashes, with the values that Spark gives. */
export const hashFunctions: readonly ScalarFunction[] = [
  digest('md5', [], 'md5'),
  digest('sha1', ['sha'], 'sha1'),
  {
    ...plain,
    name: 'sha2',
    usage: 'sha2(binary, bits) - the SHA-2 digest in hex, of 224, 256 (or 0), 384 or 512 bits',
    resolve: signature('sha2', [binary, int32], types.string),
    bind: () => (bytes: Uint8Array, bits: number) => {
      if (![0, 224, 256, 384, 512].includes(bits)) return null
      return createHash(`sha${bits === 0 ? 256 : bits}`)
        .update(bytes)
        .digest('hex')
    },
  },
  {
    ...plain,
    name: 'crc32',
    usage: 'crc32(binary) - the cyclic redundancy check as a bigint',
    resolve: signature('crc32', [binary], types.int64),
    bind: () => crc32,
  },
  {
    ...plain,
    name: 'hash',
    usage: 'hash(a, b, ...) - a 32-bit hash of the values (Murmur3 with seed 42)',
    nulls: 'custom',
    resolve: (args) => hashable('hash', args, types.int32),
    evaluate: murmurColumns,
  },
  {
    ...plain,
    name: 'xxhash64',
    usage: 'xxhash64(a, b, ...) - a 64-bit hash of the values (xxHash with seed 42)',
    nulls: 'custom',
    resolve: (args) => hashable('xxhash64', args, types.int64),
    bind: ({ argTypes }) => {
      const hashers = argTypes.map((type) => valueHasher(type, xxHash))
      return (...values: readonly Value[]) =>
        BigInt.asIntN(
          64,
          hashers.reduce((state, hasher, index) => hasher(values[index]!, state), BigInt(SEED)),
        )
    },
  },
]

function digest(name: string, aliases: readonly string[], algorithm: string): ScalarFunction {
  return {
    ...plain,
    name,
    aliases,
    usage: `${name}(binary) - the ${name.toUpperCase()} digest in hex`,
    resolve: signature(name, [binary], types.string),
    bind: () => (bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex'),
  }
}

function hashable(name: string, args: readonly DataType[], returns: DataType) {
  checkCount(name, args.length, 1, Number.POSITIVE_INFINITY)
  if (args.some(hasMap)) throw mismatch(name, args, 'values without maps')
  return { args, returns }
}

function hasMap(type: DataType): boolean {
  if (type.kind === 'list') return hasMap(type.element)
  return type.kind === 'map' || (type.kind === 'struct' && type.fields.some((field) => hasMap(field.type)))
}

function murmurColumns(args: readonly Vector[], { rowCount, region }: CallContext): Vector {
  const out = region.int32(rowCount)
  murmurRows(args, rowCount, out)
  return fixedVector(types.int32, rowCount, out)
}

/**
 * Spark's hash of every row, which also tells the bucket of a row in tables of Spark. Column by column, the
 * hash so far as the seed of the next; a NULL leaves it.
 */
export function murmurRows(columns: readonly Vector[], rowCount: number, out: Int32Array): void {
  out.fill(SEED, 0, rowCount)
  for (const column of columns) murmurColumn(column, out, rowCount)
}

function murmurColumn(vector: Vector, out: Int32Array, rowCount: number): void {
  switch (vector.type.kind) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'date': {
      const { values, step } = operandOf<Int32Array>(vector)
      for (let row = 0; row < rowCount; row++)
        if (!isNull(vector, row)) out[row] = murmurInt(values[row * step]!, out[row]!)
      return
    }
    case 'int64':
    case 'timestamp': {
      const { values, step } = operandOf<BigInt64Array>(vector)
      const halves = halvesOf(values)
      for (let row = 0; row < rowCount; row++)
        if (!isNull(vector, row))
          out[row] = murmurLong(halves[2 * row * step]!, halves[2 * row * step + 1]!, out[row]!)
      return
    }
    case 'string':
    case 'binary': {
      const { offsets, bytes, step } = bytesOperand(vector)
      for (let row = 0; row < rowCount; row++)
        if (!isNull(vector, row))
          out[row] = murmurBytes(bytes, offsets[row * step]!, offsets[row * step + 1]!, out[row]!)
      return
    }
    default: {
      const hasher = valueHasher(vector.type, murmurHash)
      const read = valueReader(vector)
      for (let row = 0; row < rowCount; row++) out[row] = hasher(read(row), out[row]!)
    }
  }
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

function crc32(bytes: Uint8Array): bigint {
  let crc = -1
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8)
  return BigInt((crc ^ -1) >>> 0)
}
