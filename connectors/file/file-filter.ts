import type { RecordBatch } from '../../engine/batch/index.ts'
import type { FilterStep, RowFilter, ScanRequest } from '../../engine/connect/index.ts'
import type { Region } from '../../engine/memory/index.ts'
import type { DataFile } from './list-files.ts'
import { withPartitionColumns } from './partition-columns.ts'

/** The filter for rows of one file, which lacks the columns that its folders tell. */
export function fileFilter(
  filter: RowFilter,
  file: DataFile,
  request: ScanRequest,
  region: Region,
): RowFilter {
  const isOfFile = (name: string): boolean => !Object.hasOwn(file.partition, name)
  if (filter.columns.every(isOfFile)) return filter
  const select = (test: Pick<RowFilter, 'columns' | 'select'>, columns: readonly string[]) => {
    return (batch: RecordBatch, out: Int32Array): number => {
      region.reset()
      const { columns: names } = test
      const all = withPartitionColumns(batch, columns, names, request.schema, file.partition, region)
      return test.select(all, out)
    }
  }
  const known = new Map<FilterStep, FilterStep>()
  const stepOf = (step: FilterStep): FilterStep => {
    if (step.columns.every(isOfFile)) return step
    let own = known.get(step)
    if (own === undefined) {
      const columns = step.columns.filter(isOfFile)
      const note = (tested: number, passed: number): void => step.note(tested, passed)
      own = { columns, isByValue: step.isByValue, select: select(step, columns), note }
      known.set(step, own)
    }
    return own
  }
  const columns = filter.columns.filter(isOfFile)
  return {
    columns,
    select: select(filter, columns),
    get steps(): readonly FilterStep[] {
      return filter.steps.map(stepOf)
    },
  }
}
