import { corrupt, type Place } from './corrupt-file.ts'

/** Type numbers on the wire. */
export const WIRE = { TRUE: 1, FALSE: 2, STRUCT: 12 } as const

const { TRUE, FALSE, STRUCT } = WIRE

/** No structure of Parquet nests deeper, so what does is hostile. */
const MAX_DEPTH = 32

/** Reads bytes of a file from `position` on. Every size is checked against what is left. */
export class ThriftReader {
  readonly bytes: Uint8Array
  readonly place: Place
  position: number
  depth = 0
  readonly #start: number

  constructor(bytes: Uint8Array, place: Place, position = 0) {
    this.bytes = bytes
    this.place = place
    this.position = position
    this.#start = position
  }

  /** The error to throw about the byte that was read last. */
  fail(message: string): Error {
    const { path, offset } = this.place
    return corrupt({ path, offset: offset + this.position - this.#start }, message)
  }

  byte(): number {
    if (this.position >= this.bytes.length) throw this.fail('a structure is cut off')
    return this.bytes[this.position++]!
  }

  /** An unsigned number below 2^53. */
  varint(): number {
    let value = 0
    let scale = 1
    for (let i = 0; i < 10; i++) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break
        return value
      }
      scale *= 128
    }
    throw this.fail('a number is too large')
  }

  zigzag(): number {
    const value = this.varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  /** A count or size of things that take at least a byte each. */
  size(): number {
    const size = this.varint()
    if (size > this.bytes.length - this.position)
      throw this.fail(`${size} bytes are announced, fewer are left`)
    return size
  }

  /** A copy of `length` bytes. */
  take(length: number): Uint8Array {
    const bytes = this.bytes.slice(this.position, this.position + length)
    this.position += length
    return bytes
  }

  enter(): void {
    if (++this.depth > MAX_DEPTH) throw this.fail('structures nest too deep')
  }

  /** Passes over a value of an unknown field. */
  skip(wire: number): void {
    if (wire === TRUE || wire === FALSE) return
    if (wire === 3) this.byte()
    else if (wire >= 4 && wire <= 6) this.#varint64()
    else if (wire === 7) this.#advance(8)
    else if (wire === 8) this.#advance(this.size())
    else if (wire === 9 || wire === 10) this.#skipList()
    else if (wire === 11) this.#skipMap()
    else if (wire === STRUCT) this.#skipStruct()
    else throw this.fail(`a field has the unknown type ${wire}`)
  }

  /** Element type and count of a list. */
  listHeader(): { wire: number; count: number } {
    const byte = this.byte()
    const count = byte >> 4 === 15 ? this.size() : byte >> 4
    if (count > this.bytes.length - this.position)
      throw this.fail(`a list announces ${count} elements, fewer are left`)
    return { wire: byte & 15, count }
  }

  /** A number of any size, which nobody wants. */
  #varint64(): void {
    for (let i = 0; i < 10; i++) if (this.byte() < 0x80) return
    throw this.fail('a number is too large')
  }

  #advance(bytes: number): void {
    if (bytes > this.bytes.length - this.position) throw this.fail('a structure is cut off')
    this.position += bytes
  }

  #skipElement(wire: number): void {
    if (wire === TRUE || wire === FALSE) this.byte()
    else this.skip(wire)
  }

  #skipList(): void {
    this.enter()
    const { wire, count } = this.listHeader()
    for (let i = 0; i < count; i++) this.#skipElement(wire)
    this.depth--
  }

  #skipMap(): void {
    this.enter()
    const count = this.size()
    const wires = count === 0 ? 0 : this.byte()
    for (let i = 0; i < count; i++) {
      this.#skipElement(wires >> 4)
      this.#skipElement(wires & 15)
    }
    this.depth--
  }

  #skipStruct(): void {
    this.enter()
    for (;;) {
      const header = this.byte()
      if (header === 0) break
      if (header >> 4 === 0) this.zigzag()
      this.skip(header & 15)
    }
    this.depth--
  }
}

/** Collects bytes. */
export class ThriftWriter {
  #bytes = new Uint8Array(256)
  #length = 0

  byte(value: number): void {
    this.#need(1)
    this.#bytes[this.#length++] = value
  }

  varint(value: number): void {
    let rest = value
    while (rest >= 128) {
      this.byte((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    this.byte(rest)
  }

  zigzag(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1)
  }

  append(bytes: Uint8Array): void {
    this.#need(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #need(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + bytes))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}
