import type { ColumnStatistics, TableStatistics } from '../../engine/connect/index.ts'
import type { ParquetMetadata } from '../../engine/formats/parquet/index.ts'
import type { Value } from '../../engine/types/index.ts'

/** What the footers of a table's files know: rows, and the bounds of top-level columns, by name. */
export function footerStatistics(files: readonly ParquetMetadata[], sizeBytes: number): TableStatistics {
  const columns: Record<string, ColumnStatistics> = {}
  for (const { leaves, rowGroups } of files)
    for (const { index, path } of leaves) {
      if (path.length !== 1) continue
      for (const group of rowGroups)
        columns[path[0]!] = merged(columns[path[0]!], group.chunks[index]!.bounds)
    }
  return { rowCount: files.reduce((sum, each) => sum + each.rowCount, 0), sizeBytes, columns }
}

interface Bounds {
  readonly min: Value
  readonly max: Value
  readonly nullCount: number | null
}

/** A bound that one row group does not know is not known. */
function merged(known: ColumnStatistics | undefined, { min, max, nullCount }: Bounds): ColumnStatistics {
  if (known === undefined) return { min, max, ...(nullCount === null ? {} : { nullCount }) }
  return {
    min: outer(known.min ?? null, min, (a, b) => a < b),
    max: outer(known.max ?? null, max, (a, b) => a > b),
    ...(nullCount === null || known.nullCount === undefined
      ? {}
      : { nullCount: known.nullCount + nullCount }),
  }
}

function outer(a: Value, b: Value, isOutside: (a: never, b: never) => boolean): Value {
  if (a === null || b === null) return null
  return isOutside(a as never, b as never) ? a : b
}
