import {
  type FixedVector,
  fixedVector,
  flatten,
  getBit,
  type ListVector,
  listVector,
  type Vector,
  valueReader,
  vectorBuilder,
} from '../../batch/index.ts'
import { sampleKernels } from '../../kernels/index.ts'
import { GrowingBuffer, type Region } from '../../memory/index.ts'
import { listType, types, type Value } from '../../types/index.ts'
import type { Accumulator, AccumulatorContext, AggregateSignature } from '../aggregate-function.ts'
import { growInt32, NO_INTS } from './growable.ts'

/** How shares become values. */
export interface SampleRule {
  /** Whether values come in any order. */
  readonly sorts: boolean
  /** Whether the first value that reaches a share is taken, instead of one between two neighbours. */
  readonly reaches: boolean
  /** The shares that an argument asks for, checked. */
  readonly checkShares: (given: Value) => readonly number[]
}

const HALF = [0.5]
const DOUBLES = listType(types.float64)

/**
 * All doubles of each group, for percentiles: they are kept as they come, with the group of each, and parted
 * by group at the end.
 */
export class DoubleSamples implements Accumulator {
  readonly #region: Region
  readonly #signature: AggregateSignature
  readonly #rule: SampleRule
  readonly #values: GrowingBuffer
  readonly #groupOf: GrowingBuffer
  #count = 0
  #groupCount = 0
  /** Lists of shares that were asked for; groups know theirs by its number from 1. */
  readonly #shares: (readonly number[])[] = []
  #sharesOf = NO_INTS
  #parted: { readonly starts: Int32Array; readonly values: Float64Array } | null = null

  constructor({ region, signature }: AccumulatorContext, rule: SampleRule) {
    this.#region = region
    this.#signature = signature
    this.#rule = rule
    this.#values = new GrowingBuffer(region)
    this.#groupOf = new GrowingBuffer(region)
  }

  resize(groupCount: number): void {
    this.#groupCount = groupCount
    this.#sharesOf = growInt32(this.#sharesOf, groupCount, this.#region)
  }

  update(args: readonly Vector[], groups: Int32Array, rowCount: number): void {
    this.#noteShares(groups, rowCount, args.length === 1 ? () => HALF : sharesReader(args[1]!, this.#rule))
    const { values, validity, nullCount } = args[0] as FixedVector
    const { values: to, groupOf } = this.#reserve(rowCount - nullCount)
    let at = this.#count
    if (validity === null) {
      to.set(values.subarray(0, rowCount) as Float64Array, at)
      groupOf.set(groups.subarray(0, rowCount), at)
      at += rowCount
    } else
      for (let row = 0; row < rowCount; row++) {
        if (!getBit(validity, row)) continue
        to[at] = values[row] as number
        groupOf[at++] = groups[row]!
      }
    this.#count = at
  }

  merge(state: readonly Vector[], groups: Int32Array, rowCount: number): void {
    const [lists, shares] = state as [ListVector, ListVector]
    const readShares = valueReader(shares)
    this.#noteShares(groups, rowCount, (row) => readShares(row) as readonly number[])
    const { offsets } = lists
    const child = flatten(lists.child, this.#region) as FixedVector
    const [start, end] = [offsets[0]!, offsets[rowCount]!]
    const { values, groupOf } = this.#reserve(end - start)
    values.set(child.values.subarray(start, end) as Float64Array, this.#count)
    const shift = this.#count - start
    for (let row = 0; row < rowCount; row++)
      groupOf.fill(groups[row]!, offsets[row]! + shift, offsets[row + 1]! + shift)
    this.#count += end - start
  }

  state(from: number, count: number, region: Region): readonly Vector[] {
    const { starts, values } = this.#part()
    const first = starts[from]!
    const offsets = region.int32(count + 1)
    for (let i = 0; i <= count; i++) offsets[i] = starts[from + i]! - first
    const own = values.subarray(first, first + offsets[count]!)
    const lists = listVector(DOUBLES, count, offsets, fixedVector(types.float64, own.length, own))
    const shares = vectorBuilder(DOUBLES, region, count)
    for (let group = from; group < from + count; group++) shares.append(this.#sharesOfGroup(group))
    return [lists, shares.finish()]
  }

  finish(from: number, count: number, region: Region): Vector {
    const { starts, values } = this.#part()
    const { returns } = this.#signature
    const { reaches, sorts } = this.#rule
    const { doubleAtShare } = sampleKernels(region.pool)
    const builder = vectorBuilder(returns, region, count)
    for (let group = from; group < from + count; group++) {
      const size = starts[group + 1]! - starts[group]!
      if (size === 0) {
        builder.append(null)
        continue
      }
      const address = values.byteOffset + starts[group]! * 8
      const picked = this.#sharesOfGroup(group).map((share) =>
        doubleAtShare(address, size, share, reaches ? 1 : 0, sorts ? 1 : 0),
      )
      builder.append(returns.kind === 'list' ? picked : (picked[0] ?? null))
    }
    return builder.finish()
  }

  /** Room for `count` more values. */
  #reserve(count: number): { readonly values: Float64Array; readonly groupOf: Int32Array } {
    const total = this.#count + count
    this.#values.reserve(total * 8, this.#count * 8)
    this.#groupOf.reserve(total * 4, this.#count * 4)
    this.#parted = null
    return { values: this.#values.float64(total), groupOf: this.#groupOf.int32(total) }
  }

  /** The shares of a group are those of its first row: they are the same for all. */
  #noteShares(groups: Int32Array, rowCount: number, read: (row: number) => readonly number[]): void {
    const sharesOf = this.#sharesOf
    for (let row = 0; row < rowCount; row++) {
      const group = groups[row]!
      if (sharesOf[group] !== 0) continue
      const shares = read(row)
      if (shares.length === 0) continue
      let index = this.#shares.findIndex((known) => isSame(known, shares))
      if (index < 0) index = this.#shares.push(shares) - 1
      sharesOf[group] = index + 1
    }
  }

  #sharesOfGroup(group: number): readonly number[] {
    const number = this.#sharesOf[group]!
    return number === 0 ? [] : this.#shares[number - 1]!
  }

  #part(): { readonly starts: Int32Array; readonly values: Float64Array } {
    if (this.#parted !== null) return this.#parted
    const [region, groups, count] = [this.#region, this.#groupCount, this.#count]
    const [starts, next] = [region.int32(groups + 1), region.int32(groups + 1)]
    const values = region.float64(count)
    sampleKernels(region.pool).doublesByGroup(
      this.#values.address,
      this.#groupOf.address,
      count,
      groups,
      starts.byteOffset,
      next.byteOffset,
      values.byteOffset,
    )
    this.#parted = { starts, values }
    return this.#parted
  }
}

function sharesReader(vector: Vector, { checkShares }: SampleRule): (row: number) => readonly number[] {
  const read = valueReader(vector)
  return (row) => checkShares(read(row))
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((share, index) => share === b[index])
}
