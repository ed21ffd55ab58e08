import {
  allocateFixed,
  type FixedVector,
  fixedVector,
  getBit,
  halvesOf,
  type Vector,
} from '../../batch/index.ts'
import type { Region } from '../../memory/index.ts'
import { type DataType, MAX_INT64_PRECISION } from '../../types/index.ts'
import type { Accumulator, AccumulatorContext, AggregateFunction } from '../aggregate-function.ts'
import { any, signature } from '../signature.ts'
import { ExtremeRow } from './extreme-row.ts'
import { growFloat64, growInt32, growUint8, NO_BYTES, NO_FLOATS, NO_INTS } from './growable.ts'
import { seenBitmap } from './sum.ts'

/** The least value that is not NULL; NULL if there is none. */
export const min: AggregateFunction = extreme('min', 'least', -1)

/** The greatest value that is not NULL; NULL if there is none. NaN is the greatest float. */
export const max: AggregateFunction = extreme('max', 'greatest', 1)

/** 1 keeps greater values, -1 lesser ones. */
type Direction = 1 | -1

function extreme(name: string, word: string, direction: Direction): AggregateFunction {
  const resolve = signature(name, [any], ([type]) => type!)
  return {
    name,
    usage: `${name}(expr) - the ${word} value`,
    ignoresDistinct: true,
    resolve(args, literals) {
      const { args: cast, returns } = resolve(args, literals)
      return { args: cast, returns, state: [returns] }
    },
    accumulator(context) {
      const type = context.signature.returns
      if (isNumberKind(type)) return new NumberExtreme(context, direction)
      if (isLongKind(type)) return new LongExtreme(context, direction)
      return new ExtremeRow([type], { by: 0, direction, takesLast: false }, context)
    },
  }
}

/** Types whose values are JavaScript numbers in a typed array. */
function isNumberKind({ kind }: DataType): boolean {
  return ['int8', 'int16', 'int32', 'date', 'interval_ym', 'float32', 'float64'].includes(kind)
}

/** Types whose values are one int64. */
function isLongKind(type: DataType): boolean {
  if (type.kind === 'decimal') return type.precision <= MAX_INT64_PRECISION
  return ['int64', 'timestamp', 'timestamp_ntz', 'interval_dt'].includes(type.kind)
}

/** Keeps the extreme as a double, which holds all these types. */
class NumberExtreme implements Accumulator {
  readonly #region: Region
  readonly #type: DataType
  readonly #direction: Direction
  #best = NO_FLOATS
  #seen = NO_BYTES

  constructor(context: AccumulatorContext, direction: Direction) {
    this.#region = context.region
    this.#type = context.signature.returns
    this.#direction = direction
  }

  resize(groupCount: number): void {
    this.#best = growFloat64(this.#best, groupCount, this.#region)
    this.#seen = growUint8(this.#seen, groupCount, this.#region)
  }

