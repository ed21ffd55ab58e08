/**
 * Keys of pairs. Numbers, strings, booleans, bigint, null and undefined are equal by value (NaN equals NaN, 0
 * equals -0); arrays and objects are equal when their text is: same members, whatever the order of names, so
 * dates and decimals work too.
 */

/** What a Map keeps instead of a key: equal keys have the same. */
export function identityOf(key: unknown): unknown {
  return typeof key === 'object' && key !== null ? `\u0000${structure(key)}` : key
}

/** A 32-bit hash that is the same in every thread. */
export function hashOfKey(key: unknown): number {
  if (typeof key === 'number') return hashOfNumber(key)
  if (typeof key === 'string') return hashOfText(key)
  return hashOfText(typeof key === 'object' && key !== null ? structure(key) : `${typeof key} ${String(key)}`)
}

const bits = new Float64Array(1)
const words = new Int32Array(bits.buffer)

function hashOfNumber(value: number): number {
  const low = value | 0
  if (low === value) return mix(low)
  bits[0] = value
  return mix(words[0]! ^ Math.imul(words[1]!, 0x9e3779b1))
}

function hashOfText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mix(hash)
}

function mix(hash: number): number {
  let h = hash ^ (hash >>> 16)
  h = Math.imul(h, 0x7feb352d)
  h ^= h >>> 15
  h = Math.imul(h, 0x846ca68b)
  return (h ^ (h >>> 16)) >>> 0
}

/** A text that differs for different data. */
function structure(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'bigint') return `${value}n`
    return Object.is(value, -0) ? '0' : String(value)
  }
  if (Array.isArray(value)) return `[${value.map(structure).join(',')}]`
  if (value instanceof Date) return `Date(${value.getTime()})`
  if (value instanceof Map) return `Map${structure([...value])}`
  if (value instanceof Set) return `Set${structure([...value])}`
  if (ArrayBuffer.isView(value)) return bytesOf(value)
  const object = value as Readonly<Record<string, unknown>>
  const members = Object.keys(object)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${structure(object[name])}`)
  return `{${members.join(',')}}`
}

function bytesOf(view: ArrayBufferView): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  return `${view.constructor.name}[${bytes.join(',')}]`
}

const RANKS: Readonly<Record<string, number>> = {
  undefined: 0,
  boolean: 2,
  number: 3,
  bigint: 3,
  string: 4,
  object: 5,
}

/**
 * The order of keys: null and undefined first, then booleans, numbers (NaN last), strings by UTF-16 code
 * units, then arrays (element by element), dates, decimals and timestamps (by value), and other objects by
 * the text of their members.
 */
export function compareKeys(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') {
    if (a < b) return -1
    if (a > b) return 1
    return a === b ? 0 : Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  }
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  const [rankA, rankB] = [rankOf(a), rankOf(b)]
  if (rankA !== rankB) return rankA - rankB
  if (rankA < 5) return compareSimple(a, b)
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b)
  return compareObjects(a as object, b as object)
}

function rankOf(value: unknown): number {
  return value === null ? 1 : (RANKS[typeof value] ?? 6)
}

function compareSimple(a: unknown, b: unknown): number {
  const [x, y] = [a as number, b as number]
  return x < y ? -1 : x > y ? 1 : 0
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareKeys(a[i], b[i])
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareObjects(a: object, b: object): number {
  const order = (a as { compare?: unknown }).compare
  if (typeof order === 'function' && a.constructor === b.constructor) return order.call(a, b) as number
  const [x, y] = [magnitude(a), magnitude(b)]
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : 0
  return compareSimple(structure(a), structure(b))
}

/** The one number that dates, timestamps and intervals consist of. */
function magnitude(value: object): number | bigint | undefined {
  if (value instanceof Date) return value.getTime()
  const { micros, days, months } = value as { micros?: bigint; days?: number; months?: number }
  return micros ?? days ?? months
}
