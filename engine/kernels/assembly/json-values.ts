// JSON values: where they end. The text ends with a line break, which no value goes over.

/** Deepest nesting, the record included. */
const MAX_DEPTH: i32 = 500

/** The first byte that is no blank; a line break is none. */
// @ts-ignore: decorator
@inline
export function skipBlanks(from: usize): usize {
  let at = from
  while (true) {
    const byte = load<u8>(at)
    if (byte > 32 || (byte != 32 && byte != 9 && byte != 13)) return at
    at++
  }
}

/**
 * Behind the quote of a string whose text begins at `from`, times two, plus one if there are escapes; 0 if
 * it is no string.
 */
// @ts-ignore: decorator
@inline
export function stringEnd(from: usize): u64 {
  const at = stringStop(from)
  return load<u8>(at) == 34 ? (<u64>(at + 1)) << 1 : escapedEnd(at)
}

/** The first byte that is a quote, a backslash or a control character. */
// @ts-ignore: decorator
@inline
function stringStop(from: usize): usize {
  const quotes = i8x16.splat(34)
  const backslashes = i8x16.splat(92)
  const blanks = i8x16.splat(32)
  let at = from
  while (true) {
    const bytes = v128.load(at)
    const stops = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, backslashes)),
        i8x16.lt_u(bytes, blanks),
      ),
    )
    if (stops != 0) return at + <usize>ctz(stops)
    at += 16
  }
}

/** As `stringEnd`, from a byte on that is a backslash or a control character. */
function escapedEnd(from: usize): u64 {
  let at = from
  while (load<u8>(at) == 92) {
    const letter = load<u8>(at + 1)
    if (letter == 117) {
      for (let i: usize = 2; i < 6; i++) if (!isHex(load<u8>(at + i))) return 0
      at += 6
    } else if (isEscapeLetter(letter)) at += 2
    else return 0
    at = stringStop(at)
  }
  return load<u8>(at) == 34 ? ((<u64>(at + 1)) << 1) | 1 : 0
}

function isEscapeLetter(letter: u8): bool {
  if (letter == 34 || letter == 92 || letter == 47) return true
  return letter == 98 || letter == 102 || letter == 110 || letter == 114 || letter == 116
}

function isHex(byte: u8): bool {
  const letter = byte | 32
  return (byte >= 48 && byte <= 57) || (letter >= 97 && letter <= 102)
}

/** Behind a value that is no string and begins with `byte` at `at`; 0 if it is none. */
// @ts-ignore: decorator
@inline
export function valueEnd(at: usize, byte: u32): usize {
  return byte == 45 || byte - 48 <= 9 ? numberEnd(at) : otherEnd(at, byte, 1)
}

/** Behind a word, an array or an object, at so many levels of nesting; 0 if it is none. */
function otherEnd(at: usize, byte: u32, depth: i32): usize {
  if (byte == 116) return load<u32>(at) == 0x65757274 ? at + 4 : 0
  if (byte == 102) return load<u32>(at + 1) == 0x65736c61 ? at + 5 : 0
  if (byte == 110) return load<u32>(at) == 0x6c6c756e ? at + 4 : 0
  if (byte == 123 || byte == 91) return nestedEnd(at, depth + 1)
  return 0
}

/** Behind a number; 0 if it is none. */
// @ts-ignore: decorator
@inline
function numberEnd(from: usize): usize {
  const first = from + <usize>(load<u8>(from) == 45)
  const lead = digitsAt(first)
  if (lead == 0 || (lead > 1 && load<u8>(first) == 48)) return 0
  const at = first + <usize>lead
  const byte = load<u8>(at)
  return lead == 16 || byte == 46 || (byte | 32) == 101 ? longNumberEnd(first) : at
}

/** How many of 16 bytes are digits before one that is none. */
// @ts-ignore: decorator
@inline
function digitsAt(at: usize): i32 {
  const digits = i8x16.lt_u(i8x16.sub(v128.load(at), i8x16.splat(48)), i8x16.splat(10))
  return <i32>ctz(~i8x16.bitmask(digits))
}

// @ts-ignore: decorator
@inline
function behindDigits(from: usize): usize {
  let at = from
  while (true) {
    const count = digitsAt(at)
    at += <usize>count
    if (count < 16) return at
  }
}

/** As `numberEnd`, of one with a fraction, an exponent or many digits, without its sign. */
function longNumberEnd(from: usize): usize {
  let at = behindDigits(from)
  if (load<u8>(at) == 46) {
    const fraction = at + 1
    at = behindDigits(fraction)
    if (at == fraction) return 0
  }
  if ((load<u8>(at) | 32) == 101) {
    const sign = load<u8>(at + 1)
    const exponent = at + 1 + <usize>(sign == 43 || sign == 45)
    at = behindDigits(exponent)
    if (at == exponent) return 0
  }
  return at
}

/** Behind an array or object that begins at `from` and is the `depth`-th level; 0 if it is none. */
function nestedEnd(from: usize, depth: i32): usize {
  if (depth > MAX_DEPTH) return 0
  const isObject = load<u8>(from) == 123
  const close: u32 = isObject ? 125 : 93
  let at = skipBlanks(from + 1)
  let byte = <u32>load<u8>(at)
  if (byte == close) return at + 1
  while (true) {
    if (isObject) {
      if (byte != 34) return 0
      const behind = stringEnd(at + 1)
      if (behind == 0) return 0
      at = skipBlanks(<usize>(behind >> 1))
      if (load<u8>(at) != 58) return 0
      at = skipBlanks(at + 1)
      byte = load<u8>(at)
    }
    if (byte == 34) at = <usize>(stringEnd(at + 1) >> 1)
    else at = byte == 45 || byte - 48 <= 9 ? numberEnd(at) : otherEnd(at, byte, depth)
    if (at == 0) return 0
    at = skipBlanks(at)
    byte = load<u8>(at)
    if (byte == close) return at + 1
    if (byte != 44) return 0
    at = skipBlanks(at + 1)
    byte = load<u8>(at)
  }
}
