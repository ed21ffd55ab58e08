/**
 * Kafka's wire format as far as we speak it: versions of requests without "flexible" fields. Big-endian;
 * strings have a length of 16 bits, bytes and arrays one of 32.
 * https://kafka.apache.org/protocol
 */
export class RequestWriter {
  #bytes = Buffer.alloc(256)
  #length = 0

  int8(value: number): this {
    this.#length = this.#room(1).writeInt8(value, this.#length)
    return this
  }

  int16(value: number): this {
    this.#length = this.#room(2).writeInt16BE(value, this.#length)
    return this
  }

  int32(value: number): this {
    this.#length = this.#room(4).writeInt32BE(value, this.#length)
    return this
  }

  int64(value: number): this {
    this.#length = this.#room(8).writeBigInt64BE(BigInt(value), this.#length)
    return this
  }

  text(value: string): this {
    const bytes = Buffer.from(value)
    this.int16(bytes.length)
    this.#room(bytes.length).set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  /** Bytes with their length before them. */
  bytes(value: Uint8Array): this {
    this.int32(value.length)
    this.#room(value.length).set(value, this.#length)
    this.#length += value.length
    return this
  }

  array<T>(values: readonly T[], write: (value: T) => void): this {
    this.int32(values.length)
    for (const value of values) write(value)
    return this
  }

  /** What was written so far. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  #room(bytes: number): Buffer {
    if (this.#length + bytes > this.#bytes.length) {
      const larger = Buffer.alloc(2 * (this.#length + bytes))
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    return this.#bytes
  }
}

/** Reads an answer from its start; a RangeError where it ends too early. */
export class ResponseReader {
  readonly #view: DataView
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  int8(): number {
    return this.#view.getInt8(this.#skip(1))
  }

  int16(): number {
    return this.#view.getInt16(this.#skip(2))
  }

  int32(): number {
    return this.#view.getInt32(this.#skip(4))
  }

  int64(): number {
    return Number(this.#view.getBigInt64(this.#skip(8)))
  }

  /** null: there is none. */
  text(): string | null {
    const length = this.int16()
    if (length < 0) return null
    const start = this.#skip(length)
    // Text decoders refuse memory that threads share.
    return new TextDecoder().decode(this.#bytes.slice(start, start + length))
  }

  /** The bytes where they lie; none for null. */
  bytes(): Uint8Array {
    const length = Math.max(0, this.int32())
    const start = this.#skip(length)
    return this.#bytes.subarray(start, start + length)
  }

  array<T>(read: () => T): readonly T[] {
    const length = Math.max(0, this.int32())
    // Each entry has a byte at least, so a damaged length ends at the end of the bytes.
    const values: T[] = []
    for (let i = 0; i < length; i++) values.push(read())
    return values
  }

  #skip(bytes: number): number {
    const start = this.#at
    if (bytes < 0 || start + bytes > this.#bytes.length)
      throw new RangeError(`an answer of Kafka ends at byte ${this.#bytes.length} of ${start + bytes}`)
    this.#at = start + bytes
    return start
  }
}
