import { closeSync, openSync, readSync } from 'node:fs'
import type { SourceContext } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import type { Region } from '../../engine/memory/index.ts'
import type { FetchedRecords } from '../payload/index.ts'
import { type BatchHeader, HAS_BREAKS, HEADER_BYTES, headerOf, isWhole, RECORD_BYTES } from './log-format.ts'

/** A stretch of a segment, with whole batches: what a split is. Plain data. */
export interface LogPiece {
  readonly topic: string
  readonly partition: number
  readonly path: string
  readonly position: number
  readonly bytes: number
  /** Offset of the first record of the stretch. */
  readonly offset: number
  /** Records [from, to) of it are wanted. */
  readonly from: number
  readonly to: number
}

/**
 * The records of a piece, batch by batch, where they were read to. LOG_CORRUPT with the place if one is
 * damaged.
 */
export function* readPiece(
  piece: LogPiece,
  region: Region,
  context: SourceContext,
): Iterable<FetchedRecords> {
  region.reset()
  const bytes = region.uint8(piece.bytes)
  const descriptor = openSync(piece.path, 'r')
  try {
    for (let done = 0; done < bytes.length; ) {
      const count = readSync(descriptor, bytes, done, bytes.length - done, piece.position + done)
      if (count === 0) throw corrupt(piece, done)
      done += count
    }
  } finally {
    closeSync(descriptor)
  }
  context.count('bytesRead', bytes.length)
  let offset = piece.offset
  for (let at = 0; at < bytes.length; ) {
    const header = headerOf(bytes.subarray(at))
    const batch = header === null ? null : bytes.subarray(at, at + header.bytes)
    if (header === null || batch === null || batch.length < header.bytes || !isWhole(batch, header))
      throw corrupt(piece, at)
    const records = recordsOf(piece, batch, header, offset)
    if (records !== null) yield records
    at += header.bytes
    offset += header.count
  }
}

/** Those of a batch that are wanted; null: none. */
function recordsOf(
  { topic, partition, from, to }: LogPiece,
  batch: Uint8Array,
  { count, flags, keyBytes, valueBytes }: BatchHeader,
  offset: number,
): FetchedRecords | null {
  const [first, end] = [Math.max(0, from - offset), Math.min(count, to - offset)]
  if (first >= end) return null
  const start = batch.byteOffset + HEADER_BYTES
  const times = new Float64Array(batch.buffer, start, count)
  const keyLengths = new Int32Array(batch.buffer, start + 8 * count, count)
  const valueLengths = new Int32Array(batch.buffer, start + 12 * count, count)
  const keysAt = HEADER_BYTES + RECORD_BYTES * count
  const valuesAt = keysAt + keyBytes
  let [keyStart, valueStart] = [keysAt, valuesAt]
  for (let i = 0; i < first; i++) {
    keyStart += Math.max(0, keyLengths[i]!)
    valueStart += valueLengths[i]! + 1
  }
  let valueEnd = valuesAt + valueBytes
  for (let i = end; i < count; i++) valueEnd -= valueLengths[i]! + 1
  return {
    topic,
    partition,
    firstOffset: offset + first,
    count: end - first,
    values: batch.subarray(valueStart, valueEnd),
    valueLengths: valueLengths.subarray(first, end),
    keys: batch.subarray(keyStart, valuesAt),
    keyLengths: keyLengths.subarray(first, end),
    times: times.subarray(first, end),
    hasBreaks: (flags & HAS_BREAKS) !== 0,
  }
}

function corrupt({ path, position }: LogPiece, at: number): EngineError {
  const offset = position + at
  return new EngineError('CORRUPT_FILE', `"${path}" is damaged at byte ${offset}`, {
    position: { file: path, offset },
    hint: 'The batch there does not have its checksum. Restore the file from a copy.',
  })
}
