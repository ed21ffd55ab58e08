import { randomUUID } from 'node:crypto'
import { dropMemoryTable, registerMemoryTable } from '../../connectors/memory/index.ts'
import type { RecordBatch } from '../../engine/batch/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { type OwnedDictionaries, ownRows } from '../../engine/shuffle/index.ts'
import { resolvedOf } from '../../sql/analyzer/index.ts'
import type { PlanExecutor, WriteSummary, WriteTarget } from '../../sql/dataframe/index.ts'
import { columnExpr, type LogicalPlan, newColumn, outputOf, schemaOf, type TableRef } from '../../sql/plan/index.ts'
import { explainLines } from './explain.ts'
import { typedParameters } from './parameters.ts'
import type { RunOptions } from './query-runner.ts'
import type { SessionCore } from './session-core.ts'
import { execute, writeTable } from './statements.ts'

/** What DataFrames need of this session. */
export function planExecutor(core: SessionCore): PlanExecutor {
  return {
    analyzerContext: () => core.analyzerContext(),

    async start(plan, { signal, onProgress }) {
      const query = await core.runner.start(plan, core.settings(), {
        signal,
        onProgress: ({ tasksDone, taskCount }) => onProgress?.({ done: tasksDone, total: taskCount }),
      })
      return { schema: query.plan.schema, batches: query.batches }
    },

    async explain(plan, mode) {
      const settings = core.settings()
      if (mode !== 'analyze') return explainLines(await core.runner.plan(plan, settings)).join('\n')
      const query = await core.runner.start(plan, settings)
      for await (const { release } of query.batches) release()
      return explainLines(query.plan, query.metrics).join('\n')
    },

    describeSource: (source, options, declared) => core.describeSource(source, options, declared),

    registerView(name, plan, { replace, global }) {
      core.catalog.setView(name, { kind: 'plan', plan }, { replace, global })
    },

    async table(name) {
      const quoted = name.split('.').map((part) => `\`${part.replaceAll('`', '``')}\``)
      return resolvedOf(await core.analyze(`SELECT * FROM ${quoted.join('.')}`))
    },

    async sql(text, parameters) {
      return resolvedOf(await core.statement(text, {}, typedParameters(parameters)))
    },

    async write(plan, target, { signal }) {
      let written: WriteSummary = { rows: 0, bytes: 0 }
      await writePlan(plan, target, core, { signal, onWritten: (summary) => (written = summary) })
      return written
    },

    materialize: (plan) => materialize(plan, core),
  }
}

async function writePlan(
  plan: LogicalPlan,
  target: WriteTarget,
  core: SessionCore,
  options: RunOptions,
): Promise<void> {
  if (target.kind === 'insert') return await insertPlan(plan, target, core, options)
  if (target.kind === 'table' && target.mode === 'append' && (await core.catalog.stored(target.name.split('.'))))
    return await insertPlan(plan, target, core, options)
  const { partitionColumns, bucketing, options: given } = target
  const input = partitionsLast(plan, partitionColumns)
  const schema = schemaOf(input)
  const source = target.format ?? 'parquet'
  if (target.kind === 'path') {
    const path = { ...given, path: target.name }
    const table: TableRef = { name: target.name, source, options: path, schema, statistics: {}, partitionColumns, bucketing }
    return await writeTable(input, table, target.mode ?? 'error', core, options)
  }
  await execute(
    {
      kind: 'createTable',
      parts: target.name.split('.'),
      orReplace: target.mode === 'overwrite',
      ifNotExists: target.mode === 'ignore',
      schema,
      source,
      options: given,
      partitionColumns,
      bucketing,
      properties: {},
      plan: input,
    },
    core,
    options,
  )
}

/** Rows into a table that is there: through INSERT, which checks and casts them. */
async function insertPlan(
  plan: LogicalPlan,
  { name, mode }: WriteTarget,
  core: SessionCore,
  options: RunOptions,
): Promise<void> {
  const view = `insert_${randomUUID().replaceAll('-', '')}`
  core.catalog.setView(view, { kind: 'plan', plan })
  try {
    const verb = mode === 'overwrite' ? 'OVERWRITE' : 'INTO'
    await core.statement(`INSERT ${verb} ${name} SELECT * FROM ${view}`, options)
  } finally {
    core.catalog.dropView([view])
  }
}

/** The same columns with those of partitions at the end, as tables keep them. */
function partitionsLast(plan: LogicalPlan, partitionColumns: readonly string[]): LogicalPlan {
  if (partitionColumns.length === 0) return plan
  const columns = outputOf(plan)
  const partitions = partitionColumns.map((name) => {
    const column = columns.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase())
    if (column === undefined)
      throw new EngineError('UNRESOLVED_COLUMN', `partition column "${name}" does not exist`)
    return column
  })
  const ordered = [...columns.filter((column) => !partitions.includes(column)), ...partitions]
  return { kind: 'Project', input: plan, exprs: ordered.map((column) => ({ column, expr: columnExpr(column) })) }
}

/** Runs a plan and keeps its rows in a region that ends with the session; the new plan reads them under the same columns. */
export async function materialize(plan: LogicalPlan, core: SessionCore): Promise<LogicalPlan> {
  const query = await core.runner.start(plan, core.settings())
  const region = core.pool.createRegion()
  const dictionaries: OwnedDictionaries = new Map()
  const batches: RecordBatch[] = []
  try {
    for await (const { batch, release } of query.batches) {
      batches.push(ownRows(batch, null, batch.rowCount, region, dictionaries))
      release()
    }
  } catch (error) {
    region.free()
    throw error
  }
  const columns = outputOf(plan)
  const fields = columns.map((column, index) => ({ ...column, name: `c${index}` }))
  const schema = { fields: fields.map(({ name, type, nullable }) => ({ name, type, nullable })) }
  const id = registerMemoryTable({ schema, partitions: inParts(batches, core.threads.size) })
  core.onStop(() => {
    dropMemoryTable(id)
    region.free()
  })
  const rowCount = batches.reduce((sum, batch) => sum + batch.rowCount, 0)
  const table: TableRef = {
    name: 'cached rows',
    source: 'memory',
    options: { id },
    schema,
    statistics: { rowCount },
    partitionColumns: [],
  }
  const scanned = fields.map(({ name, type, nullable }) => newColumn(name, type, nullable))
  return {
    kind: 'Project',
    input: { kind: 'Scan', table, columns: scanned, predicates: [] },
    exprs: columns.map((column, index) => ({ column, expr: columnExpr(scanned[index]!) })),
  }
}

/** Runs of whole batches, one for each thread to read. */
function inParts(batches: readonly RecordBatch[], count: number): readonly (readonly RecordBatch[])[] {
  const size = Math.max(1, Math.ceil(batches.length / count))
  const parts: RecordBatch[][] = []
  for (let from = 0; from < batches.length; from += size) parts.push(batches.slice(from, from + size))
  return parts
}
