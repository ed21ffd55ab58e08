const P1 = 0x9e3779b185ebca87n
const P2 = 0xc2b2ae3d27d4eb4fn
const P3 = 0x165667b19e3779f9n
const P4 = 0x85ebca77c2b2ae63n
const P5 = 0x27d4eb2f165667c5n

/** XXH64 of one 32-bit word with a seed, as Spark has it. Seeds and hashes are unsigned. */
export function xxInt(value: number, seed: bigint): bigint {
  const hash = wrap(seed + P5 + 4n) ^ wrap(BigInt(value >>> 0) * P1)
  return finish(wrap(rotate(hash, 23n) * P2 + P3))
}

/** XXH64 of one 64-bit value with a seed. */
export function xxLong(value: bigint, seed: bigint): bigint {
  const hash = wrap(seed + P5 + 8n) ^ round(0n, BigInt.asUintN(64, value))
  return finish(wrap(rotate(hash, 27n) * P1 + P4))
}

/** XXH64 of bytes with a seed. https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md */
export function xxBytes(bytes: Uint8Array, seed: bigint): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const { length } = bytes
  let at = 0
  let hash = wrap(seed + P5)
  if (length >= 32) {
    const lanes = [wrap(seed + P1 + P2), wrap(seed + P2), seed, wrap(seed - P1)]
    for (; at + 32 <= length; at += 32)
      for (let lane = 0; lane < 4; lane++)
        lanes[lane] = round(lanes[lane]!, view.getBigUint64(at + 8 * lane, true))
    const [a, b, c, d] = lanes as [bigint, bigint, bigint, bigint]
    hash = wrap(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n))
    for (const lane of lanes) hash = wrap((hash ^ round(0n, lane)) * P1 + P4)
  }
  hash = wrap(hash + BigInt(length))
  for (; at + 8 <= length; at += 8)
    hash = wrap(rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * P1 + P4)
  if (at + 4 <= length) {
    hash = wrap(rotate(hash ^ wrap(BigInt(view.getUint32(at, true)) * P1), 23n) * P2 + P3)
    at += 4
  }
  for (; at < length; at++) hash = wrap(rotate(hash ^ wrap(BigInt(bytes[at]!) * P5), 11n) * P1)
  return finish(hash)
}

function round(lane: bigint, input: bigint): bigint {
  return wrap(rotate(wrap(lane + wrap(input * P2)), 31n) * P1)
}

function finish(hash: bigint): bigint {
  let mixed = wrap((hash ^ (hash >> 33n)) * P2)
  mixed = wrap((mixed ^ (mixed >> 29n)) * P3)
  return mixed ^ (mixed >> 32n)
}

function rotate(value: bigint, bits: bigint): bigint {
  return wrap(value << bits) | (value >> (64n - bits))
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value)
}
