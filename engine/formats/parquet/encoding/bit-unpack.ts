/**
 * Unpacks `groups` × 8 numbers of one bit width, which begin at byte `from`, into `out` from `to` on.
 * A group of 8 is as many bytes as a number has bits. The caller checks the bounds.
 */
export type Unpack = (bytes: Uint8Array, from: number, out: Int32Array, to: number, groups: number) => void

const cache: (Unpack | undefined)[] = []

/**
 * The loop for a width of 0 to 32 bits. One loop a width, made when first needed, is 4 to 7 times faster than
 * one for all.
 */
export function unpackOf(width: number): Unpack {
  const cached = cache[width]
  if (cached !== undefined) return cached
  const made = makeUnpack(width)
  cache[width] = made
  return made
}

/** The body loads the bytes of a group into 32-bit words, then cuts the numbers out of them. */
function makeUnpack(width: number): Unpack {
  if (width === 0) return (_bytes, _from, out, to, groups) => void out.fill(0, to, to + groups * 8)
  const wordCount = Math.ceil(width / 4)
  const words = Array.from({ length: wordCount }, (_, word) => {
    const loads = []
    for (let byte = word * 4; byte < Math.min(width, word * 4 + 4); byte++)
      loads.push(byte % 4 === 0 ? `bytes[at + ${byte}]` : `bytes[at + ${byte}] << ${(byte % 4) * 8}`)
    return `const w${word} = ${loads.join(' | ')}`
  })
  const mask = width === 32 ? '' : ` & ${2 ** width - 1}`
  const stores = Array.from({ length: 8 }, (_, index) => {
    const bit = index * width
    const word = bit >> 5
    const shift = bit & 31
    const low = shift === 0 ? `w${word}` : `w${word} >>> ${shift}`
    const value = shift + width > 32 ? `(${low} | w${word + 1} << ${32 - shift})` : `(${low})`
    return `out[o + ${index}] = ${value}${mask}`
  })
  const body = `
    let at = from, o = to
    for (let g = 0; g < groups; g++) {
      ${words.join('\n')}
      ${stores.join('\n')}
      at += ${width}
      o += 8
    }`
  return new Function('bytes', 'from', 'out', 'to', 'groups', body) as Unpack
}
