import { EngineError } from '../../engine/errors.ts'
import type { FetchedRecords } from '../payload/index.ts'
import type { BatchHeader } from './batch-headers.ts'
import type { TopicPartition } from './cluster.ts'

const LF = 10

/** The wanted offsets of a partition: [from, to). */
export interface OffsetRange extends TopicPartition {
  readonly from: number
  readonly to: number
}

/**
 * Records whose offsets follow one by one, of one or more batches. Values are moved together within the bytes
 * that they were fetched in: each lies behind where it goes, since a record has more around its value than
 * the LF that comes after it.
 */
export class RecordRun {
  readonly #range: OffsetRange
  #bytes: Uint8Array = new Uint8Array(0)
  #start = 0
  #end = 0
  #count = 0
  #firstOffset = 0
  #hasBreaks = false
  #valueLengths = new Int32Array(1024)
  #keyLengths = new Int32Array(1024)
  #times = new Float64Array(1024)
  #keys = new Uint8Array(4096)
  #keyBytes = 0
  /** Where the next varint is read. */
  #at = 0

  constructor(range: OffsetRange) {
    this.#range = range
  }

  /** The wanted records of a batch; `bytes` from `start` to `end` are its records, not compressed. */
  *add(header: BatchHeader, bytes: Uint8Array, start: number, end: number): Iterable<FetchedRecords> {
    if (bytes !== this.#bytes) {
      yield* this.finish()
      this.#bytes = bytes
    }
    this.#at = start
    for (let i = 0; i < header.count; i++) {
      const length = this.#varint()
      const next = this.#at + length
      if (length < 0 || next > end) throw malformed(this.#range, header)
      this.#at++
      const time = header.appendTime
      const timeDelta = this.#varlong()
      const offset = header.baseOffset + this.#varint()
      if (offset >= this.#range.from && offset < this.#range.to) {
        if (this.#count > 0 && offset !== this.#firstOffset + this.#count) yield* this.finish()
        if (this.#count === 0) this.#begin(offset)
        this.#put(time ?? header.firstTime + timeDelta)
        if (this.#at > next) throw malformed(this.#range, header)
      }
      this.#at = next
    }
  }

  /** What was added since the last time; good until more is added. */
  *finish(): Iterable<FetchedRecords> {
    if (this.#count === 0) return
    const count = this.#count
    const { topic, partition } = this.#range
    this.#count = 0
    yield {
      topic,
      partition,
      firstOffset: this.#firstOffset,
      count,
      values: this.#bytes.subarray(this.#start, this.#end),
      valueLengths: this.#valueLengths.subarray(0, count),
      keys: this.#keys.subarray(0, this.#keyBytes),
      keyLengths: this.#keyLengths.subarray(0, count),
      times: this.#times.subarray(0, count),
      hasBreaks: this.#hasBreaks,
    }
  }

  /** The first value goes to where its record's key begins, which is before it. */
  #begin(offset: number): void {
    this.#firstOffset = offset
    this.#start = this.#at
    this.#end = this.#at
    this.#keyBytes = 0
    this.#hasBreaks = false
  }

  /** Takes the record whose key is next. */
  #put(time: number): void {
    const index = this.#count++
    if (index === this.#times.length) this.#grow()
    this.#times[index] = time
    const bytes = this.#bytes
    const keyLength = this.#varint()
    this.#keyLengths[index] = keyLength
    if (keyLength > 0) {
      if (this.#keyBytes + keyLength > this.#keys.length) this.#keys = grown(this.#keys, keyLength)
      for (let i = 0; i < keyLength; i++) this.#keys[this.#keyBytes++] = bytes[this.#at++]!
    }
    const valueLength = this.#varint()
    this.#valueLengths[index] = valueLength
    let [from, to] = [this.#at, this.#end]
    for (const end = from + valueLength; from < end; ) {
      const byte = bytes[from++]!
      if (byte === LF) this.#hasBreaks = true
      bytes[to++] = byte
    }
    bytes[to++] = LF
    this.#at = from
    this.#end = to
  }

  #grow(): void {
    const count = 2 * this.#times.length
    const [times, keyLengths, valueLengths] = [this.#times, this.#keyLengths, this.#valueLengths]
    this.#times = new Float64Array(count)
    this.#keyLengths = new Int32Array(count)
    this.#valueLengths = new Int32Array(count)
    this.#times.set(times)
    this.#keyLengths.set(keyLengths)
    this.#valueLengths.set(valueLengths)
  }

  /** A number of up to 32 bits, the low bit its sign. */
  #varint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#at++]!
      value |= (byte & 127) << shift
      if (byte < 128) break
    }
    return (value >>> 1) ^ -(value & 1)
  }

  /** A number of up to 64 bits, the low bit its sign; exact up to 2^53. */
  #varlong(): number {
    let [value, factor] = [0, 1]
    for (let i = 0; i < 10; i++) {
      const byte = this.#bytes[this.#at++]!
      value += (byte & 127) * factor
      if (byte < 128) break
      factor *= 128
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}

function grown(bytes: Uint8Array<ArrayBuffer>, more: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * (bytes.length + more))
  larger.set(bytes)
  return larger
}

function malformed({ topic, partition }: OffsetRange, { baseOffset }: BatchHeader): EngineError {
  return new EngineError('BLOCK_CORRUPT', `the batch of ${topic}/${partition} at ${baseOffset} is malformed`)
}
