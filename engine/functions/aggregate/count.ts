import { type FixedVector, fixedVector, getBit, halvesOf, type Vector } from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { types } from '../../types/index.ts'
import type { Accumulator, AccumulatorContext, AggregateFunction } from '../aggregate-function.ts'
import { boolean, signature } from '../signature.ts'
import { growFloat64, NO_FLOATS } from './growable.ts'

/** How many rows; with arguments, rows where none is NULL. Never NULL. */
export const count: AggregateFunction = {
  name: 'count',
  usage: 'count(*) - the number of rows; count(expr, ...) - of rows where no expr is NULL',
  resolve: (args) => ({ args, returns: types.int64, state: [types.int64] }),
  accumulator: (context) => new Counter(context, countRows),
}

const resolveCountIf = signature('count_if', [boolean], types.int64)

/** How many rows for which the argument is TRUE. Never NULL. */
export const countIf: AggregateFunction = {
  name: 'count_if',
  usage: 'count_if(expr) - the number of rows for which expr is TRUE',
  resolve: (args, literals) => ({ ...resolveCountIf(args, literals), state: [types.int64] }),
  accumulator: (context) => new Counter(context, countTrue),
}

type CountRows = (args: readonly Vector[], groups: Int32Array, rowCount: number, counts: Float64Array) => void

/** Counts are doubles: exact up to 2^53, and cheap to add. */
class Counter implements Accumulator {
  readonly #region: Region
  readonly #add: CountRows
  #counts = NO_FLOATS

  constructor(context: AccumulatorContext, add: CountRows) {
    this.#region = context.region
    this.#add = add
  }

  resize(groupCount: number): void {
    this.#counts = growFloat64(this.#counts, groupCount, this.#region)
  }

  update(args: readonly Vector[], groups: Int32Array, rowCount: number): void {
    this.#add(args, groups, rowCount, this.#counts)
  }

  merge(state: readonly Vector[], groups: Int32Array, rowCount: number): void {
    addCounts(state[0] as FixedVector, groups, rowCount, this.#counts)
  }

  state(from: number, count: number, region: Region): readonly Vector[] {
    return [this.finish(from, count, region)]
  }

  finish(from: number, count: number, region: Region): Vector {
    return countVector(this.#counts, from, count, region)
  }
}

/** Counts of groups [from, from + count) as int64. */
export function countVector(counts: Float64Array, from: number, count: number, region: Region): FixedVector {
  const values = region.int64(count)
  const halves = halvesOf(values)
  for (let i = 0; i < count; i++) {
    const value = counts[from + i]!
    halves[2 * i] = value
    halves[2 * i + 1] = Math.floor(value / 0x1_0000_0000)
  }
  return fixedVector(types.int64, count, values)
}

/** Adds int64 counts that another stage made; never negative. */
export function addCounts(
  vector: FixedVector,
  groups: Int32Array,
  rowCount: number,
  counts: Float64Array,
): void {
  const halves = halvesOf(vector.values as BigInt64Array)
  for (let i = 0; i < rowCount; i++)
    counts[groups[i]!]! += halves[2 * i + 1]! * 0x1_0000_0000 + (halves[2 * i]! >>> 0)
}

function countRows(
  args: readonly Vector[],
  groups: Int32Array,
  rowCount: number,
  counts: Float64Array,
): void {
  const bitmaps = args.flatMap((arg) => (arg.validity === null ? [] : [arg.validity]))
  if (bitmaps.length === 0) countAll(groups, rowCount, counts)
  else if (bitmaps.length === 1) countValid(bitmaps[0]!, groups, rowCount, counts)
  else {
    const all = bitmaps[0]!.slice()
    for (const bits of bitmaps) for (let i = 0; i < all.length; i++) all[i]! &= bits[i]!
    countValid(all, groups, rowCount, counts)
  }
}

function countAll(groups: Int32Array, rowCount: number, counts: Float64Array): void {
  for (let i = 0; i < rowCount; i++) counts[groups[i]!]!++
}

function countValid(validity: Uint8Array, groups: Int32Array, rowCount: number, counts: Float64Array): void {
  for (let i = 0; i < rowCount; i++) if (getBit(validity, i)) counts[groups[i]!]!++
}

function countTrue(
  args: readonly Vector[],
  groups: Int32Array,
  rowCount: number,
  counts: Float64Array,
): void {
  const { values, validity } = args[0] as FixedVector
  for (let i = 0; i < rowCount; i++)
    if (getBit(values as Uint8Array, i) && (validity === null || getBit(validity, i))) counts[groups[i]!]!++
}
