import { corrupt, type Place } from './corrupt-file.ts'

/**
 * Thrift's compact protocol, as far as Parquet uses it. A structure is described once and then read and written:
 *
 * ```ts
 * const keyValue = struct('KeyValue', { key: [1, text, 'required'], value: [2, text, 'optional'] })
 * ```
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
export interface ThriftType<T> {
  /** Type number on the wire. */
  readonly wire: number
  read(reader: ThriftReader): T
  write(writer: ThriftWriter, value: T): void
}

/** The TypeScript type that a description reads. */
export type ThriftValue<D> = D extends ThriftType<infer T> ? T : never

type FieldSpec = readonly [id: number, type: ThriftType<unknown>, presence: 'required' | 'optional']

type StructValue<F extends Readonly<Record<string, FieldSpec>>> = {
  readonly [K in keyof F as F[K][2] extends 'required' ? K : never]: ThriftValue<F[K][1]>
} & {
  readonly [K in keyof F as F[K][2] extends 'optional' ? K : never]?: ThriftValue<F[K][1]> | undefined
}

const TRUE = 1
const FALSE = 2
const STRUCT = 12

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

/** One byte. */
export const i8: ThriftType<number> = {
  wire: 3,
  read: (reader) => (reader.byte() << 24) >> 24,
  write: (writer, value) => writer.byte(value & 0xff),
}

/** A 32-bit number. */
export const i32: ThriftType<number> = {
  wire: 5,
  read(reader) {
    const value = reader.zigzag()
    if ((value | 0) !== value) throw reader.fail('a 32-bit number is out of range')
    return value
  },
  write: (writer, value) => writer.zigzag(value),
}

/** A 64-bit number; Parquet has only sizes, counts and offsets, so beyond 2^53 it is corrupt. */
export const i64: ThriftType<number> = {
  wire: 6,
  read: (reader) => reader.zigzag(),
  write: (writer, value) => writer.zigzag(value),
}

/** Bytes. */
export const binary: ThriftType<Uint8Array> = {
  wire: 8,
  read: (reader) => reader.take(reader.size()),
  write(writer, value) {
    writer.varint(value.length)
    writer.append(value)
  },
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** UTF-8 text. */
export const text: ThriftType<string> = {
  wire: 8,
  read: (reader) => decoder.decode(binary.read(reader)),
  write: (writer, value) => binary.write(writer, encoder.encode(value)),
}

/** A truth value; as a field its value is the type number. */
export const bool: ThriftType<boolean> = {
  wire: FALSE,
  read: (reader) => reader.byte() === TRUE,
  write: (writer, value) => writer.byte(value ? TRUE : FALSE),
}

/** Several values of one type. */
export function list<T>(element: ThriftType<T>): ThriftType<readonly T[]> {
  return {
    wire: 9,
    read(reader) {
      reader.enter()
      const { wire, count } = reader.listHeader()
      const fits = wire === element.wire || (element === (bool as unknown) && wire === TRUE)
      if (count > 0 && !fits) throw reader.fail('a list has elements of the wrong type')
      const values: T[] = []
      for (let i = 0; i < count; i++) values.push(element.read(reader))
      reader.depth--
      return values
    },
    write(writer, values) {
      if (values.length < 15) writer.byte((values.length << 4) | element.wire)
      else {
        writer.byte(0xf0 | element.wire)
        writer.varint(values.length)
      }
      for (const value of values) element.write(writer, value)
    },
  }
}

/** A structure, or a union as one of optional fields. Unknown fields are passed over. */
export function struct<const F extends Readonly<Record<string, FieldSpec>>>(
  name: string,
  fields: F,
): ThriftType<StructValue<F>> {
  const specs = Object.entries<FieldSpec>(fields).sort((a, b) => a[1][0] - b[1][0])
  const byId = new Map(specs.map(([key, spec]) => [spec[0], { key, type: spec[1] }]))
  return {
    wire: STRUCT,
    read: (reader) => readStruct(reader, name, specs, byId) as StructValue<F>,
    write: (writer, value) => writeStruct(writer, specs, value),
  }
}

function readStruct(
  reader: ThriftReader,
  name: string,
  specs: readonly (readonly [string, FieldSpec])[],
  byId: ReadonlyMap<number, { readonly key: string; readonly type: ThriftType<unknown> }>,
): Record<string, unknown> {
  reader.enter()
  const value: Record<string, unknown> = {}
  let id = 0
  for (;;) {
    const header = reader.byte()
    if (header === 0) break
    id = header >> 4 === 0 ? reader.zigzag() : id + (header >> 4)
    const wire = header & 15
    const found = byId.get(id)
    if (found === undefined) reader.skip(wire)
    else if (found.type === bool && (wire === TRUE || wire === FALSE)) value[found.key] = wire === TRUE
    else if (found.type.wire === wire) value[found.key] = found.type.read(reader)
    else throw reader.fail(`field "${found.key}" of ${name} has the wrong type`)
  }
  for (const [key, spec] of specs)
    if (spec[2] === 'required' && value[key] === undefined)
      throw reader.fail(`${name} lacks its field "${key}"`)
  reader.depth--
  return value
}

function writeStruct(
  writer: ThriftWriter,
  specs: readonly (readonly [string, FieldSpec])[],
  value: Readonly<Record<string, unknown>>,
): void {
  let last = 0
  for (const [key, [id, type]] of specs) {
    const member = value[key]
    if (member === undefined) continue
    const wire = type === bool ? (member === true ? TRUE : FALSE) : type.wire
    if (id - last < 16) writer.byte(((id - last) << 4) | wire)
    else {
      writer.byte(wire)
      writer.zigzag(id)
    }
    last = id
    if (type !== bool) type.write(writer, member)
  }
  writer.byte(0)
}

/** The bytes of a structure. */
export function encodeThrift<T>(type: ThriftType<T>, value: T): Uint8Array {
  const writer = new ThriftWriter()
  type.write(writer, value)
  return writer.finish()
}
