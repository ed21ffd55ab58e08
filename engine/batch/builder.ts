import { EngineError } from '../errors.ts'
import type { Region } from '../memory/index.ts'
import { type DataType, mapEntryType, type Value } from '../types/index.ts'
import { clearBit, setBit } from './bitmap.ts'
import {
  allocateFixed,
  bytesVector,
  fixedVector,
  lanesOf,
  listVector,
  nullVector,
  structVector,
} from './make-vector.ts'
import { asBuffer } from './text.ts'
import type { FixedArray, FlatVector } from './vector.ts'

/** Collects values row by row. The slow, general way: kernels write typed arrays themselves. */
export interface VectorBuilder {
  /** Rows so far. */
  readonly length: number
  append(value: Value): void
  /** The vector of all rows so far. The builder must not be used after. */
  finish(): FlatVector
}

/** A builder for any type; `capacity` is a guess, it grows. Buffers come from `region`. */
export function vectorBuilder(type: DataType, region: Region, capacity = 1024): VectorBuilder {
  if (type.kind === 'null') return new NullBuilder(region)
  if (type.kind === 'string' || type.kind === 'binary') return new BytesBuilder(type, region, capacity)
  if (type.kind === 'list' || type.kind === 'map') return new ListBuilder(type, region, capacity)
  if (type.kind === 'struct') return new StructBuilder(type, region, capacity)
  return new FixedBuilder(type, region, capacity)
}

class NullBuilder implements VectorBuilder {
  length = 0
  readonly #region: Region

  constructor(region: Region) {
    this.#region = region
  }

  append(_value: Value): void {
    this.length++
  }

  finish(): FlatVector {
    return nullVector(this.length, this.#region)
  }
}

/** Validity that exists only from the first NULL on. */
class ValidityBuilder {
  bits: Uint8Array | null = null
  readonly #region: Region

  constructor(region: Region) {
    this.#region = region
  }

  /** Marks row `row` of a builder that has room for `capacity` rows. */
  markNull(row: number, capacity: number): void {
    if (this.bits === null) this.bits = this.#region.bitmap(capacity, true)
    clearBit(this.bits, row)
  }

  grow(capacity: number): void {
    if (this.bits === null) return
    const larger = this.#region.bitmap(capacity, true)
    larger.set(this.bits)
    this.bits = larger
  }
}

class FixedBuilder implements VectorBuilder {
  length = 0
  readonly #type: DataType
  readonly #region: Region
  readonly #validity: ValidityBuilder
  readonly #lanes: 1 | 2
  #capacity: number
  #values: FixedArray

