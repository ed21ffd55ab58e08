import type { DataType, Value } from '../../types/index.ts'
import { murmurBytes, murmurInt, murmurLong } from './murmur3.ts'
import { xxBytes, xxInt, xxLong } from './xx-hash.ts'

/** How a hash function treats what values are made of. */
export interface ValueHash<H> {
  int(value: number, seed: H): H
  long(value: bigint, seed: H): H
  bytes(bytes: Uint8Array, seed: H): H
}

/** Spark's `hash`. */
export const murmurHash: ValueHash<number> = {
  int: murmurInt,
  long: (value, seed) =>
    murmurLong(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)), seed),
  bytes: (bytes, seed) => murmurBytes(bytes, 0, bytes.length, seed),
}

/** Spark's `xxhash64`. */
export const xxHash: ValueHash<bigint> = { int: xxInt, long: xxLong, bytes: xxBytes }

/**
 * The function that hashes values of a type, with the hash of what came before as seed. NULL gives the seed.
 */
export function valueHasher<H>(type: DataType, hash: ValueHash<H>): (value: Value, seed: H) => H {
  const hasher = validHasher(type, hash)
  return (value, seed) => (value === null ? seed : hasher(value, seed))
}

function validHasher<H>(type: DataType, hash: ValueHash<H>): (value: Value, seed: H) => H {
  switch (type.kind) {
    case 'boolean':
      return (value, seed) => hash.int(value === true ? 1 : 0, seed)
    case 'int8':
    case 'int16':
    case 'int32':
    case 'date':
    case 'interval_ym':
      return (value, seed) => hash.int(value as number, seed)
    case 'int64':
    case 'timestamp':
    case 'timestamp_ntz':
    case 'interval_dt':
      return (value, seed) => hash.long(value as bigint, seed)
    case 'float32':
      return (value, seed) => hash.int(float32Bits(value as number), seed)
    case 'float64':
      return (value, seed) => hash.long(float64Bits(value as number), seed)
    case 'decimal':
      if (type.precision <= 18) return (value, seed) => hash.long(value as bigint, seed)
      return (value, seed) => hash.bytes(bigEndian(value as bigint), seed)
    case 'string':
      return (value, seed) => hash.bytes(Buffer.from(value as string), seed)
    case 'binary':
      return (value, seed) => hash.bytes(value as Uint8Array, seed)
    case 'list': {
      const element = valueHasher(type.element, hash)
      return (value, seed) =>
        (value as readonly Value[]).reduce<H>((state, item) => element(item, state), seed)
    }
    case 'struct': {
      const members = type.fields.map((field) => valueHasher(field.type, hash))
      return (value, seed) =>
        members.reduce((state, member, index) => member((value as readonly Value[])[index]!, state), seed)
    }
    default:
      return (_value, seed) => seed
  }
}

const scratch = new DataView(new ArrayBuffer(8))

/** -0.0 hashes as 0.0, and every NaN alike. */
function float32Bits(value: number): number {
  scratch.setFloat32(0, value === 0 ? 0 : value)
  return Number.isNaN(value) ? 0x7fc00000 : scratch.getInt32(0)
}

function float64Bits(value: number): bigint {
  scratch.setFloat64(0, value === 0 ? 0 : value)
  return Number.isNaN(value) ? 0x7ff8000000000000n : scratch.getBigInt64(0)
}

/** The fewest bytes of a number in two's complement, high byte first. */
function bigEndian(value: bigint): Uint8Array {
  let size = 1
  while (BigInt.asIntN(8 * size, value) !== value) size++
  const bytes = new Uint8Array(size)
  for (let i = 0; i < size; i++) bytes[size - 1 - i] = Number((value >> BigInt(8 * i)) & 255n)
  return bytes
}
