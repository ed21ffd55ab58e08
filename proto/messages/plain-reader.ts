import { EngineError } from '../../engine/errors.ts'
import { VALUE_CLASSES } from '../../engine/types/index.ts'
import {
  isForbiddenKey,
  MAX_BIGINT_BYTES,
  MAX_NUMBERED_LENGTH,
  MIN_NUMBERED_LENGTH,
  SHORT_SHAPE_REF,
  SHORT_STRING_REF,
  TAG,
  TYPED_ARRAYS,
} from './plain-tags.ts'

/** Bounds of what is decoded. */
export interface DecodeLimits {
  /** Bytes of the message; 256 MB unless told. */
  readonly maxBytes?: number
  /** Arrays and objects within each other; 200 unless told. More than a few thousand exhaust the stack. */
  readonly maxDepth?: number
  /** Byte arrays of the value are views of the bytes given, which must not change then. */
  readonly asViews?: boolean
}

/** Reads one value; see plain.ts. Every count is compared with what is left of the bytes before it counts. */
export class PlainReader {
  readonly #bytes: Buffer
  readonly #maxDepth: number
  readonly #asViews: boolean
  readonly #strings: string[] = []
  readonly #shapes: (readonly string[])[] = []
  #at = 0
  #depth = 0

  constructor(
    bytes: Uint8Array,
    { maxBytes = 256 * 2 ** 20, maxDepth = 200, asViews = false }: DecodeLimits,
  ) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#maxDepth = maxDepth
    this.#asViews = asViews
    if (bytes.length > maxBytes) throw this.#error(`${bytes.length} bytes exceed the limit of ${maxBytes}`)
  }

  decode(): unknown {
    const value = this.#value()
    if (this.#at !== this.#bytes.length) throw this.#error('bytes follow the value')
    return value
  }

  #value(): unknown {
    const tag = this.#byte()
    if (tag < SHORT_STRING_REF) return tag
    if (tag < SHORT_SHAPE_REF) return this.#known(tag - SHORT_STRING_REF)
    if (tag < TAG.null) return this.#object(this.#shape(tag - SHORT_SHAPE_REF))
    switch (tag) {
      case TAG.null:
        return null
      case TAG.undefined:
        return undefined
      case TAG.false:
        return false
      case TAG.true:
        return true
      case TAG.integer:
        return this.#varint()
      case TAG.negative:
        return -1 - this.#varint()
      case TAG.double:
        return this.#bytes.readDoubleLE(this.#take(8))
      case TAG.bigint64:
        return this.#bytes.readBigInt64LE(this.#take(8))
      case TAG.bigint:
        return this.#bigint()
      case TAG.latin1:
      case TAG.utf16:
        return this.#string(tag)
      case TAG.stringRef:
        return this.#known(this.#varint())
      default:
        return this.#compound(tag)
    }
  }

  #compound(tag: number): unknown {
    switch (tag) {
      case TAG.array:
        return this.#array()
      case TAG.map:
        return this.#map()
      case TAG.set:
        return this.#set()
      case TAG.newShape:
        return this.#object(this.#newShape())
      case TAG.shapeRef:
        return this.#object(this.#shape(this.#varint()))
      case TAG.typedArray:
        return this.#typedArray()
      case TAG.date:
        return new Date(this.#bytes.readDoubleLE(this.#take(8)))
      case TAG.valueClass:
        return this.#valueClass()
      default:
        throw this.#error(`unknown tag ${tag}`, this.#at - 1)
    }
  }

  #bigint(): bigint {
    const sign = this.#byte()
    const size = this.#varint()
    if (sign > 1 || size === 0 || size > MAX_BIGINT_BYTES) throw this.#error('not an integer')
    const from = this.#take(size)
    const value = BigInt(`0x${this.#bytes.toString('hex', from, from + size)}`)
    return sign === 1 ? -value : value
  }

  #string(tag: number): string {
    const length = this.#varint()
    const size = tag === TAG.latin1 ? length : 2 * length
    const from = this.#take(size)
    const value = this.#bytes.toString(tag === TAG.latin1 ? 'latin1' : 'utf16le', from, from + size)
    if (length >= MIN_NUMBERED_LENGTH && length <= MAX_NUMBERED_LENGTH) this.#strings.push(value)
    return value
  }

  #known(index: number): string {
    const value = this.#strings[index]
    if (value === undefined) throw this.#error(`string ${index} has not come`)
    return value
  }

  #shape(index: number): readonly string[] {
    const keys = this.#shapes[index]
    if (keys === undefined) throw this.#error(`shape ${index} has not come`)
    return keys
  }

  #newShape(): readonly string[] {
    const count = this.#count(1)
    const keys: string[] = []
    for (let i = 0; i < count; i++) {
      const key = this.#key()
      if (isForbiddenKey(key)) throw this.#error(`key "${key}" is not allowed`)
      keys.push(key)
    }
    if (new Set(keys).size !== count) throw this.#error('a key comes twice')
    this.#shapes.push(keys)
    return keys
  }

  #key(): string {
    const tag = this.#byte()
    if (tag >= SHORT_STRING_REF && tag < SHORT_SHAPE_REF) return this.#known(tag - SHORT_STRING_REF)
    if (tag === TAG.stringRef) return this.#known(this.#varint())
    if (tag === TAG.latin1 || tag === TAG.utf16) return this.#string(tag)
    throw this.#error('a key is not a string', this.#at - 1)
  }

  #object(keys: readonly string[]): Record<string, unknown> {
    this.#descend()
    const value: Record<string, unknown> = {}
    for (let i = 0; i < keys.length; i++) value[keys[i]!] = this.#value()
    this.#depth--
    return value
  }

  #array(): unknown[] {
    this.#descend()
    const count = this.#count(1)
    const values: unknown[] = []
    for (let i = 0; i < count; i++) values.push(this.#value())
    this.#depth--
    return values
  }

  #map(): Map<unknown, unknown> {
    this.#descend()
    const count = this.#count(2)
    const value = new Map<unknown, unknown>()
    for (let i = 0; i < count; i++) {
      const key = this.#value()
      value.set(key, this.#value())
    }
    if (value.size !== count) throw this.#error('a key of a map comes twice')
    this.#depth--
    return value
  }

  #set(): Set<unknown> {
    this.#descend()
    const count = this.#count(1)
    const value = new Set<unknown>()
    for (let i = 0; i < count; i++) value.add(this.#value())
    if (value.size !== count) throw this.#error('a value of a set comes twice')
    this.#depth--
    return value
  }

  #typedArray(): unknown {
    const kind = TYPED_ARRAYS[this.#byte()]
    const size = this.#varint()
    if (kind === undefined || size % kind.unit !== 0) throw this.#error('not a typed array')
    const from = this.#take(size)
    if (this.#asViews && kind.name === 'Uint8Array') {
      const { buffer, byteOffset } = this.#bytes
      return new Uint8Array(buffer, byteOffset + from, size)
    }
    const memory = new ArrayBuffer(size)
    new Uint8Array(memory).set(this.#bytes.subarray(from, from + size))
    return kind.make(memory)
  }

  #valueClass(): unknown {
    const kind = VALUE_CLASSES[this.#varint()]
    this.#descend()
    const data = kind === undefined ? undefined : this.#value()
    if (kind?.accepts(data) !== true) throw this.#error(`not a ${kind?.name ?? 'known class'}`)
    this.#depth--
    return kind.unpack(data as never) // `accepts` has just held.
  }

  #descend(): void {
    if (++this.#depth > this.#maxDepth) throw this.#error(`nested deeper than ${this.#maxDepth} levels`)
  }

  /** A number of values that take `unit` bytes at least. */
  #count(unit: number): number {
    const count = this.#varint()
    if (count * unit > this.#bytes.length - this.#at) throw this.#error(`${count} values do not fit`)
    return count
  }

  #varint(): number {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = this.#byte()
      value += (byte & 127) * factor
      if (byte < 128) break
      factor *= 128
      if (factor > 2 ** 49) throw this.#error('an integer is too long')
    }
    if (value > Number.MAX_SAFE_INTEGER) throw this.#error('an integer is too large')
    return value
  }

  #byte(): number {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw this.#error('the message ends early')
    this.#at++
    return byte
  }

  /** Where `size` bytes begin that are now read. */
  #take(size: number): number {
    const from = this.#at
    if (size > this.#bytes.length - from) throw this.#error('the message ends early')
    this.#at = from + size
    return from
  }

  #error(reason: string, offset: number = this.#at): EngineError {
    return new EngineError('PROTOCOL_ERROR', `malformed message: ${reason} (byte ${offset})`, {
      position: { offset },
    })
  }
}