  constructor(type: DataType, region: Region, capacity: number) {
    this.#type = type
    this.#region = region
    this.#validity = new ValidityBuilder(region)
    this.#lanes = lanesOf(type)
    this.#capacity = Math.max(8, capacity)
    this.#values = allocateFixed(type, this.#capacity, region, this.#lanes)
    if (!(this.#values instanceof BigInt64Array)) this.#values.fill(0)
    else this.#values.fill(0n)
  }

  append(value: Value): void {
    const row = this.length++
    if (row === this.#capacity) this.#grow()
    if (value === null) this.#validity.markNull(row, this.#capacity)
    else if (this.#lanes === 2) {
      const lanes = this.#values as BigInt64Array
      lanes[2 * row] = BigInt.asIntN(64, value as bigint)
      lanes[2 * row + 1] = (value as bigint) >> 64n
    } else if (this.#type.kind === 'boolean') {
      if (value === true) setBit(this.#values as Uint8Array, row)
    } else this.#values[row] = value as never
  }

  finish(): FlatVector {
    const { length } = this
    const values = this.#values.subarray(
      0,
      this.#type.kind === 'boolean' ? (length + 7) >> 3 : length * this.#lanes,
    )
    return fixedVector(this.#type, length, values, this.#validity.bits, this.#lanes)
  }

  #grow(): void {
    this.#capacity *= 2
    const larger = allocateFixed(this.#type, this.#capacity, this.#region, this.#lanes)
    if (!(larger instanceof BigInt64Array)) larger.fill(0)
    else larger.fill(0n)
    larger.set(this.#values as never)
    this.#values = larger
    this.#validity.grow(this.#capacity)
  }
}

/** Longest column of strings in one batch: offsets are int32. */
const MAX_BYTES = 2 ** 31 - 1

class BytesBuilder implements VectorBuilder {
  length = 0
  readonly #type: DataType
  readonly #region: Region
  readonly #validity: ValidityBuilder
  #capacity: number
  #offsets: Int32Array
  #bytes: Buffer
  #used = 0

  constructor(type: DataType, region: Region, capacity: number) {
    this.#type = type
    this.#region = region
    this.#validity = new ValidityBuilder(region)
    this.#capacity = Math.max(8, capacity)
    this.#offsets = region.int32(this.#capacity + 1)
    this.#offsets[0] = 0
    this.#bytes = asBuffer(region.uint8(this.#capacity * 16))
  }

  append(value: Value): void {
    const row = this.length++
    if (row === this.#capacity) this.#growRows()
    if (value === null) this.#validity.markNull(row, this.#capacity)
    else if (typeof value === 'string') this.#appendText(value)
    else this.#appendBytes(value as Uint8Array)
    this.#offsets[row + 1] = this.#used
  }

  finish(): FlatVector {
    const offsets = this.#offsets.subarray(0, this.length + 1)
    // Not a Buffer, whose `slice` would share the arena instead of copying.
    const bytes = new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#used)
    return bytesVector(this.#type, this.length, offsets, bytes, this.#validity.bits)
  }

  #appendText(text: string): void {
    this.#need(text.length * 3)
    this.#used += this.#bytes.write(text, this.#used, 'utf8')
  }

  #appendBytes(bytes: Uint8Array): void {
    this.#need(bytes.length)
    this.#bytes.set(bytes, this.#used)
    this.#used += bytes.length
  }

  #need(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return
    if (this.#used + bytes > MAX_BYTES)
      throw new EngineError('RESOURCES_EXHAUSTED', 'a batch holds more than 2 GiB of text in one column')
    const size = Math.min(MAX_BYTES, Math.max(this.#bytes.length * 2, this.#used + bytes))
    const larger = asBuffer(
      new Uint8Array(this.#region.pool.buffer, this.#region.allocateGrowing(size), size),
    )
    larger.set(this.#bytes.subarray(0, this.#used))
    this.#region.giveBack(this.#bytes.byteOffset)
    this.#bytes = larger
  }

  #growRows(): void {
    this.#capacity *= 2
    const larger = this.#region.int32(this.#capacity + 1)
    larger.set(this.#offsets)
    this.#offsets = larger
    this.#validity.grow(this.#capacity)
  }
}

class ListBuilder implements VectorBuilder {
  length = 0
  readonly #type: DataType
  readonly #region: Region
  readonly #validity: ValidityBuilder
  readonly #child: VectorBuilder
  #capacity: number
  #offsets: Int32Array

  constructor(type: DataType & { kind: 'list' | 'map' }, region: Region, capacity: number) {
    this.#type = type
    this.#region = region
    this.#validity = new ValidityBuilder(region)
    this.#child = vectorBuilder(type.kind === 'map' ? mapEntryType(type) : type.element, region, capacity * 2)
    this.#capacity = Math.max(8, capacity)
    this.#offsets = region.int32(this.#capacity + 1)
    this.#offsets[0] = 0
  }

  append(value: Value): void {
    const row = this.length++
    if (row === this.#capacity) this.#grow()
    if (value === null) this.#validity.markNull(row, this.#capacity)
    else for (const element of value as readonly Value[]) this.#child.append(element)
    this.#offsets[row + 1] = this.#child.length
  }

  finish(): FlatVector {
    const offsets = this.#offsets.subarray(0, this.length + 1)
    return listVector(this.#type, this.length, offsets, this.#child.finish(), this.#validity.bits)
  }

  #grow(): void {
    this.#capacity *= 2
    const larger = this.#region.int32(this.#capacity + 1)
    larger.set(this.#offsets)
    this.#offsets = larger
    this.#validity.grow(this.#capacity)
  }
}

class StructBuilder implements VectorBuilder {
  length = 0
  readonly #type: DataType
  readonly #validity: ValidityBuilder
  readonly #children: readonly VectorBuilder[]
  #capacity: number

  constructor(type: DataType & { kind: 'struct' }, region: Region, capacity: number) {
    this.#type = type
    this.#validity = new ValidityBuilder(region)
    this.#children = type.fields.map((field) => vectorBuilder(field.type, region, capacity))
    this.#capacity = Math.max(8, capacity)
  }

  append(value: Value): void {
    const row = this.length++
    if (row === this.#capacity) {
      this.#capacity *= 2
      this.#validity.grow(this.#capacity)
    }
    if (value === null) this.#validity.markNull(row, this.#capacity)
    const members = value as readonly Value[] | null
    this.#children.forEach((child, index) => {
      child.append(members === null ? null : (members[index] ?? null))
    })
  }

  finish(): FlatVector {
    const children = this.#children.map((child) => child.finish())
    return structVector(this.#type, this.length, children, this.#validity.bits)
  }
}
