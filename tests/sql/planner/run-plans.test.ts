import { afterAll, expect, test } from 'vitest'
import { EngineError } from '../../../engine/errors.ts'
import { MemoryPool } from '../../../engine/memory/index.ts'
import { explainPhysical } from '../../../engine/plan/index.ts'
import type { DataType, Value } from '../../../engine/types/index.ts'
import { optimize } from '../../../sql/optimizer/index.ts'
import { type LogicalPlan, transformUp } from '../../../sql/plan/index.ts'
import { planQuery } from '../../../sql/planner/index.ts'
import type { Tables } from '../optimizer/naive-rows.ts'
import { answer, QUERIES, randomTables, refs } from '../optimizer/small-queries.ts'
import { analyzed } from '../optimizer/tpch-catalog.ts'
import { fakeContext, settings } from './plan-fixtures.ts'
import { runInProcess } from './run-in-process.ts'

const pool = MemoryPool.create({ limitBytes: 256 << 20, poison: true })
afterAll(() => expect(pool.usedBytes).toBe(0))

/** The rows of the tables in place of scans, in one partition or spread over some. */
function filled(plan: LogicalPlan, tables: Tables, partitionCount: number): LogicalPlan {
  return transformUp(plan, (node) => {
    if (node.kind !== 'Scan') return node
    const rows = tables[node.table.name]!.map((row) =>
      node.columns.map(({ name }) => (row[name] === null ? null : BigInt(row[name] as number))),
    )
    const values: LogicalPlan = { kind: 'Values', columns: node.columns, rows }
    return partitionCount === 1 ? values : { kind: 'Repartition', input: values, keys: [], partitionCount }
  })
}

function plain(value: Value, type: DataType): unknown {
  if (typeof value !== 'bigint') return value
  return type.kind === 'decimal' ? Number(value) / 10 ** type.scale : Number(value)
}

test.each(QUERIES)('%s', async (text) => {
  const logical = await analyzed(text, refs)
  for (let seed = 1; seed <= 4; seed++)
    for (const partitionCount of [1, 3]) {
      const tables = randomTables(seed)
      const plan = optimize(filled(logical, tables, partitionCount), { ...settings, pool })
      const physical = await planQuery(plan, fakeContext({ shufflePartitions: 3 }))
      const types = physical.schema.fields.map(({ type }) => type)
      let rows: readonly string[] | string
      try {
        const found = await runInProcess(physical, pool)
        rows = found
          .map((row) => JSON.stringify(row.map((value, index) => plain(value, types[index]!))))
          .sort()
      } catch (error) {
        if (!(error instanceof EngineError) || error.code !== 'SCALAR_SUBQUERY_TOO_MANY_ROWS') throw error
        rows = 'TOO_MANY_ROWS'
      }
      const context = { seed, tables, plan: explainPhysical(physical) }
      expect({ ...context, rows }).toEqual({ ...context, rows: answer(logical, tables) })
    }
})
