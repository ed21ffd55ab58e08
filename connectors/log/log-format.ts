import { crc32 } from 'node:zlib'

/**
 * How records lie in a segment of a log: appended batches, each whole or not there. Little-endian.
 *
 * ```
 * batch | magic u32 | CRC-32 u32 of what follows | bytes u32, all | records u32 | flags u32 |
 *       | bytes of keys u32 | bytes of values u32 | 0 u32 |
 *       | times f64 …, ms since 1970 | lengths of keys i32 …, -1: none | lengths of values i32 … |
 *       | keys | values, a LF after each | padding to 8 |
 * ```
 *
 * The LF after each value makes values of JSON lines what the JSON scanner reads as it lies. A segment is
 * named by the offset of its first record, so a record's offset is that plus the records before it.
 */
export const BATCH_MAGIC = 0x3147_4c4d
export const HEADER_BYTES = 32
/** Of each record, beside its key and value. */
export const RECORD_BYTES = 16

/** Some value has a LF in it. */
export const HAS_BREAKS = 1

const LF = 10

/** One record, as it is appended. */
export interface LogRecord {
  readonly key: Uint8Array | string | null
  readonly value: Uint8Array | string
  /** Milliseconds since 1970; now, if it is not said. */
  readonly timestampMs?: number
}

/** What a header says. */
export interface BatchHeader {
  readonly checksum: number
  readonly bytes: number
  readonly count: number
  readonly flags: number
  readonly keyBytes: number
  readonly valueBytes: number
}

/** Records as one batch. */
export function encodeLogBatch(records: readonly LogRecord[], nowMs: number): Buffer {
  const keys = records.map(({ key }) => (key === null ? null : bytesOf(key)))
  const values = records.map(({ value }) => bytesOf(value))
  const keyBytes = keys.reduce((sum, key) => sum + (key?.length ?? 0), 0)
  const valueBytes = values.reduce((sum, value) => sum + value.length + 1, 0)
  const count = records.length
  const used = HEADER_BYTES + RECORD_BYTES * count + keyBytes + valueBytes
  const out = Buffer.alloc((used + 7) & -8)
  let at = HEADER_BYTES
  for (const { timestampMs = nowMs } of records) at = out.writeDoubleLE(timestampMs, at)
  for (const key of keys) at = out.writeInt32LE(key?.length ?? -1, at)
  for (const value of values) at = out.writeInt32LE(value.length, at)
  for (const key of keys) if (key !== null) at += put(out, key, at)
  let flags = 0
  for (const value of values) {
    if (value.includes(LF)) flags |= HAS_BREAKS
    at += put(out, value, at)
    out[at++] = LF
  }
  out.writeUInt32LE(BATCH_MAGIC, 0)
  out.writeUInt32LE(out.length, 8)
  out.writeUInt32LE(count, 12)
  out.writeUInt32LE(flags, 16)
  out.writeUInt32LE(keyBytes, 20)
  out.writeUInt32LE(valueBytes, 24)
  out.writeUInt32LE(crc32(out.subarray(8)), 4)
  return out
}

/** The header at the start of some bytes; null if a batch cannot begin so. */
export function headerOf(bytes: Uint8Array): BatchHeader | null {
  if (bytes.length < HEADER_BYTES) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES)
  if (view.getUint32(0, true) !== BATCH_MAGIC) return null
  const header = {
    checksum: view.getUint32(4, true),
    bytes: view.getUint32(8, true),
    count: view.getUint32(12, true),
    flags: view.getUint32(16, true),
    keyBytes: view.getUint32(20, true),
    valueBytes: view.getUint32(24, true),
  }
  const used = HEADER_BYTES + RECORD_BYTES * header.count + header.keyBytes + header.valueBytes
  return header.count > 0 && header.bytes === ((used + 7) & -8) ? header : null
}

/** Whether the bytes of a batch are those that were written. */
export function isWhole(batch: Uint8Array, { checksum }: BatchHeader): boolean {
  return crc32(batch.subarray(8)) === checksum
}

function bytesOf(value: Uint8Array | string): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value) : value
}

function put(out: Buffer, bytes: Uint8Array, at: number): number {
  out.set(bytes, at)
  return bytes.length
}
