import {
  type FixedVector,
  type ListVector,
  listVector,
  onesToIndices,
  slice,
  take,
  type Vector,
  vectorBuilder,
} from '../batch/index.ts'
import type { Accumulator } from '../functions/index.ts'
import type { Region } from '../memory/index.ts'
import { type DataType, listType } from '../types/index.ts'
import { BatchCollector } from './collect.ts'
import { DistinctRows } from './distinct-rows.ts'
import { GroupedRows, membersOf } from './grouped-rows.ts'
import { numbersVector } from './hash-table.ts'
import type { TaskContext } from './operator.ts'

/**
 * The values of each group that are not NULL, or the distinct ones, as rows of group and value in the order
 * they came; they are put together by group when lists are asked for.
 */
export class CollectedValues implements Accumulator {
  readonly #type: DataType
  readonly #region: Region
  readonly #scratch: Region
  readonly #all: BatchCollector
  /** The rows of sets, in place of `#all`. */
  readonly #distinct: DistinctRows | null
  #groupCount = 0
  /** The rows by group, once they are asked for. */
  #grouped: GroupedRows | null = null

  /** Values lie in `region`, those of sets in one of their own. */
  constructor(type: DataType, isDistinct: boolean, region: Region, context: TaskContext) {
    this.#type = type
    this.#region = region
    this.#scratch = context.createRegion()
    this.#all = new BatchCollector(region)
    this.#distinct = isDistinct ? new DistinctRows([type], context) : null
  }

  resize(groupCount: number): void {
    this.#groupCount = groupCount
  }

  update([values]: readonly Vector[], groups: Int32Array, rowCount: number): void {
    this.#scratch.reset()
    const present = this.#withValues(values!, rowCount)
    if (present === null) this.#add(values!, groups, rowCount)
    else if (present.length > 0) {
      const { length } = present
      const near = this.#scratch.int32(length)
      for (let i = 0; i < length; i++) near[i] = groups[present[i]!]!
      this.#add(take(values!, present, length, this.#scratch), near, length)
    }
  }

  merge([lists]: readonly Vector[], groups: Int32Array, _rowCount: number): void {
    const scratch = this.#scratch
    scratch.reset()
    const list = lists as ListVector
    const { from, rowCount, groups: rowGroups } = membersOf(list, groups, scratch)
    if (rowCount > 0) this.#add(slice(list.child, from, rowCount, scratch), rowGroups, rowCount)
  }

  state(from: number, count: number, region: Region): readonly Vector[] {
    return [this.finish(from, count, region)]
  }

  finish(from: number, count: number, region: Region): Vector {
    this.#grouped ??= this.#byGroup()
    const { offsets, columns } = this.#grouped.rows(from, count, region)
    return listVector(listType(this.#type), count, offsets, columns[0]!)
  }

  get heldBytes(): number {
    return this.#scratch.heldBytes + (this.#distinct?.heldBytes ?? 0)
  }

  free(): void {
    this.#scratch.free()
    this.#distinct?.free()
  }

  /** Rows that are not NULL; null: all. */
  #withValues(values: Vector, rowCount: number): Int32Array | null {
    const { validity, encoding } = values
    if (encoding === 'null') return new Int32Array(0)
    if (validity === null || values.nullCount === 0) return null
    const rows = this.#scratch.int32(rowCount)
    const count = onesToIndices(validity, rowCount, rows)
    return count === rowCount ? null : rows.subarray(0, count)
  }

  #add(values: Vector, groups: Int32Array, rowCount: number): void {
    this.#grouped = null
    if (this.#distinct === null) {
      this.#all.add({ rowCount, columns: [numbersVector(groups, rowCount), values] })
      return
    }
    this.#distinct.add([values], groups, rowCount, this.#scratch.int32(rowCount), this.#scratch)
  }

  #byGroup(): GroupedRows {
    const rows = this.#distinct === null ? this.#all.join(this.#region) : this.#distinct.keys(this.#region)
    const [groups, values] = rows?.columns ?? []
    const numbers = groups === undefined ? new Int32Array(0) : (groups as FixedVector).values
    const column: Vector = values ?? vectorBuilder(this.#type, this.#region, 1).finish()
    const rowCount = rows?.rowCount ?? 0
    return new GroupedRows([column], numbers as Int32Array, rowCount, this.#groupCount, this.#region)
  }
}
