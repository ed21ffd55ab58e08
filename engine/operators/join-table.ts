import { type RecordBatch, take, type Vector } from '../batch/index.ts'
import { type EvalContext, evaluatePredicate } from '../evaluate/index.ts'
import type { Expr } from '../expr/index.ts'
import {
  FIND_SCRATCH_BYTES,
  findBits,
  findDirect,
  findHash32,
  findHash64,
  insertBits,
  insertDirect,
  insertHash,
} from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import type { DataType } from '../types/index.ts'
import { buildJoinFilter, type JoinFilter } from './join-filter.ts'
import { codesOf, type JoinCodes, type JoinKeyForm, keyFormOf } from './join-keys.ts'

/**
 * The rows of a join's build side by key: plain data over the arena, so that any number of threads probe one
 * table. Rows of one key form a chain in their order; `next` is null where no key comes twice.
 */
export interface JoinTable {
  readonly kind: 'table'
  /** The build rows. Without columns if the join only asks which keys there are. */
  readonly build: RecordBatch
  readonly nullSafe: readonly boolean[]
  readonly form: JoinKeyForm
  /**
   * Whether all rows of a chain have one key. Else, as different keys may share a hash, every pair has to be
   * compared.
   */
  readonly isExact: boolean
  readonly lookup: JoinLookup
  readonly next: Int32Array | null
  /** Whether a build row has a NULL among its keys; for NOT IN. */
  readonly hasNullKey: boolean
  readonly marks: JoinMarks | null
  /** By key: what scans of the other side test their rows by. */
  readonly filters: ReadonlyMap<number, JoinFilter>
}

/** How codes are found; see kernels/assembly/join-table.ts. */
export type JoinLookup =
  | { readonly kind: 'none' }
  | { readonly kind: 'direct'; readonly heads: Int32Array }
  | { readonly kind: 'bits'; readonly bits: Uint8Array }
  | { readonly kind: 'hash32'; readonly slots: Int32Array }
  | { readonly kind: 'hash64'; readonly slots: Int32Array; readonly codes: BigInt64Array }

/**
 * Which build rows found a match, a byte each, set by all tasks that probe. `ended[1 + p]` tells that
 * partition p has probed all of its rows; `ended[0]` is the partition that gives the build rows at the end,
 * plus one.
 */
export interface JoinMarks {
  readonly matched: Uint8Array
  readonly ended: Int32Array
}

/** What the table of a join must know. */
export interface JoinTableNeeds {
  /** Only whether a key is there. */
  readonly keysOnly: boolean
  /** Tasks that mark build rows; 0: nobody does. */
  readonly markingTasks: number
  /** Keys by index of which there is to be a filter. */
  readonly filtered: readonly number[]
}

/** Most places of a direct table per row, and such that cost nothing. */
const DIRECT_PLACES_PER_ROW = 8
const DIRECT_PLACES = 1 << 16
/** Most bits of a bitmap per row, and such that cost nothing. */
const BITS_PER_ROW = 256
const BITS = 1 << 23
/** Slots of a hash table per row. */
const SLOTS_PER_ROW = 1.6

/**
 * Builds the table over rows that live as long as the region of `evalContext`, where everything else of it
 * lies too.
 */
export function buildJoinTable(
  build: RecordBatch,
  keys: readonly Vector[],
  types: readonly DataType[],
  nullSafe: readonly boolean[],
  needs: JoinTableNeeds,
  evalContext: EvalContext,
): JoinTable {
  const { region } = evalContext
  const { rowCount } = build
  const form = keyFormOf(keys, types, nullSafe, rowCount, region)
  const keysOnly = needs.keysOnly && form.kind !== 'hashed'
  const scratch = region.pool.createRegion(region.tag)
  try {
    const filters = new Map(
      needs.filtered.map((index) => [
        index,
        buildJoinFilter(keys[index]!, types[index]!, rowCount, region, scratch),
      ]),
    )
    const base = {
      kind: 'table' as const,
      isExact: true,
      build: keysOnly ? { rowCount, columns: [] } : build,
      nullSafe,
      form,
      hasNullKey: keys.some((key) => key.nullCount > 0),
      marks: needs.markingTasks === 0 ? null : newMarks(rowCount, needs.markingTasks, region),
      filters,
    }
    if (form.kind === 'none') return { ...base, lookup: { kind: 'none' }, next: null }
    const codes = codesOf(form, keys, nullSafe, rowCount, form.kind === 'packed' ? region : scratch)
    const size = form.kind === 'packed' && form.bits === 32 ? form.size : Number.POSITIVE_INFINITY
    if (keysOnly && size <= Math.max(BITS, rowCount * BITS_PER_ROW)) {
      const bits = region.bitmap(size)
      insertBits(region.pool, codes as Int32Array, rowCount, bits)
      return { ...base, lookup: { kind: 'bits', bits }, next: null }
    }
    const inserted = insertRows(codes, rowCount, size, region)
    const { next } = inserted
    const isExact =
      form.kind === 'packed' || next === null || haveOneKey(keys, nullSafe, next, scratch, evalContext)
    return { ...base, ...inserted, isExact }
  } finally {
    scratch.free()
  }
}

