/** One LZ4 block, plainly; gives false if it is malformed or of another length. */
export function decompressLz4Twin(input: Uint8Array, out: Uint8Array): boolean {
  return decodeBlock(input, 0, input.length, out, 0, out.length)
}

function decodeBlock(
  input: Uint8Array,
  from: number,
  inputEnd: number,
  out: Uint8Array,
  to: number,
  outEnd: number,
): boolean {
  let i = from
  let o = to
  while (i < inputEnd) {
    const token = input[i++]!
    let length = token >> 4
    if (length === 15) {
      let more = 255
      while (more === 255) {
        if (i >= inputEnd) return false
        more = input[i++]!
        length += more
      }
    }
    if (length > inputEnd - i || length > outEnd - o) return false
    if (length > 32) {
      out.set(input.subarray(i, i + length), o)
      i += length
      o += length
    } else for (const end = o + length; o < end; ) out[o++] = input[i++]!
    if (i === inputEnd) break
    if (i + 2 > inputEnd) return false
    const offset = input[i]! | (input[i + 1]! << 8)
    i += 2
    length = (token & 15) + 4
    if (length === 19) {
      let more = 255
      while (more === 255) {
        if (i >= inputEnd) return false
        more = input[i++]!
        length += more
      }
    }
    if (offset === 0 || offset > o - to || length > outEnd - o) return false
    for (let source = o - offset, end = o + length; o < end; ) out[o++] = out[source++]!
  }
  return o === outEnd
}
