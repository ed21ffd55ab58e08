import {
  bytesVector,
  clearBit,
  constantVector,
  fixedVector,
  type RecordBatch,
  type Vector,
} from '../../engine/batch/index.ts'
import type { Region } from '../../engine/memory/index.ts'
import { type Field, types } from '../../engine/types/index.ts'
import type { FetchedRecords } from './record-batch.ts'

/** Columns that tell where a record came from, beside those of its payload. */
export const RECORD_FIELDS: readonly Field[] = [
  { name: '_key', type: types.binary, nullable: true },
  { name: '_topic', type: types.string, nullable: false },
  { name: '_partition', type: types.int32, nullable: false },
  { name: '_offset', type: types.int64, nullable: false },
  { name: '_timestamp', type: types.timestamp, nullable: false },
]

/** Columns of records whose payload is not looked into, as Spark names them. */
export const RAW_FIELDS: readonly Field[] = [
  { name: 'key', type: types.binary, nullable: true },
  { name: 'value', type: types.binary, nullable: true },
  { name: 'topic', type: types.string, nullable: false },
  { name: 'partition', type: types.int32, nullable: false },
  { name: 'offset', type: types.int64, nullable: false },
  { name: 'timestamp', type: types.timestamp, nullable: false },
]

/**
 * Columns of the records of a batch, by the names of RAW_FIELDS (or RECORD_FIELDS); `rows`: which; null: all.
 */
export function recordColumns(
  records: FetchedRecords,
  names: readonly string[],
  rows: Int32Array | null,
  region: Region,
): RecordBatch {
  const rowCount = rows?.length ?? records.count
  const columns = names.map((name) => recordColumn(records, name.replace(/^_/, ''), rows, rowCount, region))
  return { rowCount, columns }
}

function recordColumn(
  records: FetchedRecords,
  name: string,
  rows: Int32Array | null,
  rowCount: number,
  region: Region,
): Vector {
  const rowAt = (index: number): number => (rows === null ? index : rows[index]!)
  switch (name) {
    case 'partition':
      return constantVector(types.int32, records.partition, rowCount, region)
    case 'offset': {
      const values = region.int64(rowCount)
      for (let i = 0; i < rowCount; i++) values[i] = BigInt(records.firstOffset + rowAt(i))
      return fixedVector(types.int64, rowCount, values)
    }
    case 'timestamp': {
      const values = region.int64(rowCount)
      for (let i = 0; i < rowCount; i++) values[i] = BigInt(1000 * records.times[rowAt(i)]!)
      return fixedVector(types.timestamp, rowCount, values)
    }
    case 'topic':
      return constantVector(types.string, records.topic, rowCount, region)
    case 'key':
      return bytesColumn(records.keys, records.keyLengths, 0, rows, rowCount, region)
    default:
      return bytesColumn(records.values, records.valueLengths, 1, rows, rowCount, region)
  }
}

/** `gap`: bytes between two values. */
function bytesColumn(
  bytes: Uint8Array,
  lengths: Int32Array,
  gap: number,
  rows: Int32Array | null,
  rowCount: number,
  region: Region,
): Vector {
  const offsets = region.int32(rowCount + 1)
  const validity = region.bitmap(rowCount).fill(0xff)
  const out = region.uint8(bytes.length)
  let [at, end, next, nullCount] = [0, 0, 0, 0]
  offsets[0] = 0
  for (let record = 0; next < rowCount; record++) {
    const length = lengths[record]!
    if ((rows === null ? next : rows[next]!) === record) {
      if (length < 0) {
        clearBit(validity, next)
        nullCount++
      } else {
        out.set(bytes.subarray(at, at + length), end)
        end += length
      }
      offsets[++next] = end
    }
    at += Math.max(0, length) + gap
  }
  return bytesVector(types.binary, rowCount, offsets, out, nullCount === 0 ? null : validity)
}
