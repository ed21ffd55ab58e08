const MASK = 2n ** 64n - 1n
const PRIME = 0xd6e8feb86659fd93n
const GOLDEN = 0x9e3779b97f4a7c15n
const NULL_HASH = 0x2545f4914f6cdd1dn

function mix(value: bigint): bigint {
  let hash = ((value ^ (value >> 32n)) * PRIME) & MASK
  hash = ((hash ^ (hash >> 32n)) * PRIME) & MASK
  return hash ^ (hash >> 32n)
}

function rotate(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & MASK
}

/** The hash of one value: an integer of up to 128 bits, or bytes; null is NULL. */
export function hashTwin(value: bigint | Uint8Array | null): bigint {
  if (value === null) return NULL_HASH
  if (value instanceof Uint8Array) return hashBytes(value)
  const low = value & MASK
  const fits = BigInt.asIntN(64, value) === value
  return fits ? mix(low) : mix((mix(low) + ((value >> 64n) & MASK)) & MASK)
}

/** What a further column makes of a row's hash. */
export function combineTwin(hash: bigint, next: bigint): bigint {
  return mix((rotate(hash, 29n) * GOLDEN + next) & MASK)
}

function hashBytes(bytes: Uint8Array): bigint {
  let hash = (BigInt(bytes.length) * GOLDEN) & MASK
  for (let at = 0; at < bytes.length; at += 8) {
    let word = 0n
    const end = Math.min(8, bytes.length - at)
    for (let i = 0; i < end; i++) word |= BigInt(bytes[at + i]!) << BigInt(8 * i)
    hash = ((rotate(hash, 27n) ^ word) * PRIME) & MASK
    if (end === 8) hash ^= hash >> 32n
  }
  return mix(hash)
}
