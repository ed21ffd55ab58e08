import { getBit, shortHashes, type Vector } from '../batch/index.ts'
import { insertKeyBits, insertKeyBloom, type KeySet, keyRange, testKeys } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { DataType } from '../types/index.ts'
import { type IntegerColumn, integersOf, isIntegerKey } from './join-keys.ts'

/**
 * The keys of a join's build side as a filter for scans of the other side: rows that do not pass find no
 * match; some that pass find none either. Plain data over the arena. `keys` null: nothing passes.
 */
export interface JoinFilter {
  readonly keys: KeySet | null
  /** Keys that are not integers are tested by their hash. */
  readonly isHashed: boolean
}

/** Most bits of an exact filter per key, and such that cost nothing. */
const BITS_PER_KEY = 256
const BITS = 1 << 23
/** Bits of a bloom filter per key: of other keys about one in a hundred passes. */
const BLOOM_BITS_PER_KEY = 16
/** The range of all hashes. */
const HASH_RANGE = [-(2n ** 31n), 2n ** 32n] as const

/** The filter of one key column, in `region`. */
export function buildJoinFilter(
  key: Vector,
  type: DataType,
  rowCount: number,
  region: Region,
  scratch: Region,
): JoinFilter {
  if (key.nullCount === rowCount) return { keys: null, isHashed: false }
  if (!isIntegerKey(type)) return hashFilter(key, rowCount, region, scratch)
  const spec = region.int64(2)
  const column = integersOf(key, scratch)
  keyRange(region.pool, column.values, column.validity, rowCount, spec)
  spec[1] = spec[1]! - spec[0]! + 1n
  const size = BigInt.asUintN(64, spec[1])
  if (size === 0n) return hashFilter(key, rowCount, region, scratch) // The range of all 64 bits.
  if (size > Math.max(BITS, rowCount * BITS_PER_KEY))
    return { keys: { spec, bits: null, bloom: bloomOf(column, rowCount, region) }, isHashed: false }
  const bits = region.bitmap(Number(size))
  insertKeyBits(region.pool, column, rowCount, spec, bits)
  return { keys: { spec, bits, bloom: null }, isHashed: false }
}

function hashFilter(key: Vector, rowCount: number, region: Region, scratch: Region): JoinFilter {
  const spec = region.int64(2)
  spec.set(HASH_RANGE)
  const bloom = bloomOf(hashesOf(key, rowCount, scratch), rowCount, region)
  return { keys: { spec, bits: null, bloom }, isHashed: true }
}

function hashesOf(key: Vector, rowCount: number, region: Region): IntegerColumn {
  return { values: shortHashes([key], rowCount, region), validity: key.validity }
}

function bloomOf(column: IntegerColumn, rowCount: number, region: Region): BigInt64Array {
  const bloom = region.int64(Math.ceil((rowCount * BLOOM_BITS_PER_KEY) / 64) + 1).fill(0n)
  insertKeyBloom(region.pool, column, rowCount, bloom)
  return bloom
}

/**
 * Those of `rows` (null: all of [0, count)) that pass, into `out`, in order; gives their number. `out` may be
 * `rows`.
 */
export function applyJoinFilter(
  { keys, isHashed }: JoinFilter,
  column: Vector,
  rows: Int32Array | null,
  count: number,
  out: Int32Array,
  scratch: Region,
): number {
  if (keys === null) return 0
  if (column.encoding === 'dictionary' && column.dictionary.length * 2 <= count) {
    const passing = entriesThatPass({ keys, isHashed }, column.dictionary, scratch)
    return testCodes(column.codes, column.validity, rows, count, passing, out)
  }
  const tested = isHashed ? hashesOf(column, column.length, scratch) : integersOf(column, scratch)
  return testKeys(scratch.pool, tested, rows, count, keys, out)
}

/** A byte an entry of a dictionary: whether it passes. */
function entriesThatPass(filter: JoinFilter, dictionary: Vector, scratch: Region): Uint8Array {
  const { length } = dictionary
  const passing = new Uint8Array(length)
  const rows = scratch.int32(length)
  const count = applyJoinFilter(filter, dictionary, null, length, rows, scratch)
  for (let i = 0; i < count; i++) passing[rows[i]!] = 1
  return passing
}

function testCodes(
  codes: Int32Array,
  validity: Uint8Array | null,
  rows: Int32Array | null,
  count: number,
  passing: Uint8Array,
  out: Int32Array,
): number {
  let kept = 0
  for (let i = 0; i < count; i++) {
    const row = rows === null ? i : rows[i]!
    out[kept] = row
    if (passing[codes[row]!] === 1 && (validity === null || getBit(validity, row))) kept++
  }
  return kept
}
