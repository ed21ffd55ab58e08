import {
  allocateFixed,
  type FixedVector,
  fixedVector,
  setBit,
  type Vector,
  vectorBuilder,
} from '../batch/index.ts'
import { sumOverflow } from '../functions/index.ts'
import { type FlatStateKernels, flatStateKernels } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import {
  type DataType,
  type DecimalType,
  divideHalfUp,
  MAX_INT64_PRECISION,
  powerOfTen,
  types,
} from '../types/index.ts'
import type { FlatResult } from './flat-layout.ts'

/** Groups [from, from + count) of states in the arena: the address of the first of them. */
export interface FlatGroups {
  readonly address: number
  readonly stride: number
  readonly count: number
}

/** The columns of a call: its result, or the partial state that `merge` of another stage takes. */
export function flatColumns(
  result: FlatResult,
  isPartial: boolean,
  groups: FlatGroups,
  region: Region,
): readonly Vector[] {
  const reader = new FlatReader(result, groups, region)
  const { state, returns } = result.signature
  switch (result.kind) {
    case 'count':
      return [reader.counts()]
    case 'sum':
      return [reader.sums(isPartial ? state[0]! : returns)]
    case 'shortSum':
      return [reader.words(isPartial ? state[0]! : returns, reader.seen())]
    case 'floatSum':
      return [reader.words(types.float64, reader.seen())]
    case 'extreme':
      return [reader.words(returns, reader.seen())]
    case 'mean':
      return isPartial ? [reader.sums(state[0]!), reader.counts()] : [reader.means()]
    case 'floatMean':
      return isPartial ? [reader.words(types.float64, null), reader.counts()] : [reader.floatMeans()]
  }
}

const LOG2: Readonly<Record<string, number>> = {
  int8: 0,
  int16: 1,
  int32: 2,
  date: 2,
  interval_ym: 2,
  float32: 4,
}

/** Reads what one call left in the words of groups. */
class FlatReader {
  readonly #result: FlatResult
  readonly #groups: FlatGroups
  readonly #region: Region
  readonly #kernels: FlatStateKernels

  constructor(result: FlatResult, groups: FlatGroups, region: Region) {
    this.#result = result
    this.#groups = groups
    this.#region = region
    this.#kernels = flatStateKernels(region.pool)
  }

