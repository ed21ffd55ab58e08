import { type Vector, valueReader } from '../batch/index.ts'
import { timeZone, toInstant, toLocal, valueOrder, type WindowRows } from '../functions/index.ts'
import type { FrameBound, WindowFrame } from '../plan/index.ts'
import { addMonths, type DataType, MICROS_PER_DAY, splitMicros, type Value } from '../types/index.ts'

/** The rows of partitions and peers, without frames. */
export type WindowGroups = Omit<WindowRows, 'frameStarts' | 'frameEnds'>

/** The order key of a RANGE frame with offsets: sorted values, and how they are sorted. */
export interface RangeKey {
  readonly vector: Vector
  readonly type: DataType
  readonly descending: boolean
}

/**
 * Start (inclusive) and end (exclusive) of each row's frame, within its partition. `key` is needed for
 * RANGE offsets only.
 */
export function frameBounds(
  frame: WindowFrame,
  rows: WindowGroups,
  key: RangeKey | null,
  zone: string,
): { readonly frameStarts: Int32Array; readonly frameEnds: Int32Array } {
  const search = frame.unit === 'range' && key !== null ? new RangeSearch(key, frame, rows, zone) : null
  return {
    frameStarts: edge(frame, frame.start, false, rows, search),
    frameEnds: edge(frame, frame.end, true, rows, search),
  }
}

function edge(
  frame: WindowFrame,
  bound: FrameBound,
  isEnd: boolean,
  rows: WindowGroups,
  search: RangeSearch | null,
): Int32Array {
  switch (bound.kind) {
    case 'unboundedPreceding':
      return rows.partitionStarts
    case 'unboundedFollowing':
      return rows.partitionEnds
    case 'currentRow':
      if (frame.unit === 'range') return isEnd ? rows.peerEnds : rows.peerStarts
      return rowEdge(0, isEnd, rows)
    case 'preceding':
    case 'following': {
      const sign = bound.kind === 'preceding' ? -1 : 1
      if (frame.unit === 'rows') return rowEdge(sign * Number(bound.offset), isEnd, rows)
      return search!.edge(bound.offset, sign, isEnd)
    }
  }
}

function rowEdge(offset: number, isEnd: boolean, rows: WindowGroups): Int32Array {
  const out = new Int32Array(rows.rowCount)
  const shift = offset + (isEnd ? 1 : 0)
  for (let i = 0; i < rows.rowCount; i++)
    out[i] = Math.min(rows.partitionEnds[i]!, Math.max(rows.partitionStarts[i]!, i + shift))
  return out
}

/** Finds the edges of RANGE frames by binary search among the keys of the partition that are not NULL. */
class RangeSearch {
  readonly #rows: WindowGroups
  readonly #read: (row: number) => Value
  readonly #compare: (a: Value, b: Value) => number
  readonly #shift: (value: Value, offset: Value, sign: number) => Value
  readonly #descending: boolean

  constructor(key: RangeKey, frame: WindowFrame, rows: WindowGroups, zone: string) {
    this.#rows = rows
    this.#read = valueReader(key.vector)
    const order = valueOrder(key.type)
    this.#compare = key.descending ? (a, b) => order(b, a) : order
    this.#shift = shifter(key.type, frame.offsetType ?? key.type, zone)
    this.#descending = key.descending
  }

  edge(offset: Value, sign: number, isEnd: boolean): Int32Array {
    const { rowCount, partitionStarts, peerStarts, peerEnds } = this.#rows
    const out = new Int32Array(rowCount)
    let [from, to] = [0, 0]
    for (let i = 0; i < rowCount; i++) {
      if (i === partitionStarts[i]) [from, to] = this.#presentRange(i)
      if (i > 0 && peerStarts[i] !== i) {
        out[i] = out[i - 1]!
        continue
      }
      const value = this.#read(i)
      if (value === null) out[i] = isEnd ? peerEnds[i]! : peerStarts[i]!
      else out[i] = this.#find(this.#shift(value, offset, this.#descending ? -sign : sign), from, to, isEnd)
    }
    return out
  }

  /** The rows of the partition from row `start` whose key is not NULL: NULLs lie at one end. */
  #presentRange(start: number): [from: number, to: number] {
    const end = this.#rows.partitionEnds[start]!
    if (this.#read(start) === null) return [this.#rows.peerEnds[start]!, end]
    return [start, this.#read(end - 1) === null ? this.#rows.peerStarts[end - 1]! : end]
  }

  /** The first row in [from, to) whose key is not before the bound or, for an end, is behind it. */
  #find(bound: Value, from: number, to: number, isEnd: boolean): number {
    let [low, high] = [from, to]
    while (low < high) {
      const middle = (low + high) >>> 1
      const order = this.#compare(this.#read(middle), bound)
      if (order < 0 || (isEnd && order === 0)) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** value + sign × offset for keys of a type. */
function shifter(
  type: DataType,
  offsetType: DataType,
  zone: string,
): (value: Value, offset: Value, sign: number) => Value {
  if (type.kind === 'date' && offsetType.kind === 'interval_ym')
    return (value, offset, sign) => addMonths(value as number, sign * (offset as number))
  if (type.kind === 'date' && offsetType.kind === 'interval_dt')
    return (value, offset, sign) => (value as number) + sign * Number((offset as bigint) / MICROS_PER_DAY)
  if (offsetType.kind === 'interval_ym' && type.kind !== 'interval_ym') {
    const rules = type.kind === 'timestamp' ? timeZone(zone) : null
    return (value, offset, sign) => {
      const local = rules === null ? (value as bigint) : toLocal(value as bigint, rules)
      const { days, microsOfDay } = splitMicros(local)
      const moved = BigInt(addMonths(days, sign * (offset as number))) * MICROS_PER_DAY + BigInt(microsOfDay)
      return rules === null ? moved : toInstant(moved, rules)
    }
  }
  return (value, offset, sign) => {
    if (typeof value === 'bigint') return value + BigInt(sign) * (offset as bigint)
    return (value as number) + sign * Number(offset)
  }
}
