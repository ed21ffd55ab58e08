import { EngineError } from '../../engine/errors.ts'
import { crc32c } from '../../engine/kernels/index.ts'
import type { MemoryPool } from '../../engine/memory/index.ts'

/**
 * A batch of records as it lies in an answer (magic 2):
 *
 * ```
 * base offset i64 | length i32 of what follows | leader epoch i32 | magic i8 | CRC-32C u32 of what follows |
 * attributes i16 | last offset delta i32 | first time i64 | last time i64 | producer i64 | its epoch i16 |
 * its sequence i32 | records i32 | the records, compressed as the attributes say
 * ```
 * https://kafka.apache.org/documentation/#recordbatch
 */
export interface BatchHeader {
  readonly baseOffset: number
  /** Offset behind its last record, also of one that compaction took. */
  readonly nextOffset: number
  readonly count: number
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly compression: number
  readonly isTransactional: boolean
  /** It only says how a transaction ended. */
  readonly isControl: boolean
  readonly producerId: number
  readonly firstTime: number
  /** The time of each record, if brokers set it as they append; null: records have their own. */
  readonly appendTime: number | null
  /** Bytes of its records in the answer. */
  readonly start: number
  readonly end: number
}

/** A transaction that was given up, and where it began. */
export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

const LENGTH_AT = 8
const MAGIC_AT = 16
const CRC_AT = 17
const CHECKED_AT = 21
const RECORDS_AT = 61

/**
 * Headers of the whole batches of an answer; the last may be cut off and is left out then. BLOCK_CORRUPT,
 * with the offset, if one has not its checksum. `tables` are those of the CRC kernel; all lies in the arena.
 */
export function batchHeaders(
  records: Uint8Array,
  pool: MemoryPool,
  tables: Uint8Array,
  place: string,
): readonly BatchHeader[] {
  const view = new DataView(records.buffer, records.byteOffset, records.length)
  const headers: BatchHeader[] = []
  for (let at = 0; at + RECORDS_AT <= records.length; ) {
    const end = at + LENGTH_AT + 4 + view.getInt32(at + LENGTH_AT)
    if (end > records.length) break
    const baseOffset = Number(view.getBigInt64(at))
    if (view.getInt8(at + MAGIC_AT) !== 2)
      throw new EngineError(
        'UNSUPPORTED_FEATURE',
        `records of Kafka's old formats (${place} at ${baseOffset})`,
      )
    if (
      end < at + RECORDS_AT ||
      !isWhole(records.subarray(at, end), view.getUint32(at + CRC_AT), pool, tables)
    )
      throw new EngineError('BLOCK_CORRUPT', `${place} is damaged at offset ${baseOffset}: wrong checksum`)
    headers.push(headerAt(view, at, end, baseOffset))
    at = end
  }
  return headers
}

function isWhole(batch: Uint8Array, checksum: number, pool: MemoryPool, tables: Uint8Array): boolean {
  return crc32c(pool, batch.subarray(CHECKED_AT), tables) === checksum
}

function headerAt(view: DataView, at: number, end: number, baseOffset: number): BatchHeader {
  const attributes = view.getInt16(at + 21)
  return {
    baseOffset,
    nextOffset: baseOffset + view.getInt32(at + 23) + 1,
    count: view.getInt32(at + 57),
    compression: attributes & 7,
    isTransactional: (attributes & 16) !== 0,
    isControl: (attributes & 32) !== 0,
    producerId: Number(view.getBigInt64(at + 43)),
    firstTime: Number(view.getBigInt64(at + 27)),
    appendTime: (attributes & 8) === 0 ? null : Number(view.getBigInt64(at + 35)),
    start: at + RECORDS_AT,
    end,
  }
}

/** The batches whose records count: no control batches, nothing of aborted transactions. */
export function batchesThatCount(
  headers: readonly BatchHeader[],
  aborted: readonly AbortedTransaction[],
): readonly BatchHeader[] {
  const begins = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset)
  const open = new Set<number>()
  let next = 0
  return headers.filter((header) => {
    for (; next < begins.length && begins[next]!.firstOffset < header.nextOffset; next++)
      open.add(begins[next]!.producerId)
    // Whether it ends a transaction well or not: the next of the same producer is another.
    if (header.isControl) open.delete(header.producerId)
    return !header.isControl && header.count > 0 && !(header.isTransactional && open.has(header.producerId))
  })
}
