import { EngineError } from '../../engine/errors.ts'
import { VALUE_CLASSES, valueClassIndex } from '../../engine/types/index.ts'
import {
  isForbiddenKey,
  MAX_BIGINT_BYTES,
  MAX_DEPTH,
  MAX_NUMBERED_LENGTH,
  MIN_NUMBERED_LENGTH,
  SHORT_SHAPE_REF,
  SHORT_SHAPE_REFS,
  SHORT_STRING_REF,
  SHORT_STRING_REFS,
  TAG,
  TYPED_ARRAYS,
} from './plain-tags.ts'

const FIRST_BYTES = 1 << 16
/** A buffer larger than this is not kept for the next message. */
const KEPT_BYTES = 1 << 22

/** Objects with the same keys in the same order share a shape; this is the tree of the keys seen so far. */
interface ShapeNode {
  /** The shape that ends here, -1 if none does. */
  id: number
  next: Map<string, ShapeNode> | null
}

let kept: Buffer | null = null

/** Writes one value; see plain.ts for what it takes and plain-tags.ts for the form. */
export class PlainWriter {
  #buffer: Buffer
  #end = 0
  #strings: Map<string, number> | null = null
  #shapes: ShapeNode | null = null
  #shapeCount = 0
  #depth = 0

  private constructor() {
    this.#buffer = kept ?? Buffer.allocUnsafeSlow(FIRST_BYTES)
    kept = null
  }

  static encode(value: unknown): Uint8Array {
    const writer = new PlainWriter()
    try {
      writer.#value(value)
      return new Uint8Array(writer.#buffer.subarray(0, writer.#end))
    } finally {
      if (writer.#buffer.length <= KEPT_BYTES) kept = writer.#buffer
    }
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case 'number':
        return this.#number(value)
      case 'string':
        return this.#string(value)
      case 'boolean':
        return this.#byte(value ? TAG.true : TAG.false)
      case 'undefined':
        return this.#byte(TAG.undefined)
      case 'bigint':
        return this.#bigint(value)
      case 'object':
        if (value === null) return this.#byte(TAG.null)
        if (++this.#depth > MAX_DEPTH) throw refused(`a value nested deeper than ${MAX_DEPTH} levels`)
        if (Array.isArray(value)) this.#array(value)
        else this.#object(value)
        this.#depth--
        return
      default:
        throw refused(`a ${typeof value}`)
    }
  }

  #number(value: number): void {
    if (value >= 0 && value < 128 && value === (value | 0) && !Object.is(value, -0)) return this.#byte(value)
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.#byte(value >= 0 ? TAG.integer : TAG.negative)
      return this.#varint(value >= 0 ? value : -1 - value)
    }
    this.#byte(TAG.double)
    this.#double(value)
  }

