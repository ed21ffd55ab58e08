import type { SplitPlan } from '../../../engine/connect/index.ts'
import type { AggregateCall, Expr } from '../../../engine/expr/index.ts'
import { type DataType, types } from '../../../engine/types/index.ts'
import {
  type Column,
  columnExpr,
  type LogicalPlan,
  newColumn,
  type Scan,
  type TableRef,
} from '../../../sql/plan/index.ts'
import type { PlanContext } from '../../../sql/planner/index.ts'

export const settings = { timeZone: 'UTC', nowMicros: 0n, randomSeed: 1 }

/** A scan of an invented table: int64 columns unless typed. */
export function scanOf(
  name: string,
  columns: Readonly<Record<string, DataType>>,
  more: Partial<TableRef> & { rows?: number } = {},
): { scan: Scan; col: (name: string) => Expr; column: (name: string) => Column } {
  const { rows, ...rest } = more
  const made = Object.entries(columns).map(([key, type]) => newColumn(key, type))
  const table: TableRef = {
    name,
    source: 'memory',
    options: { rows: String(rows ?? 1000) },
    schema: { fields: made.map(({ name, type, nullable }) => ({ name, type, nullable })) },
    statistics: rows === undefined ? {} : { rowCount: rows, sizeBytes: rows * 50 },
    partitionColumns: [],
    ...rest,
  }
  const column = (wanted: string): Column => made.find((candidate) => candidate.name === wanted)!
  return {
    scan: { kind: 'Scan', table, columns: made, predicates: [] },
    col: (wanted) => columnExpr(column(wanted)),
    column,
  }
}

export function int(value: number): Expr {
  return { kind: 'literal', value: BigInt(value), type: types.int64 }
}

export function call(name: string, ...args: Expr[]): Expr {
  return { kind: 'call', name, args, type: types.boolean }
}

export function aggregate(name: string, type: DataType, ...args: Expr[]): AggregateCall {
  return { name, args, distinct: false, filter: null, order: [], type }
}

export function project(input: LogicalPlan, exprs: Readonly<Record<string, Expr>>): LogicalPlan {
  return {
    kind: 'Project',
    input,
    exprs: Object.entries(exprs).map(([name, expr]) => ({ column: newColumn(name, expr.type), expr })),
  }
}

/**
 * Splits of 100,000 rows each, as many as the table's option `rows` asks for; with `buckets`, one a bucket.
 */
export function fakeContext(more: Partial<PlanContext> = {}): PlanContext {
  return {
    threads: 2,
    shufflePartitions: 4,
    planSplits: async ({ request }): Promise<SplitPlan> => {
      const rows = Number(request.options['rows'])
      const buckets = Number(request.options['buckets'] ?? 0)
      const count = Math.max(1, buckets || Math.ceil(rows / 100_000))
      const splits = Array.from({ length: count }, (_, index) => ({
        sizeBytes: (rows * 50) / count,
        rowCount: rows / count,
        bucket: buckets > 0 ? index : undefined,
        data: index,
      }))
      return { splits, notes: [`row groups: ${count} of ${count}`] }
    },
    ...more,
  }
}
