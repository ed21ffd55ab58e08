import { columnOrName } from './column.ts'
import type { SortColumn } from './column-types.ts'
import type { Any } from './function-types.ts'

/** Ascending, NULLs first. */
export function asc(column: Any): SortColumn {
  return columnOrName(column).asc()
}

/** Descending, NULLs last. */
export function desc(column: Any): SortColumn {
  return columnOrName(column).desc()
}
