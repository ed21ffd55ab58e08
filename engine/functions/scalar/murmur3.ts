/** One 32-bit word, as Spark's Murmur3 (x86, 32 bit) hashes it with a seed. */
export function murmurInt(value: number, seed: number): number {
  return finish(mixHash(seed, mixWord(value)), 4)
}

/** The two halves of a 64-bit value. */
export function murmurLong(low: number, high: number, seed: number): number {
  return finish(mixHash(mixHash(seed, mixWord(low)), mixWord(high)), 8)
}

/**
 * Bytes [start, end). Unlike the original, every byte after the last whole word is a word of its own, with
 * its sign.
 */
export function murmurBytes(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed
  let at = start
  for (; at + 4 <= end; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    hash = mixHash(hash, mixWord(word))
  }
  for (; at < end; at++) hash = mixHash(hash, mixWord((bytes[at]! << 24) >> 24))
  return finish(hash, end - start)
}

function mixWord(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}

function mixHash(hash: number, word: number): number {
  const mixed = hash ^ word
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0
}

function finish(hash: number, length: number): number {
  let mixed = hash ^ length
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