/** Whether each row has the key of the next row on its chain. */
function haveOneKey(
  keys: readonly Vector[],
  nullSafe: readonly boolean[],
  next: Int32Array,
  scratch: Region,
  evalContext: EvalContext,
): boolean {
  const [rows, after] = [scratch.int32(next.length), scratch.int32(next.length)]
  let count = 0
  for (let row = 0; row < next.length; row++) {
    if (next[row] === 0) continue
    rows[count] = row
    after[count++] = next[row]! - 1
  }
  const [one, other] = [rows, after].map((indices) => keys.map((key) => take(key, indices, count, scratch)))
  const operands = keys.map(({ type }, index): Expr => {
    const args: Expr[] = [index, index + keys.length].map((at) => ({
      kind: 'column',
      index: at,
      name: '',
      type,
    }))
    return { kind: 'call', name: nullSafe[index] === true ? '<=>' : '=', args, type: { kind: 'boolean' } }
  })
  const pairs = { rowCount: count, columns: [...one!, ...other!] }
  const equal: Expr = { kind: 'and', operands, type: { kind: 'boolean' } }
  return evaluatePredicate(equal, pairs, { ...evalContext, region: scratch }).count === count
}

/** Marks of a table that so many tasks probe. */
export function newMarks(rowCount: number, markingTasks: number, region: Region): JoinMarks {
  return { matched: region.uint8(rowCount).fill(0), ended: region.int32(1 + markingTasks).fill(0) }
}

function insertRows(
  codes: JoinCodes,
  rowCount: number,
  size: number,
  region: Region,
): Pick<JoinTable, 'lookup' | 'next'> {
  const next = region.int32(rowCount)
  if (codes instanceof Int32Array && size <= rowCount * DIRECT_PLACES_PER_ROW + DIRECT_PLACES) {
    const heads = region.int32(size).fill(0)
    const repeated = insertDirect(region.pool, codes, rowCount, heads, next)
    return { lookup: { kind: 'direct', heads }, next: repeated === 0 ? null : next }
  }
  const slots = region.int32(2 * (Math.ceil(rowCount * SLOTS_PER_ROW) + 1)).fill(0)
  const repeated = insertHash(region.pool, codes, rowCount, slots, next)
  const lookup: JoinLookup =
    codes instanceof Int32Array ? { kind: 'hash32', slots } : { kind: 'hash64', slots, codes }
  return { lookup, next: repeated === 0 ? null : next }
}

/** The first build row of each row's code, -1 where there is none; the array lies in `region`. */
export function findRows(
  table: JoinTable,
  keys: readonly Vector[],
  rowCount: number,
  region: Region,
): Int32Array {
  const found = region.int32(rowCount)
  const { form, lookup } = table
  if (form.kind === 'none' || lookup.kind === 'none') return found.fill(-1)
  const codes = codesOf(form, keys, table.nullSafe, rowCount, region)
  const { pool } = region
  switch (lookup.kind) {
    case 'direct':
      findDirect(pool, codes as Int32Array, rowCount, lookup.heads, found)
      return found
    case 'bits':
      findBits(pool, codes as Int32Array, rowCount, lookup.bits, found)
      return found
    case 'hash32': {
      const scratch = region.uint8(FIND_SCRATCH_BYTES)
      findHash32(pool, codes as Int32Array, rowCount, lookup.slots, scratch, found)
      return found
    }
    case 'hash64': {
      const scratch = region.uint8(FIND_SCRATCH_BYTES)
      findHash64(pool, codes as BigInt64Array, rowCount, lookup.slots, lookup.codes, scratch, found)
      return found
    }
  }
}

/**
 * Notes that a partition has probed all of its rows. TRUE for the one partition that has to give the build
 * rows: the last to end. A task that runs again after it was the last is told so again.
 */
export function endProbing({ ended }: JoinMarks, partition: number): boolean {
  Atomics.store(ended, 1 + partition, 1)
  for (let task = 1; task < ended.length; task++) if (Atomics.load(ended, task) === 0) return false
  const before = Atomics.compareExchange(ended, 0, 0, partition + 1)
  return before === 0 || before === partition + 1
}
