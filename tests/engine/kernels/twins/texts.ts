/** Order of two texts as unsigned bytes: negative, 0 or positive. */
export function orderTwin(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}

/** Whether a text has prefix, suffix and pieces in order, and with `exact` nothing else. */
export function likeTwin(text: Uint8Array, pattern: readonly Uint8Array[], exact: boolean): boolean {
  const [prefix, suffix, ...pieces] = pattern as [Uint8Array, Uint8Array, ...Uint8Array[]]
  const fixed = prefix.length + suffix.length
  if (exact ? text.length !== fixed : text.length < fixed) return false
  let rest = Buffer.from(text)
  if (orderTwin(rest.subarray(0, prefix.length), prefix) !== 0) return false
  if (orderTwin(rest.subarray(rest.length - suffix.length), suffix) !== 0) return false
  rest = rest.subarray(prefix.length, rest.length - suffix.length)
  for (const piece of pieces) {
    const at = rest.indexOf(piece)
    if (at < 0) return false
    rest = rest.subarray(at + piece.length)
  }
  return true
}

/** Characters [from, from + length) of a text, or bytes. */
export function cutTwin(text: Uint8Array, isText: boolean, from: number, length: number): Uint8Array {
  if (!isText) return text.slice(from, from + length)
  return Buffer.from([...Buffer.from(text).toString()].slice(from, from + length).join(''))
}
