import { type DataType, types, type Value } from '../../engine/types/index.ts'
import { type LogicalPlan, newColumn } from '../../sql/plan/index.ts'

/** What a command answers: rows that stand in the plan. */
export function resultRows(
  columns: Readonly<Record<string, DataType>>,
  rows: readonly (readonly Value[])[],
): LogicalPlan {
  const made = Object.entries(columns).map(([name, type]) => newColumn(name, type))
  return { kind: 'Values', columns: made, rows }
}

/** The answer of a command that gives nothing. */
export const noResult = (): LogicalPlan => resultRows({}, [])

/** Lines of text as rows of one column. */
export function textRows(column: string, lines: readonly string[]): LogicalPlan {
  return resultRows(
    { [column]: types.string },
    lines.map((line) => [line]),
  )
}
