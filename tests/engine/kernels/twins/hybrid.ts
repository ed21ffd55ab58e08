/**
 * The first `count` numbers of Parquet's hybrid of runs and bit-packed groups, bit by bit; null if there are
 * fewer or they are malformed.
 */
export function hybridTwin(bytes: Uint8Array, width: number, count: number): number[] | null {
  const out: number[] = []
  let at = 0
  while (out.length < count) {
    let header = 0
    for (let shift = 0; ; shift += 7) {
      if (at >= bytes.length || shift > 28) return null
      const byte = bytes[at++]!
      header += (byte & 127) * 2 ** shift
      if (byte < 128) break
    }
    const size = Math.floor(header / 2)
    if (size === 0) return null
    if (header % 2 === 1) {
      if (width > 0 && (size - 1) * width >= bytes.length - at) return null
      const wanted = Math.min(size * 8, count - out.length)
      for (let i = 0; i < wanted; i++) out.push(bitsAt(bytes, at * 8 + i * width, width))
      at += size * width
    } else {
      const byteCount = Math.ceil(width / 8)
      if (at + byteCount > bytes.length) return null
      let value = 0
      for (let i = 0; i < byteCount; i++) value += bytes[at++]! * 256 ** i
      if (value >= 2 ** width) return null
      for (let i = Math.min(size, count - out.length); i > 0; i--) out.push(value | 0)
    }
  }
  return out
}

/** The number of `width` bits from bit `from` on, lowest first; bits behind the end are zero. */
function bitsAt(bytes: Uint8Array, from: number, width: number): number {
  let value = 0
  for (let i = 0; i < width; i++) value |= (((bytes[(from + i) >> 3] ?? 0) >> ((from + i) & 7)) & 1) << i
  return value
}
