import { DefaultDeserializer, DefaultSerializer } from 'node:v8'
import { EngineError } from '../errors.ts'
import { VALUE_CLASSES, valueClassIndex } from '../types/index.ts'

/** Values of a usual chunk. */
export const CHUNK_VALUES = 4096

/** Some values, and which input of a join they belong to. */
export interface Chunk {
  readonly side: number
  readonly values: unknown[]
}

const PLAIN = 0
const PAIRS = 2
const TAGGED = 4

/**
 * First byte of chunks of numbers, which what V8 writes never begins with: | NUMBERS … | side | float64 … |
 */
const NUMBERS = 1
const NUMBERS_HEADER_BYTES = 8

/**
 * Values as bytes: structured clone, so objects of classes become plain objects, except Map, Set, Date,
 * errors, typed arrays and the engine's Decimal, dates, timestamps and intervals. USER_CODE_FAILED for what
 * cannot travel: functions, symbols, promises.
 */
export function encodeChunk(values: readonly unknown[], side = 0): Uint8Array {
  if (values.every((value) => typeof value === 'number')) return encodeNumbers(values, side)
  const writer = new DefaultSerializer()
  writer.writeHeader()
  writer.writeUint32(side)
  const tagged = tagAll(values)
  const tag = tagged === values ? 0 : TAGGED
  try {
    if (tagged.every(isPair)) {
      writer.writeUint32(PAIRS | tag)
      writer.writeValue(tagged.map((pair) => pair[0]))
      writer.writeValue(tagged.map((pair) => pair[1]))
    } else {
      writer.writeUint32(PLAIN | tag)
      writer.writeValue(tagged)
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new EngineError('USER_CODE_FAILED', `a value cannot travel between threads: ${reason}`, {
      cause,
      hint: 'Values of an RDD must be plain data; functions run synchronously, so they give no promises.',
    })
  }
  return writer.releaseBuffer()
}

/** The values of `encodeChunk`, copied out of the bytes. */
export function decodeChunk(bytes: Uint8Array): Chunk {
  if (bytes[0] === NUMBERS) return decodeNumbers(bytes)
  const reader = new DefaultDeserializer(bytes.slice()) // Typed arrays in it become views of this copy.
  reader.readHeader()
  const side = reader.readUint32()
  const kind = reader.readUint32()
  const first = reader.readValue() as unknown[]
  if ((kind & PAIRS) !== 0) {
    const second = reader.readValue() as unknown[]
    for (let i = 0; i < first.length; i++) first[i] = [first[i], second[i]]
  }
  return { side, values: (kind & TAGGED) === 0 ? first : (untag(first, 0) as unknown[]) }
}

function encodeNumbers(values: readonly number[], side: number): Uint8Array {
  const bytes = new Uint8Array(NUMBERS_HEADER_BYTES + 8 * values.length)
  bytes[0] = NUMBERS
  new DataView(bytes.buffer).setUint32(4, side, true)
  new Float64Array(bytes.buffer, NUMBERS_HEADER_BYTES).set(values)
  return bytes
}

function decodeNumbers(bytes: Uint8Array): Chunk {
  const side = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true)
  const copy = bytes.slice(NUMBERS_HEADER_BYTES) // Aligned, and memory of our own.
  const numbers = new Float64Array(copy.buffer)
  const values: number[] = []
  // Four times as fast as Array.from.
  for (let i = 0; i < numbers.length; i++) values.push(numbers[i]!)
  return { side, values }
}

/**
 * A value as `postMessage` carries it, with the engine's classes marked; for `unpackValue` on the other side.
 */
export function packValue(value: unknown): unknown {
  return structuredClone(tag(value, 0))
}

/** A new value each time, of what `packValue` gave. */
export function unpackValue(packed: unknown): unknown {
  return untag(structuredClone(packed), 0)
}

function isPair(value: unknown): value is readonly [unknown, unknown] {
  return Array.isArray(value) && value.length === 2
}

const TAG = '$millrace'

/** Values nested deeper than this travel as structured clone makes them; it also ends cycles. */
const MAX_DEPTH = 10

function tagAll(values: readonly unknown[]): readonly unknown[] {
  return tag(values, 0) as readonly unknown[]
}

/** The same value if nothing in it needs a tag, else a copy with tags. */
function tag(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value
  if (Array.isArray(value)) return tagArray(value, depth)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null)
    return tagObject(value as Record<string, unknown>, depth)
  if (value instanceof Map) {
    const entries = [...value]
    const tagged = tagArray(entries, depth)
    return tagged === entries ? value : new Map(tagged as [unknown, unknown][])
  }
  const index = valueClassIndex(value)
  return index < 0 ? value : { [TAG]: index, data: VALUE_CLASSES[index]!.pack(value as never) }
}

function tagArray(values: readonly unknown[], depth: number): readonly unknown[] {
  let copy: unknown[] | null = null
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (typeof value !== 'object' || value === null) continue
    const tagged = tag(value, depth + 1)
    if (tagged === value) continue
    copy ??= values.slice()
    copy[i] = tagged
  }
  return copy ?? values
}

function tagObject(value: Record<string, unknown>, depth: number): unknown {
  let copy: Record<string, unknown> | null = null
  for (const key in value) {
    const member = value[key]
    if (typeof member !== 'object' || member === null) continue
    const tagged = tag(member, depth + 1)
    if (tagged === member) continue
    copy ??= { ...value }
    copy[key] = tagged
  }
  return copy ?? value
}

/** Puts objects back in the place of tags; arrays and objects change in place. */
function untag(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH + 1) return value
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = untag(value[i], depth + 1)
    return value
  }
  if (value instanceof Map) return new Map(untag([...value], depth) as [unknown, unknown][])
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  const object = value as Record<string, unknown>
  const known = typeof object[TAG] === 'number' ? VALUE_CLASSES[object[TAG]] : undefined
  if (known !== undefined) return known.unpack(object['data'] as never)
  for (const key in object) object[key] = untag(object[key], depth + 1)
  return object
}
