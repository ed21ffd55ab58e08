/** Text that is no JSON. */
export class JsonFault {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

/** Thrown where a record is cut off by the end of the window. */
export const CUT_OFF = new JsonFault('record ends too early')

/** Bytes that mean something inside a string: quotes, backslashes, control characters. */
const STOPS = Uint8Array.from({ length: 256 }, (_, byte) => (byte === 34 || byte === 92 || byte < 32 ? 1 : 0))

/** Deepest nesting that is read. */
export const MAX_DEPTH = 500

/**
 * A place in JSON text. Values are recognised where they lie; nothing is copied. Methods throw JsonFault on
 * text
 * that is no JSON, and CUT_OFF at the end.
 */
export class JsonCursor {
  bytes: Uint8Array = new Uint8Array(0)
  at = 0
  end = 0
  /** Of the string or number read last: its bytes, for strings without quotes. */
  start = 0
  stop = 0
  /** Whether the string read last has escapes; whether the number has a fraction or an exponent. */
  special = false
  #depth = 0

  reset(bytes: Uint8Array, at: number, end: number): void {
    this.bytes = bytes
    this.at = at
    this.end = end
    this.#depth = 0
  }

  /** The next byte behind blanks; -1 at the end. */
  peek(): number {
    const { bytes, end } = this
    let at = this.at
    while (at < end) {
      const byte = bytes[at]!
      if (byte > 32 || (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9)) {
        this.at = at
        return byte
      }
      at++
    }
    this.at = at
    return -1
  }

  /** Steps over one byte that must come next. */
  expect(byte: number): void {
    const found = this.peek()
    if (found !== byte) throw this.unexpected(found, `"${String.fromCharCode(byte)}"`)
    this.at++
  }

  unexpected(found: number, wanted: string): JsonFault {
    if (found < 0) return CUT_OFF
    const shown = found > 32 && found < 127 ? `"${String.fromCharCode(found)}"` : `byte ${found}`
    return new JsonFault(`${wanted} expected, not ${shown}`)
  }

  /** Into an array or object; every `leave` undoes one. */
  enter(): void {
    this.at++
    if (++this.#depth > MAX_DEPTH) throw new JsonFault(`nested deeper than ${MAX_DEPTH} levels`)
  }

  leave(): void {
    this.at++
    this.#depth--
  }

  /** Behind a string that begins at `at`; `start`, `stop` and `special` tell where its text is. */
  string(): void {
    const { bytes, end } = this
    let at = this.at + 1
    this.start = at
    this.special = false
    for (; at < end; at++) {
      const byte = bytes[at]!
      if (STOPS[byte] === 0) continue
      if (byte === 34) {
        this.stop = at
        this.at = at + 1
        return
      }
      if (byte === 92) {
        this.special = true
        at = this.#escape(at)
      } else throw new JsonFault(`control character ${byte} in a string`)
    }
    throw CUT_OFF
  }

  /** Checks the escape at `at`; gives its last byte. */
  #escape(at: number): number {
    const { bytes, end } = this
    if (at + 1 >= end) throw CUT_OFF
    const byte = bytes[at + 1]!
    if (byte === 117) {
      if (at + 5 >= end) throw CUT_OFF
      for (let i = at + 2; i < at + 6; i++)
        if (hexDigit(bytes[i]!) < 0) throw new JsonFault('bad \\u escape in a string')
      return at + 5
    }
    if (!'"\\/bfnrt'.includes(String.fromCharCode(byte))) throw new JsonFault('bad escape in a string')
    return at + 1
  }

  /** Behind a number that begins at `at`. */
  number(): void {
    const { bytes, end } = this
    let at = this.at
    this.start = at
    this.special = false
    if (bytes[at] === 45) at++
    const first = at
    while (at < end && bytes[at]! >= 48 && bytes[at]! <= 57) at++
    if (at === first || (at - first > 1 && bytes[first] === 48)) throw this.#badNumber(at)
    if (at < end && bytes[at] === 46) {
      this.special = true
      const fraction = ++at
      while (at < end && bytes[at]! >= 48 && bytes[at]! <= 57) at++
      if (at === fraction) throw this.#badNumber(at)
    }
    if (at < end && (bytes[at]! | 32) === 101) {
      this.special = true
      at++
      if (at < end && (bytes[at] === 43 || bytes[at] === 45)) at++
      const exponent = at
      while (at < end && bytes[at]! >= 48 && bytes[at]! <= 57) at++
      if (at === exponent) throw this.#badNumber(at)
    }
    this.stop = at
    this.at = at
  }

  #badNumber(at: number): JsonFault {
    return at >= this.end ? CUT_OFF : new JsonFault('bad number')
  }

  /** Behind a word such as `true` that must come next. */
  word(word: Uint8Array): void {
    const { bytes, end, at } = this
    for (let i = 0; i < word.length; i++) {
      if (at + i >= end) throw CUT_OFF
      if (bytes[at + i] !== word[i]) throw new JsonFault('a value expected')
    }
    this.at = at + word.length
  }

  /** Behind any value. */
  skip(): void {
    const byte = this.peek()
    if (byte === 34) this.string()
    else if (byte === 123) this.#skipMembers()
    else if (byte === 91) this.#skipElements()
    else if (byte === 116) this.word(TRUE)
    else if (byte === 102) this.word(FALSE)
    else if (byte === 110) this.word(NULL)
    else if (byte === 45 || (byte >= 48 && byte <= 57)) this.number()
    else throw this.unexpected(byte, 'a value')
  }

  #skipMembers(): void {
    this.enter()
    if (this.peek() === 125) return this.leave()
    for (;;) {
      if (this.peek() !== 34) throw this.unexpected(this.peek(), 'a name')
      this.string()
      this.expect(58)
      this.skip()
      if (this.peek() === 125) return this.leave()
      this.expect(44)
    }
  }

  #skipElements(): void {
    this.enter()
    if (this.peek() === 93) return this.leave()
    for (;;) {
      this.skip()
      if (this.peek() === 93) return this.leave()
      this.expect(44)
    }
  }
}

export const TRUE = new TextEncoder().encode('true')
export const FALSE = new TextEncoder().encode('false')
export const NULL = new TextEncoder().encode('null')

/** Value of a hexadecimal digit; -1 if it is none. */
export function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const letter = byte | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}
