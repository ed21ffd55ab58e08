/** The first `count` of DELTA_BINARY_PACKED numbers, one bit after the other; null if they are malformed. */
export function deltaTwin(bytes: Uint8Array, bits: 32 | 64, count: number): bigint[] | null {
  let at = 0
  const number = (mostBytes: number): bigint | null => {
    let value = 0n
    for (let i = 0; i < mostBytes; i++) {
      const byte = bytes[at++]
      if (byte === undefined) return null
      value |= BigInt(byte & 127) << BigInt(7 * i)
      if (byte < 128) return value
    }
    return null
  }
  const signed = (): bigint | null => {
    const value = number(10)
    return value === null ? null : BigInt.asUintN(64, value >> 1n) ^ -(value & 1n)
  }
  const header = [number(5), number(5), number(5)]
  if (header.some((value) => value === null || value > 0x7fffffffn)) return null
  const [block, miniblocks, total] = header.map(Number) as [number, number, number]
  if (block === 0 || block > 1 << 20 || miniblocks === 0 || (block / miniblocks) % 8 !== 0) return null
  let value = signed()
  if (value === null || count > total) return null
  const out = count === 0 ? [] : [BigInt.asIntN(bits, value)]
  while (out.length < count) {
    if (at >= bytes.length) return null
    const least = signed()
    const widthsAt = at
    at += miniblocks
    if (least === null || at > bytes.length) return null
    for (let part = 0; part < miniblocks && out.length < count; part++) {
      const width = bytes[widthsAt + part]!
      if (width > bits) return null
      const size = block / miniblocks
      for (let i = 0; i < size && out.length < count; i++) {
        value += least + bitsAt(bytes, at * 8 + i * width, width)
        out.push(BigInt.asIntN(bits, value))
      }
      at = Math.min(bytes.length, at + (size / 8) * width)
    }
  }
  return out
}

/** The number of `width` bits from bit `from` on, lowest first; bits behind the end are zero. */
function bitsAt(bytes: Uint8Array, from: number, width: number): bigint {
  let value = 0n
  for (let i = 0; i < width; i++)
    value |= BigInt(((bytes[(from + i) >> 3] ?? 0) >> ((from + i) & 7)) & 1) << BigInt(i)
  return value
}
