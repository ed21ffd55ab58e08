/** A JSON value that keeps the text of its numbers and every member of its objects. */
export type JsonNode =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [name: string, value: JsonNode])[] }

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON texts may not hold them unescaped.
const PLAIN_TEXT = /[^"\\\u0000-\u001f]*/y
const SPACE = /[ \t\r\n]*/y
const MAX_DEPTH = 1000

/**
 * Reads a JSON text, in which single quotes may stand for double ones; undefined if it is none. `allowMore`:
 * anything may follow.
 */
export function parseJson(text: string, allowMore = false): JsonNode | undefined {
  const cursor: Cursor = { text, at: 0, depth: 0 }
  const node = readNode(cursor)
  if (node === undefined || allowMore) return node
  skipSpace(cursor)
  return cursor.at === text.length ? node : undefined
}

interface Cursor {
  readonly text: string
  at: number
  depth: number
}

function skipSpace(cursor: Cursor): void {
  SPACE.lastIndex = cursor.at
  SPACE.exec(cursor.text)
  cursor.at = SPACE.lastIndex
}

function take(cursor: Cursor, character: string): boolean {
  skipSpace(cursor)
  if (cursor.text[cursor.at] !== character) return false
  cursor.at++
  return true
}

function readNode(cursor: Cursor): JsonNode | undefined {
  skipSpace(cursor)
  switch (cursor.text[cursor.at]) {
    case '{':
      return readObject(cursor)
    case '[':
      return readArray(cursor)
    case '"':
    case "'": {
      const text = readString(cursor)
      return text === undefined ? undefined : { kind: 'string', text }
    }
    case 't':
      return readWord(cursor, 'true', { kind: 'boolean', value: true })
    case 'f':
      return readWord(cursor, 'false', { kind: 'boolean', value: false })
    case 'n':
      return readWord(cursor, 'null', { kind: 'null' })
    default: {
      NUMBER.lastIndex = cursor.at
      const match = NUMBER.exec(cursor.text)
      if (match === null) return undefined
      cursor.at = NUMBER.lastIndex
      return /[\w.]/.test(cursor.text[cursor.at] ?? '') ? undefined : { kind: 'number', text: match[0] }
    }
  }
}

function readWord(cursor: Cursor, word: string, node: JsonNode): JsonNode | undefined {
  if (!cursor.text.startsWith(word, cursor.at)) return undefined
  cursor.at += word.length
  return node
}

function readObject(cursor: Cursor): JsonNode | undefined {
  cursor.at++
  const members: (readonly [string, JsonNode])[] = []
  if (take(cursor, '}')) return { kind: 'object', members }
  if (++cursor.depth > MAX_DEPTH) return undefined
  do {
    skipSpace(cursor)
    const name = readString(cursor)
    if (name === undefined || !take(cursor, ':')) return undefined
    const value = readNode(cursor)
    if (value === undefined) return undefined
    members.push([name, value])
  } while (take(cursor, ','))
  cursor.depth--
  return take(cursor, '}') ? { kind: 'object', members } : undefined
}

function readArray(cursor: Cursor): JsonNode | undefined {
  cursor.at++
  const items: JsonNode[] = []
  if (take(cursor, ']')) return { kind: 'array', items }
  if (++cursor.depth > MAX_DEPTH) return undefined
  do {
    const item = readNode(cursor)
    if (item === undefined) return undefined
    items.push(item)
  } while (take(cursor, ','))
  cursor.depth--
  return take(cursor, ']') ? { kind: 'array', items } : undefined
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  "'": "'",
  '\\': '\\',
  '/': '/',
}

function readString(cursor: Cursor): string | undefined {
  const { text } = cursor
  const quote = text[cursor.at]
  if (quote !== '"' && quote !== "'") return undefined
  cursor.at++
  if (quote === '"') {
    PLAIN_TEXT.lastIndex = cursor.at
    const match = PLAIN_TEXT.exec(text)!
    if (text[PLAIN_TEXT.lastIndex] === '"') {
      cursor.at = PLAIN_TEXT.lastIndex + 1
      return match[0]
    }
  }
  let result = ''
  for (;;) {
    const character = text[cursor.at++]
    if (character === undefined || character < ' ') return undefined
    if (character === quote) return result
    if (character !== '\\') {
      result += character
      continue
    }
    const escape = text[cursor.at++] ?? ''
    if (escape === 'u') {
      const digits = text.slice(cursor.at, cursor.at + 4)
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) return undefined
      result += String.fromCharCode(Number.parseInt(digits, 16))
      cursor.at += 4
    } else if (ESCAPES[escape] === undefined) return undefined
    else result += ESCAPES[escape]
  }
}

/**
 * Writes a value without blanks. `floats` rewrites numbers with a point or exponent; by default they stay as
 * they are.
 */
export function jsonText(node: JsonNode, floats: (text: string) => string = (text) => text): string {
  switch (node.kind) {
    case 'null':
      return 'null'
    case 'boolean':
      return String(node.value)
    case 'number':
      return /[.eE]/.test(node.text) ? floats(node.text) : node.text
    case 'string':
      return JSON.stringify(node.text)
    case 'array':
      return `[${node.items.map((item) => jsonText(item, floats)).join(',')}]`
    case 'object':
      return `{${node.members
        .map(([name, value]) => `${JSON.stringify(name)}:${jsonText(value, floats)}`)
        .join(',')}}`
  }
}
