import type { Vector } from '../batch/index.ts'
import { addressIn, type RowRunKernels, rowRunKernels } from '../kernels/index.ts'
import type { Region } from '../memory/index.ts'

/** Runs of equal rows that stand one after the other. */
export interface RowRuns {
  /** The run of each row. */
  readonly numbers: Int32Array
  /** The first row of each run. */
  readonly starts: Int32Array
  readonly count: number
}

/**
 * The runs of rows that are equal in all columns; two that follow each other may be equal all the same, where
 * one value has two forms. null if a column is nested, so that neighbours are not compared cheaply.
 */
export function rowRuns(columns: readonly Vector[], rowCount: number, region: Region): RowRuns | null {
  const marks = region.bitmap(rowCount * 8).byteOffset
  const kernels = rowRunKernels(region.pool)
  for (const column of columns) {
    if (!markColumn(column, rowCount, marks, kernels, region)) return null
    if (column.validity !== null && column.encoding !== 'constant')
      kernels.markBitChanges(addressIn(region, column.validity), rowCount, marks)
  }
  const [numbers, starts] = [region.int32(rowCount), region.int32(rowCount)]
  const count = kernels.numberRuns(marks, rowCount, numbers.byteOffset, starts.byteOffset)
  return { numbers, starts: starts.subarray(0, count), count }
}

function markColumn(
  column: Vector,
  rowCount: number,
  marks: number,
  kernels: RowRunKernels,
  region: Region,
): boolean {
  switch (column.encoding) {
    case 'fixed': {
      const values = addressIn(region, column.values)
      if (column.type.kind === 'boolean') kernels.markBitChanges(values, rowCount, marks)
      else kernels.markChanges(values, column.values.BYTES_PER_ELEMENT * column.lanes, rowCount, marks)
      return true
    }
    case 'dictionary':
      kernels.markChanges(addressIn(region, column.codes), 4, rowCount, marks)
      return true
    case 'bytes': {
      const [offsets, bytes] = [addressIn(region, column.offsets), addressIn(region, column.bytes)]
      kernels.markTextChanges(offsets, bytes, rowCount, marks)
      return true
    }
    case 'constant':
    case 'null':
      return true
    default:
      return false
  }
}
