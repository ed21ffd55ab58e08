import { randomUUID } from 'node:crypto'
import { fileSystemOf, sourceOf } from '../../connectors/index.ts'
import type { WriteMode } from '../../engine/connect/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { typeName, types, type Value } from '../../engine/types/index.ts'
import type {
  AnalyzedStatement,
  CreateTableCommand,
  CreateViewCommand,
  DescribeCommand,
  ExplainCommand,
  InsertCommand,
} from '../../sql/analyzer/index.ts'
import { type LogicalPlan, newColumn, type TableRef } from '../../sql/plan/index.ts'
import { explainLines } from './explain.ts'
import type { RunOptions } from './query-runner.ts'
import { noResult, resultRows, textRows } from './results.ts'
import type { SessionCore } from './session-core.ts'
import { setTimeZone, setVariable } from './set-statement.ts'
import { showStatement } from './show.ts'

/**
 * Carries out a statement. A query is only planned; a command is done when this returns, and gives its answer
 * as rows.
 */
export async function execute(
  statement: AnalyzedStatement,
  core: SessionCore,
  options: RunOptions = {},
): Promise<LogicalPlan> {
  switch (statement.kind) {
    case 'query':
      return statement.plan
    case 'createView':
      return await createView(statement, core)
    case 'createTable':
      return await createTable(statement, core, options)
    case 'insert':
      return await insert(statement, core, options)
    case 'describeTable':
    case 'describeQuery':
    case 'describeFunction':
      return describe(statement)
    case 'explain':
      return await explain(statement, core, options)
    case 'drop':
      return await drop(statement, core)
    case 'show':
    case 'showOf':
    case 'showPartitions':
      return await showStatement(statement, core)
    case 'set':
      return setVariable(statement.key, statement.value, core)
    case 'setTimeZone':
      return setTimeZone(statement.zone, statement.offsetMicros, core)
    case 'reset':
      if (statement.key === undefined) core.config.clear()
      else core.config.delete(statement.key)
      return noResult()
    case 'truncateTable':
      return await truncate(statement.parts, core)
    case 'refreshTable':
    case 'analyzeTable':
      return noResult() // Files are looked at anew by every query, and their footers have the statistics.
    case 'use':
      throw new EngineError('UNSUPPORTED_FEATURE', 'USE: there is one schema, "default"')
    case 'cacheTable':
    case 'uncacheTable':
    case 'clearCache':
      await core.tableCache.run(statement)
      return noResult()
  }
}

async function createView(view: CreateViewCommand, core: SessionCore): Promise<LogicalPlan> {
  const { parts, scope, orReplace, ifNotExists, columns, text, comment } = view
  if (scope !== 'permanent') {
    core.catalog.setView(parts.at(-1)!, view.entry, {
      replace: orReplace,
      global: scope === 'globalTemporary',
    })
    return noResult()
  }
  if (await keepExisting(parts, core, orReplace, ifNotExists, 'view')) return noResult()
  await core.catalog.store.save(core.catalog.storedName(parts), { kind: 'view', text, columns, comment })
  return noResult()
}

/** Whether a name is taken and stays so; TABLE_OR_VIEW_ALREADY_EXISTS if it is taken and nothing was said. */
async function keepExisting(
  parts: readonly string[],
  core: SessionCore,
  orReplace: boolean,
  ifNotExists: boolean,
  kind: 'table' | 'view',
): Promise<boolean> {
  const existing = await core.catalog.stored(parts)
  if (existing === undefined) return false
  if (ifNotExists) return true
  if (orReplace && existing.kind === kind) return false
  throw new EngineError(
    'TABLE_OR_VIEW_ALREADY_EXISTS',
    `${existing.kind} "${parts.join('.')}" already exists`,
    {
      hint: `Drop it first, or use CREATE OR REPLACE or IF NOT EXISTS.`,
    },
  )
}

async function createTable(
  command: CreateTableCommand,
  core: SessionCore,
  options: RunOptions,
): Promise<LogicalPlan> {
  const { parts, orReplace, ifNotExists, source, partitionColumns, bucketing, plan, comment, properties } =
    command
  if (await keepExisting(parts, core, orReplace, ifNotExists, 'table')) return noResult()
  sourceOf(source) // A format that does not exist is an error now, not when the table is read.
  const name = core.catalog.storedName(parts)
  const location = command.location ?? core.warehouse.locationOf(name)
  const tableOptions = { ...command.options, path: location }
  const described = command.schema === null ? await core.describeSource(source, tableOptions, null) : null
  const table: TableRef = {
    name: parts.join('.'),
    source,
    options: tableOptions,
    schema: command.schema ?? described!.schema,
    statistics: {},
    partitionColumns: described?.partitionColumns ?? partitionColumns,
    bucketing,
  }
  if (plan !== null) await writeTable(plan, table, 'overwrite', core, options)
  await core.catalog.store.save(name, { kind: 'table', table, location, comment, properties })
  return noResult()
}

async function insert(command: InsertCommand, core: SessionCore, options: RunOptions): Promise<LogicalPlan> {
  const { table, plan, overwrite, staticPartition } = command
  if (overwrite && Object.keys(staticPartition).length > 0)
    throw new EngineError('UNSUPPORTED_FEATURE', 'INSERT OVERWRITE of a single partition')
  await writeTable(plan, table, overwrite ? 'overwrite' : 'append', core, options)
  return noResult()
}

