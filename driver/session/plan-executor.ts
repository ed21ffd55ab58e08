import { randomUUID } from 'node:crypto'
import { EngineError } from '../../engine/errors.ts'
import { resolvedOf } from '../../sql/analyzer/index.ts'
import type { PlanExecutor, WriteSummary, WriteTarget } from '../../sql/dataframe/index.ts'
import { columnExpr, type LogicalPlan, outputOf, schemaOf, type TableRef } from '../../sql/plan/index.ts'
import { keepRows } from './cached-rows.ts'
import { explainLines } from './explain.ts'
import { typedParameters } from './parameters.ts'
import type { RunOptions } from './query-runner.ts'
import type { SessionCore } from './session-core.ts'
import { startStream } from './start-stream.ts'
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
      return explainLines(query.plan, query.metrics, query.adaptations).join('\n')
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

    keep: (plan, level) => keepRows(plan, core, level),

    startStream: (plan, request, newFrame) => startStream(plan, request, newFrame, core),
  }
}

async function writePlan(
  plan: LogicalPlan,
  target: WriteTarget,
  core: SessionCore,
  options: RunOptions,
): Promise<void> {
  if (target.kind === 'insert') return await insertPlan(plan, target, core, options)
  if (
    target.kind === 'table' &&
    target.mode === 'append' &&
    (await core.catalog.stored(target.name.split('.')))
  )
    return await insertPlan(plan, target, core, options)
  const { partitionColumns, bucketing, options: given } = target
  const input = partitionsLast(plan, partitionColumns)
  const schema = schemaOf(input)
  const source = target.format ?? 'parquet'
  if (target.kind === 'path') {
    const path = { ...given, path: target.name }
    const table: TableRef = {
      name: target.name,
      source,
      options: path,
      schema,
      statistics: {},
      partitionColumns,
      bucketing,
    }
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
  return {
    kind: 'Project',
    input: plan,
    exprs: ordered.map((column) => ({ column, expr: columnExpr(column) })),
  }
}