  update(args: readonly Vector[], groups: Int32Array, rowCount: number): void {
    const { values, validity } = args[0] as FixedVector
    const best = this.#best
    if (this.#direction === 1)
      keepGreater(values as Float64Array, validity, groups, rowCount, best, this.#seen)
    else keepLesser(values as Float64Array, validity, groups, rowCount, best, this.#seen)
  }

  merge(state: readonly Vector[], groups: Int32Array, rowCount: number): void {
    this.update(state, groups, rowCount)
  }

  state(from: number, count: number, region: Region): readonly Vector[] {
    return [this.finish(from, count, region)]
  }

  finish(from: number, count: number, region: Region): Vector {
    const values = allocateFixed(this.#type, count, region) as Float64Array
    for (let i = 0; i < count; i++) values[i] = this.#best[from + i]!
    return fixedVector(this.#type, count, values, seenBitmap(this.#seen, from, count, region))
  }
}

function keepGreater(
  values: Float64Array,
  validity: Uint8Array | null,
  groups: Int32Array,
  rowCount: number,
  best: Float64Array,
  seen: Uint8Array,
): void {
  for (let i = 0; i < rowCount; i++) {
    if (validity !== null && !getBit(validity, i)) continue
    const group = groups[i]!
    const value = values[i]!
    if (seen[group] === 0 || value > best[group]! || value !== value) best[group] = value
    seen[group] = 1
  }
}

function keepLesser(
  values: Float64Array,
  validity: Uint8Array | null,
  groups: Int32Array,
  rowCount: number,
  best: Float64Array,
  seen: Uint8Array,
): void {
  for (let i = 0; i < rowCount; i++) {
    if (validity !== null && !getBit(validity, i)) continue
    const group = groups[i]!
    const value = values[i]!
    const old = best[group]!
    if (seen[group] === 0 || value < old || old !== old) best[group] = value
    seen[group] = 1
  }
}

/** Keeps the extreme of 64-bit integers as two halves. */
class LongExtreme implements Accumulator {
  readonly #region: Region
  readonly #type: DataType
  readonly #direction: Direction
  #low = NO_INTS
  #high = NO_INTS
  #seen = NO_BYTES

  constructor(context: AccumulatorContext, direction: Direction) {
    this.#region = context.region
    this.#type = context.signature.returns
    this.#direction = direction
  }

  resize(groupCount: number): void {
    this.#low = growInt32(this.#low, groupCount, this.#region)
    this.#high = growInt32(this.#high, groupCount, this.#region)
    this.#seen = growUint8(this.#seen, groupCount, this.#region)
  }

  update(args: readonly Vector[], groups: Int32Array, rowCount: number): void {
    const { values, validity } = args[0] as FixedVector
    const halves = halvesOf(values as BigInt64Array)
    keepLong(halves, validity, groups, rowCount, this.#low, this.#high, this.#seen, this.#direction === 1)
  }

  merge(state: readonly Vector[], groups: Int32Array, rowCount: number): void {
    this.update(state, groups, rowCount)
  }

  state(from: number, count: number, region: Region): readonly Vector[] {
    return [this.finish(from, count, region)]
  }

  finish(from: number, count: number, region: Region): Vector {
    const values = region.int64(count)
    const halves = halvesOf(values)
    for (let i = 0; i < count; i++) {
      halves[2 * i] = this.#low[from + i]!
      halves[2 * i + 1] = this.#high[from + i]!
    }
    return fixedVector(this.#type, count, values, seenBitmap(this.#seen, from, count, region))
  }
}

function keepLong(
  halves: Int32Array,
  validity: Uint8Array | null,
  groups: Int32Array,
  rowCount: number,
  low: Int32Array,
  high: Int32Array,
  seen: Uint8Array,
  greater: boolean,
): void {
  for (let i = 0; i < rowCount; i++) {
    if (validity !== null && !getBit(validity, i)) continue
    const group = groups[i]!
    const valueLow = halves[2 * i]!
    const valueHigh = halves[2 * i + 1]!
    const oldHigh = high[group]!
    const isGreater = valueHigh === oldHigh ? valueLow >>> 0 > low[group]! >>> 0 : valueHigh > oldHigh
    if (seen[group] !== 0 && isGreater !== greater) continue
    low[group] = valueLow
    high[group] = valueHigh
    seen[group] = 1
  }
}

/** The value of the first argument where the second is least. Rows with NULL there do not count. */
export const minBy: AggregateFunction = extremeBy('min_by', 'least', -1)

/** The value of the first argument where the second is greatest. Rows with NULL there do not count. */
export const maxBy: AggregateFunction = extremeBy('max_by', 'greatest', 1)

function extremeBy(name: string, word: string, direction: Direction): AggregateFunction {
  const resolve = signature(name, [any, any], ([type]) => type!)
  return {
    name,
    usage: `${name}(expr, by) - the value of expr in the row where by is ${word}`,
    resolve(args, literals) {
      const { args: cast, returns } = resolve(args, literals)
      return { args: cast, returns, state: cast }
    },
    accumulator(context) {
      // Of equal rows the last one stays, as in Spark.
      return new ExtremeRow(context.signature.args, { by: 1, direction, takesLast: true }, context)
    },
  }
}