/** Writes the rows of a plan as the files of a table, and tells `onWritten` how many. */
export async function writeTable(
  input: LogicalPlan,
  table: TableRef,
  mode: WriteMode,
  core: SessionCore,
  options: RunOptions,
): Promise<void> {
  const { schema, partitionColumns, bucketing } = table
  const write: LogicalPlan = {
    kind: 'Write',
    input,
    sink: table.source,
    request: { options: table.options, schema, mode, partitionColumns, bucketing, jobId: randomUUID() },
    columns: [newColumn('rows', types.int64, false), newColumn('bytes', types.int64, false)],
  }
  const totals = [0n, 0n]
  const query = await core.runner.start(write, core.settings(), options)
  for await (const { batch, release } of query.batches) {
    batch.columns.forEach((column, index) => {
      if (column.encoding === 'fixed') for (const value of column.values) totals[index]! += BigInt(value)
    })
    release()
  }
  options.onWritten?.({ rows: Number(totals[0]), bytes: Number(totals[1]) })
}

function describe(command: DescribeCommand): LogicalPlan {
  if (command.kind === 'describeFunction') return textRows('function_desc', [command.usage])
  const rows: Value[][] = command.schema.fields
    .filter(
      (field) => !('column' in command) || command.column === undefined || field.name === command.column,
    )
    .map((field) => [field.name, typeName(field.type), null])
  if (command.kind === 'describeTable' && command.table !== null && command.column === undefined)
    rows.push(...tableDetails(command.table, command.extended))
  return resultRows({ col_name: types.string, data_type: types.string, comment: types.string }, rows)
}

/** Partition columns, and with EXTENDED where and how the table is stored. */
function tableDetails(table: TableRef, extended: boolean): Value[][] {
  const rows: Value[][] = []
  if (table.partitionColumns.length > 0) {
    rows.push(['# Partition Information', '', ''], ['# col_name', 'data_type', 'comment'])
    for (const name of table.partitionColumns)
      rows.push([name, typeName(table.schema.fields.find((field) => field.name === name)!.type), null])
  }
  if (!extended) return rows
  rows.push(
    ['', '', ''],
    ['# Detailed Table Information', '', ''],
    ['Name', table.name, ''],
    ['Provider', table.source, ''],
  )
  if (table.options['path'] !== undefined) rows.push(['Location', table.options['path'], ''])
  const { bucketing, statistics } = table
  if (bucketing !== undefined)
    rows.push(
      ['Num Buckets', String(bucketing.bucketCount), ''],
      ['Bucket Columns', `[${bucketing.columns.join(', ')}]`, ''],
    )
  if (statistics.rowCount !== undefined)
    rows.push(['Statistics', `${statistics.sizeBytes ?? 0} bytes, ${statistics.rowCount} rows`, ''])
  return rows
}

async function explain(
  command: ExplainCommand,
  core: SessionCore,
  options: RunOptions,
): Promise<LogicalPlan> {
  const { statement, mode } = command
  const plan = planOf(statement)
  if (plan === null) return textRows('plan', [`Command: ${statement.kind}`])
  const settings = core.settings()
  if (mode !== 'analyze') return textRows('plan', explainLines(await core.runner.plan(plan, settings)))
  const query = await core.runner.start(plan, settings, options)
  for await (const { release } of query.batches) release()
  return textRows('plan', explainLines(query.plan, query.metrics, query.adaptations))
}

function planOf(statement: AnalyzedStatement): LogicalPlan | null {
  return statement.kind === 'query' || statement.kind === 'createTable' || statement.kind === 'insert'
    ? statement.plan
    : null
}

async function drop(
  statement: AnalyzedStatement & { readonly kind: 'drop' },
  core: SessionCore,
): Promise<LogicalPlan> {
  const { object, parts, ifExists, position } = statement
  if (object === 'view' && core.catalog.dropView(parts)) return noResult()
  const stored = await core.catalog.stored(parts)
  if (stored === undefined) {
    if (ifExists) return noResult()
    throw await core.catalog.tableNotFound(parts, position)
  }
  if (stored.kind !== object)
    throw new EngineError(
      'WRONG_COMMAND_FOR_OBJECT_TYPE',
      `"${parts.join('.')}" is a ${stored.kind}, not a ${object}`,
      {
        position,
        hint: `Use DROP ${stored.kind.toUpperCase()}.`,
      },
    )
  const name = core.catalog.storedName(parts)
  await core.catalog.store.drop(name)
  const managed = core.warehouse.locationOf(name)
  if (stored.kind === 'table' && stored.location === managed) await fileSystemOf(managed).remove(managed)
  return noResult()
}

async function truncate(parts: readonly string[], core: SessionCore): Promise<LogicalPlan> {
  const stored = await core.catalog.stored(parts)
  if (stored === undefined) throw await core.catalog.tableNotFound(parts)
  if (stored.kind === 'view')
    throw new EngineError('WRONG_COMMAND_FOR_OBJECT_TYPE', `"${parts.join('.')}" is a view`)
  await fileSystemOf(stored.location).remove(stored.location)
  return noResult()
}
