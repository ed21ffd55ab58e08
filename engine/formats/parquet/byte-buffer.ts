/** Buffers start small: a table of many partitions has many files open. */
const FIRST_LENGTH = 64

/** Bytes that grow, on the heap: what is being written. */
export class ByteBuffer {
  bytes: Uint8Array
  length = 0

  constructor(capacity = FIRST_LENGTH) {
    this.bytes = new Uint8Array(capacity)
  }

  /** Makes room for `count` more bytes; `bytes` may be another array after. */
  reserve(count: number): void {
    const need = this.length + count
    if (need <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(need, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.length++] = value
  }

  /** An unsigned number, seven bits a byte. */
  varint(value: number): void {
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 128)
    this.byte(rest)
  }

  /** Four bytes, lowest first. */
  uint32(value: number): void {
    this.reserve(4)
    for (let shift = 0; shift < 32; shift += 8) this.bytes[this.length++] = (value >>> shift) & 255
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** A view of what is there, until the next change. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  /** A copy of what is there. */
  copy(): Uint8Array {
    return this.bytes.slice(0, this.length)
  }
}

/** 32-bit numbers that grow, on the heap. */
export class IntBuffer {
  values: Int32Array
  length = 0

  constructor(capacity = FIRST_LENGTH) {
    this.values = new Int32Array(capacity)
  }

  reserve(count: number): void {
    const need = this.length + count
    if (need <= this.values.length) return
    const larger = new Int32Array(Math.max(need, this.values.length * 2))
    larger.set(this.values.subarray(0, this.length))
    this.values = larger
  }

  push(value: number): void {
    if (this.length === this.values.length) this.reserve(1)
    this.values[this.length++] = value
  }
}