  get #plus(): number {
    return this.#result.count.plus * 8
  }

  get #minus(): number {
    const { minus } = this.#result.count
    return minus === null ? -1 : minus * 8
  }

  counts(): FixedVector {
    const { address, stride, count } = this.#groups
    const out = this.#region.int64(count)
    this.#kernels.flatCounts(address, stride, this.#plus, this.#minus, count, out.byteOffset)
    return fixedVector(types.int64, count, out)
  }

  /** Bits of the groups that had a value. */
  seen(): Uint8Array {
    const { address, stride, count } = this.#groups
    const out = this.#region.bitmap(count)
    this.#kernels.flatSeen(address, stride, this.#plus, this.#minus, count, out.byteOffset)
    return out
  }

  /** A word of every group as a value of a type. */
  words(type: DataType, validity: Uint8Array | null): FixedVector {
    const { address, stride, count } = this.#groups
    const out = allocateFixed(type, count, this.#region)
    const log2 = LOG2[type.kind] ?? 3
    this.#kernels.flatWords(address, stride, this.#result.word * 8, log2, count, out.byteOffset)
    return fixedVector(type, count, out, validity)
  }

  /** Exact sums as a type: in one lane if all fit, else in two if the type has them. */
  sums(type: DataType): FixedVector {
    const { address, stride, count } = this.#groups
    const { word, words } = this.#result
    const region = this.#region
    const limit = region.int64(2)
    const bound = type.kind === 'decimal' ? powerOfTen(type.precision) : 1n << 63n
    limit[0] = BigInt.asIntN(64, bound)
    limit[1] = bound >> 64n
    const read = (narrow: number, wide: number) =>
      this.#kernels.flatSums(address, stride, word * 8, words, count, limit.byteOffset, narrow, wide)
    const narrow = region.int64(count)
    if (read(narrow.byteOffset, 0) === count) return fixedVector(type, count, narrow, this.seen())
    const hasLanes = type.kind === 'decimal' && type.precision > MAX_INT64_PRECISION
    if (hasLanes) {
      const wide = region.int64(2 * count)
      if (read(0, wide.byteOffset) === count) return fixedVector(type, count, wide, this.seen(), 2)
    }
    return this.#checkedSums(type, bound, hasLanes ? 2 : 1)
  }

  /** Group by group: some sum does not fit, or is the least integer. */
  #checkedSums(type: DataType, bound: bigint, lanes: 1 | 2): FixedVector {
    const { count } = this.#groups
    const seen = this.seen()
    const values = this.#region.int64(lanes * count).fill(0n)
    const validity = this.#region.bitmap(count)
    const least = type.kind === 'decimal' ? -bound + 1n : -bound
    for (let i = 0; i < count; i++) {
      if (((seen[i >> 3]! >> (i & 7)) & 1) === 0) continue
      const sum = this.#sumOf(i)
      if (sum < least || sum >= bound) {
        if (this.#result.overflow === 'fail') throw sumOverflow(type)
        continue
      }
      setBit(validity, i)
      values[lanes * i] = BigInt.asIntN(64, sum)
      if (lanes === 2) values[2 * i + 1] = sum >> 64n
    }
    return fixedVector(type, count, values, validity, lanes)
  }

  #sumOf(index: number): bigint {
    const { word, words } = this.#result
    const { address, stride } = this.#groups
    const buffer = new BigInt64Array(this.#region.pool.buffer, address + index * stride + word * 8, words)
    const low = BigInt.asUintN(64, buffer[0]!)
    if (words === 2) return (buffer[1]! << 64n) | low
    return (buffer[2]! << 128n) | (BigInt.asUintN(64, buffer[1]!) << 64n) | low
  }

  /** Means of decimals, rounded half away from zero. */
  means(): Vector {
    const { address, stride, count } = this.#groups
    const returns = this.#result.signature.returns as DecimalType
    // The sum has the scale of the arguments.
    const from = this.#result.signature.state[0] as DecimalType
    const factor = powerOfTen(returns.scale - from.scale)
    const held = this.#region.int64(1)
    held[0] = factor
    const out = this.#region.int64(count)
    const { word } = this.#result
    const [plus, minus] = [this.#plus, this.#minus]
    const narrow = this.#result.words === 2 || this.#isNarrow()
    const done = narrow
      ? this.#kernels.flatMeans(
          address,
          stride,
          word * 8,
          plus,
          minus,
          count,
          held.byteOffset,
          out.byteOffset,
        )
      : 0
    if (done === count) return fixedVector(returns, count, out, this.seen())
    return this.#exactMeans(returns, factor)
  }

  /** Whether no sum uses its third word. */
  #isNarrow(): boolean {
    const { address, stride, count } = this.#groups
    const { word } = this.#result
    const limit = this.#region.int64(2)
    limit[0] = 0n
    limit[1] = 1n << 62n
    const out = this.#region.int64(count).byteOffset
    return this.#kernels.flatSums(address, stride, word * 8, 3, count, limit.byteOffset, out, 0) === count
  }

  #exactMeans(returns: DecimalType, factor: bigint): Vector {
    const { count } = this.#groups
    const counts = this.counts().values
    const builder = vectorBuilder(returns, this.#region, count)
    for (let i = 0; i < count; i++) {
      const rows = counts[i] as bigint
      builder.append(rows === 0n ? null : divideHalfUp(this.#sumOf(i) * factor, rows))
    }
    return builder.finish()
  }

  floatMeans(): FixedVector {
    const { address, stride, count } = this.#groups
    const out = this.#region.float64(count)
    const [plus, minus] = [this.#plus, this.#minus]
    const { word } = this.#result
    this.#kernels.flatFloatMeans(address, stride, word * 8, plus, minus, count, out.byteOffset)
    return fixedVector(types.float64, count, out, this.seen())
  }
}