  #bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.#byte(TAG.bigint64)
      this.#reserve(8)
      this.#end = this.#buffer.writeBigInt64LE(value, this.#end)
      return
    }
    const digits = (value < 0n ? -value : value).toString(16)
    const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
    if (bytes.length > MAX_BIGINT_BYTES) throw refused(`an integer of ${bytes.length} bytes`)
    this.#byte(TAG.bigint)
    this.#byte(value < 0n ? 1 : 0)
    this.#varint(bytes.length)
    this.#bytes(bytes)
  }

  #string(value: string): void {
    const length = value.length
    if (length >= MIN_NUMBERED_LENGTH && length <= MAX_NUMBERED_LENGTH) {
      this.#strings ??= new Map()
      const known = this.#strings.get(value)
      if (known !== undefined) {
        if (known < SHORT_STRING_REFS) return this.#byte(SHORT_STRING_REF + known)
        this.#byte(TAG.stringRef)
        return this.#varint(known)
      }
      this.#strings.set(value, this.#strings.size)
    }
    const oneByteEach = isLatin1(value)
    this.#byte(oneByteEach ? TAG.latin1 : TAG.utf16)
    this.#varint(length)
    this.#reserve(oneByteEach ? length : 2 * length)
    this.#end += this.#buffer.write(value, this.#end, oneByteEach ? 'latin1' : 'utf16le')
  }

  #array(value: readonly unknown[]): void {
    this.#byte(TAG.array)
    this.#varint(value.length)
    for (let i = 0; i < value.length; i++) this.#value(value[i])
  }

  #object(value: object): void {
    const prototype: unknown = Object.getPrototypeOf(value)
    // The cast holds: both prototypes are those of plain objects.
    if (prototype === Object.prototype || prototype === null)
      return this.#plainObject(value as Record<string, unknown>)
    if (value instanceof Map) return this.#map(value)
    if (value instanceof Set) return this.#set(value)
    if (value instanceof Date) {
      this.#byte(TAG.date)
      return this.#double(value.getTime())
    }
    if (ArrayBuffer.isView(value)) return this.#view(value)
    if (value instanceof ArrayBuffer) return this.#memory('ArrayBuffer', new Uint8Array(value))
    const index = valueClassIndex(value)
    if (index < 0) throw refused(`an object of class ${value.constructor?.name ?? 'of its own'}`)
    this.#byte(TAG.valueClass)
    this.#varint(index)
    this.#value(VALUE_CLASSES[index]!.pack(value as never)) // Its own `is` has just held.
  }

  #plainObject(value: Record<string, unknown>): void {
    const keys = Object.keys(value)
    this.#shapes ??= { id: -1, next: null }
    let node = this.#shapes
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!
      node.next ??= new Map()
      let next = node.next.get(key)
      if (next === undefined) {
        next = { id: -1, next: null }
        node.next.set(key, next)
      }
      node = next
    }
    if (node.id >= 0) this.#shapeRef(node.id)
    else this.#newShape(node, keys, value)
    for (let i = 0; i < keys.length; i++) this.#value(value[keys[i]!])
  }

  #shapeRef(id: number): void {
    if (id < SHORT_SHAPE_REFS) return this.#byte(SHORT_SHAPE_REF + id)
    this.#byte(TAG.shapeRef)
    this.#varint(id)
  }

  #newShape(node: ShapeNode, keys: readonly string[], value: object): void {
    for (const key of keys) if (isForbiddenKey(key)) throw refused(`an object with a key "${key}"`)
    if (Object.getOwnPropertySymbols(value).length > 0) throw refused('an object with a symbol as key')
    node.id = this.#shapeCount++
    this.#byte(TAG.newShape)
    this.#varint(keys.length)
    for (const key of keys) this.#string(key)
  }

  #map(value: ReadonlyMap<unknown, unknown>): void {
    this.#byte(TAG.map)
    this.#varint(value.size)
    for (const [key, each] of value) {
      this.#value(key)
      this.#value(each)
    }
  }

  #set(value: ReadonlySet<unknown>): void {
    this.#byte(TAG.set)
    this.#varint(value.size)
    for (const each of value) this.#value(each)
  }

  #view(value: ArrayBufferView): void {
    const name = value instanceof DataView ? 'DataView' : nameOfView(value)
    this.#memory(name, new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  }

  #memory(name: string, bytes: Uint8Array): void {
    const index = TYPED_ARRAYS.findIndex((each) => each.name === name)
    if (index < 0) throw refused(`an object of class ${name}`)
    this.#byte(TAG.typedArray)
    this.#byte(index)
    this.#varint(bytes.length)
    this.#bytes(bytes)
  }

  #byte(value: number): void {
    if (this.#end >= this.#buffer.length) this.#reserve(1)
    this.#buffer[this.#end++] = value
  }

  #varint(value: number): void {
    this.#reserve(8)
    const buffer = this.#buffer
    let rest = value
    while (rest > 0x7fffffff) {
      buffer[this.#end++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    while (rest > 127) {
      buffer[this.#end++] = (rest & 127) | 128
      rest >>>= 7
    }
    buffer[this.#end++] = rest
  }

  #double(value: number): void {
    this.#reserve(8)
    this.#end = this.#buffer.writeDoubleLE(value, this.#end)
  }

  #bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#end)
    this.#end += bytes.length
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, this.#end + bytes))
    this.#buffer.copy(larger, 0, 0, this.#end)
    this.#buffer = larger
  }
}

function isLatin1(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 255) return false
  return true
}

/** The name of the class that the language gave it, also for Buffer. */
function nameOfView(value: ArrayBufferView): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}

function refused(what: string): EngineError {
  return new EngineError('INVALID_ARGUMENT', `${what} cannot travel between processes`, {
    hint: 'Values must be plain data: numbers, strings, arrays, plain objects, typed arrays, Map, Set, Date.',
  })
}
