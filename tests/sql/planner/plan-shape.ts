import { inputsOf, type PhysicalPlan } from '../../../engine/plan/index.ts'
import { types } from '../../../engine/types/index.ts'
import { optimize } from '../../../sql/optimizer/index.ts'
import type { TableRef } from '../../../sql/plan/index.ts'
import { type PlanContext, planQuery } from '../../../sql/planner/index.ts'
import { analyzed } from '../optimizer/tpch-catalog.ts'
import { fakeContext, settings } from './plan-fixtures.ts'

const columns = ['k', 'x', 'g']

function table(name: string, rows: number | undefined, more: Partial<TableRef> = {}): TableRef {
  return {
    name,
    source: 'memory',
    options: { rows: String(rows ?? 1_000_000) },
    schema: { fields: columns.map((column) => ({ name: column, type: types.int64, nullable: true })) },
    statistics: rows === undefined ? {} : { rowCount: rows },
    partitionColumns: [],
    ...more,
  }
}

function bucketed(name: string, rows: number, count: number, column = 'k'): TableRef {
  const options = { rows: String(rows), buckets: String(count) }
  return table(name, rows, { options, bucketing: { columns: [column], bucketCount: count } })
}

const tables = [
  table('big', 10_000_000),
  table('big2', 9_000_000),
  table('mid', 300_000),
  table('small', 1000),
  table('small2', 900),
  table('unknown', undefined),
  bucketed('b8', 10_000_000, 8),
  bucketed('c8', 8_000_000, 8),
  bucketed('d4', 8_000_000, 4),
  bucketed('g8', 8_000_000, 8, 'g'),
]

/** The physical plan of a text over these tables. */
export async function planned(text: string, more: Partial<PlanContext> = {}): Promise<PhysicalPlan> {
  return await planQuery(optimize(await analyzed(text, tables), settings), fakeContext(more))
}

/** Kinds with their most telling details, inputs in brackets. */
export function shape(plan: PhysicalPlan): string {
  const inputs = inputsOf(plan)
  const name = plan.kind.replace('Exec', '')
  const detail =
    plan.kind === 'ExchangeExec'
      ? `:${plan.distribution.kind}`
      : plan.kind === 'HashAggregateExec'
        ? `:${plan.mode}`
        : plan.kind === 'HashJoinExec'
          ? `:${plan.joinType}:${plan.build}`
          : plan.kind === 'JoinBuildExec'
            ? `${plan.keysOnly ? ':keys' : ''}${plan.markingTasks > 0 ? `:${plan.markingTasks} mark` : ''}`
            : plan.kind === 'ScanExec'
              ? `:${plan.table}`
              : ''
  return inputs.length === 0 ? `${name}${detail}` : `${name}${detail}(${inputs.map(shape).join(', ')})`
}

/** The shape of the plan of a text. */
export async function shapeOf(text: string, more: Partial<PlanContext> = {}): Promise<string> {
  return shape(await planned(text, more))
}
