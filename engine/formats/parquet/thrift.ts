import { type ThriftReader, ThriftWriter, WIRE } from './thrift-io.ts'

/**
 * Thrift's compact protocol, as far as Parquet uses it. A structure is described once and then read and
 * written:
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

const { TRUE, FALSE, STRUCT } = WIRE

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
