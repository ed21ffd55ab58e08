/**
 * The few forms of DER (X.690) that a certificate is made of. Each function gives a whole element: tag, size,
 * content.
 */
export function element(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.concat(content)
  const { length } = bytes
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), bytes])
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(0x30, ...parts)
export const set = (...parts: readonly Uint8Array[]): Buffer => element(0x31, ...parts)
export const octets = (bytes: Uint8Array): Buffer => element(0x04, bytes)
export const text = (value: string): Buffer => element(0x0c, Buffer.from(value, 'utf8'))
/** A string of whole bytes as bits. */
export const bits = (bytes: Uint8Array, unused = 0): Buffer => element(0x03, Buffer.from([unused]), bytes)
export const yes = (): Buffer => element(0x01, Buffer.from([0xff]))
/** A non-negative integer by its bytes, highest first. */
export const integer = (bytes: Uint8Array): Buffer =>
  element(0x02, (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.from([0]), bytes]))

/** An object identifier such as `2.5.29.19`. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [40 * first + second]
  for (const arc of rest) {
    const groups = [arc & 127]
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 127) | 128)
    bytes.push(...groups)
  }
  return element(0x06, Buffer.from(bytes))
}

/** A time in UTC with seconds: two digits of the year up to 2049, four from then on, as RFC 5280 asks. */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  const isShort = date.getUTCFullYear() < 2050
  return element(isShort ? 0x17 : 0x18, Buffer.from(isShort ? digits.slice(2) : digits, 'latin1'))
}

/** The elements within an element, whole. For what has passed a parser already. */
export function childrenOf(bytes: Uint8Array): Buffer[] {
  const content = contentOf(bytes)
  const children: Buffer[] = []
  for (let at = 0; at < content.length; ) {
    const end = at + sizeOf(content.subarray(at))
    children.push(content.subarray(at, end))
    at = end
  }
  return children
}

/** What an element holds. */
export function contentOf(bytes: Uint8Array): Buffer {
  const long = bytes[1]! & 0x80 ? bytes[1]! & 0x7f : 0
  return Buffer.from(bytes.buffer, bytes.byteOffset + 2 + long, sizeOf(bytes) - 2 - long)
}

/** Bytes of the element at the front, with tag and size. */
function sizeOf(bytes: Uint8Array): number {
  if ((bytes[1]! & 0x80) === 0) return 2 + bytes[1]!
  const count = bytes[1]! & 0x7f
  let size = 0
  for (let i = 0; i < count; i++) size = size * 256 + bytes[2 + i]!
  return 2 + count + size
}
