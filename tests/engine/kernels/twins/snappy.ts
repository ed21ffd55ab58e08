/** Snappy's raw format, plainly; the kernel of engine/kernels/assembly/snappy.ts is judged by it. */

/** Fills `out` exactly; gives false if the input is malformed or of another length. */
export function decompressSnappyTwin(input: Uint8Array, out: Uint8Array): boolean {
  const header = readLength(input)
  if (header === null || header.length !== out.length) return false
  return decodeSnappy(input, header.next, out)
}

function readLength(input: Uint8Array): { length: number; next: number } | null {
  let length = 0
  for (let i = 0; i < Math.min(5, input.length); i++) {
    length += (input[i]! & 0x7f) * 2 ** (7 * i)
    if (input[i]! < 0x80) return { length, next: i + 1 }
  }
  return null
}

function decodeSnappy(input: Uint8Array, start: number, out: Uint8Array): boolean {
  const inputEnd = input.length
  const outEnd = out.length
  let i = start
  let o = 0
  while (i < inputEnd) {
    const tag = input[i++]!
    let length = tag >> 2
    let offset = 0
    switch (tag & 3) {
      case 0: {
        if (length >= 60) {
          const extra = length - 59
          if (i + extra > inputEnd) return false
          length = input[i]!
          if (extra > 1) length |= input[i + 1]! << 8
          if (extra > 2) length |= input[i + 2]! << 16
          if (extra > 3) length += input[i + 3]! * 0x1000000
          i += extra
        }
        length++
        if (length > inputEnd - i || length > outEnd - o) return false
        if (length < 40) for (const end = o + length; o < end; ) out[o++] = input[i++]!
        else {
          out.set(input.subarray(i, i + length), o)
          o += length
          i += length
        }
        continue
      }
      case 1:
        if (i >= inputEnd) return false
        length = (length & 7) + 4
        offset = ((tag & 0xe0) << 3) | input[i++]!
        break
      case 2:
        if (i + 2 > inputEnd) return false
        length++
        offset = input[i]! | (input[i + 1]! << 8)
        i += 2
        break
      default:
        if (i + 4 > inputEnd) return false
        length++
        offset = (input[i]! | (input[i + 1]! << 8) | (input[i + 2]! << 16) | (input[i + 3]! << 24)) >>> 0
        i += 4
    }
    if (offset === 0 || offset > o || length > outEnd - o) return false
    for (let from = o - offset, end = o + length; o < end; ) out[o++] = out[from++]!
  }
  return o === outEnd
}
