import {
  deepFlatten,
  type FlatVector,
  flatten,
  type ListVector,
  listVector,
  type RecordBatch,
  type StructVector,
  slice,
  structVector,
  take,
  type Vector,
} from '../batch/index.ts'
import { partitionKernels } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'
import { type DataType, listType, structType } from '../types/index.ts'

/**
 * Rows of groups, as the partial state of what must see all rows of a group:
 *
 *   group | a b          a list of structs a group
 *     1   | x 1          0  [(y, 2)]
 *     0   | y 2    ─▶    1  [(x, 1), (z, 3)]
 *     1   | z 3
 *
 * The rows of a group keep their order.
 */
export class GroupedRows {
  readonly #columns: readonly Vector[]
  readonly #type: DataType
  readonly #starts: Int32Array
  readonly #rows: Int32Array

  /** `columns`: of all rows, which belong to `groups`. What finds the rows of a group lies in `region`. */
  constructor(
    columns: readonly Vector[],
    groups: Int32Array,
    rowCount: number,
    groupCount: number,
    region: Region,
  ) {
    this.#columns = columns
    this.#type = rowsType(columns)
    this.#starts = region.int32(groupCount + 1)
    this.#rows = region.int32(rowCount)
    const next = region.int32(groupCount + 1)
    const near = region.int32(rowCount)
    near.set(groups.subarray(0, rowCount))
    const [starts, rows] = [this.#starts.byteOffset, this.#rows.byteOffset]
    const kernels = partitionKernels(region.pool)
    kernels.rowsByPartition(near.byteOffset, rowCount, groupCount, starts, next.byteOffset, rows)
  }

  /** The lists of groups [from, from + count), in `region`. */
  lists(from: number, count: number, region: Region): ListVector {
    const { offsets, length, columns } = this.rows(from, count, region)
    return listVector(listType(this.#type), count, offsets, structVector(this.#type, length, columns))
  }

  /** The rows of groups [from, from + count), group by group, and where those of each begin. */
  rows(from: number, count: number, region: Region): RowsByGroup {
    const starts = this.#starts
    const first = starts[from]!
    const indices = this.#rows.subarray(first, starts[from + count]!)
    const offsets = region.int32(count + 1)
    for (let i = 0; i <= count; i++) offsets[i] = starts[from + i]! - first
    const { length } = indices
    const columns = this.#columns.map((column) => deepFlatten(take(column, indices, length, region), region))
    return { offsets, length, columns }
  }
}

/** Rows of some groups, one group after the other: those of group i from `offsets[i]` on. */
export interface RowsByGroup {
  readonly offsets: Int32Array
  readonly length: number
  readonly columns: readonly FlatVector[]
}

/** The rows of such lists; list i belongs to group `groups[i]`. What is new lies in `region`. */
export function rowsOfLists(
  lists: ListVector,
  groups: Int32Array,
  region: Region,
): RecordBatch & { readonly groups: Int32Array } {
  const { children } = flatten(lists.child, region) as StructVector
  const { from, rowCount, groups: rowGroups } = membersOf(lists, groups, region)
  return {
    rowCount,
    columns: children.map((child) => slice(child, from, rowCount, region)),
    groups: rowGroups,
  }
}

/** Which members of lists there are, and the group of each. */
export function membersOf(
  { offsets, length }: ListVector,
  groups: Int32Array,
  region: Region,
): { readonly from: number; readonly rowCount: number; readonly groups: Int32Array } {
  const from = offsets[0]!
  const rowCount = offsets[length]! - from
  const rowGroups = region.int32(rowCount)
  for (let i = 0; i < length; i++) rowGroups.fill(groups[i]!, offsets[i]! - from, offsets[i + 1]! - from)
  return { from, rowCount, groups: rowGroups }
}

function rowsType(columns: readonly Vector[]): DataType {
  return structType(columns.map(({ type }, index) => ({ name: `${index}`, type, nullable: true })))
}
