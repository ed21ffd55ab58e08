const SIMPLE: Readonly<Record<string, string>> = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1a',
  // Kept for LIKE, which gives them their meaning.
  '%': '\\%',
  _: '\\_',
}
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([01][0-7]{2})|([\s\S]))/g

/**
 * The text of a quoted string, quotes included in `quoted`: doubled quotes become one, and Spark's escapes
 * their character (`\n`, `\t`, `\\`, `\'`, `\u0041`, `\U0001F600`, octal `\101`). `\%` and `\_` keep their
 * backslash.
 */
export function unescapeString(quoted: string): string {
  const quote = quoted[0] ?? ''
  const inner = quoted.slice(1, -1)
  if (!inner.includes('\\')) return inner.includes(quote) ? inner.replaceAll(quote + quote, quote) : inner
  let result = ''
  let last = 0
  // Doubled quotes are looked for only between escapes: the quote of \' is not half of a pair.
  const plain = (end: number): string => inner.slice(last, end).replaceAll(quote + quote, quote)
  for (const match of inner.matchAll(ESCAPE)) {
    const [whole, four, eight, octal, single] = match
    result += plain(match.index)
    if (four !== undefined) result += String.fromCharCode(Number.parseInt(four, 16))
    else if (eight !== undefined) result += codePoint(Number.parseInt(eight, 16))
    else if (octal !== undefined) result += String.fromCharCode(Number.parseInt(octal, 8))
    else result += SIMPLE[single ?? ''] ?? single ?? ''
    last = match.index + whole.length
  }
  return result + plain(inner.length)
}

/** The character of a code point, or U+FFFD beyond Unicode. */
function codePoint(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
}
