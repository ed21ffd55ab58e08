import { listDataFiles } from '../../connectors/file/index.ts'
import { fileSystemOf } from '../../connectors/index.ts'
import { EngineError } from '../../engine/errors.ts'
import { type Schema, schemaText, types, type Value } from '../../engine/types/index.ts'
import { type AnalyzedStatement, builtInFunctions } from '../../sql/analyzer/index.ts'
import type { CatalogEntry } from '../../sql/catalog/index.ts'
import { type LogicalPlan, schemaOf } from '../../sql/plan/index.ts'
import { resultRows, textRows } from './results.ts'
import type { SessionCore } from './session-core.ts'

type ShowStatement = Extract<AnalyzedStatement, { readonly kind: 'show' | 'showOf' | 'showPartitions' }>

/** SHOW …: names as rows, with Spark's column names. */
export async function showStatement(statement: ShowStatement, core: SessionCore): Promise<LogicalPlan> {
  switch (statement.kind) {
    case 'show':
      return await showNames(statement.object, statement.pattern, core)
    case 'showOf':
      return statement.object === 'columns'
        ? await showColumns(statement.parts, core)
        : await showCreateTable(statement.parts, core)
    case 'showPartitions':
      return await showPartitions(statement.parts, core)
  }
}

async function showNames(
  object: 'tables' | 'views' | 'functions' | 'schemas',
  pattern: string | undefined,
  core: SessionCore,
): Promise<LogicalPlan> {
  const matches = likePattern(pattern)
  const temporary = new Set(core.catalog.viewNames())
  switch (object) {
    case 'schemas':
      return textRows('namespace', ['default'].filter(matches))
    case 'functions': {
      const names = [...new Set([...builtInFunctions.names(), ...core.catalog.functionNames()])].sort()
      return textRows('function', names.filter(matches))
    }
    case 'views':
    case 'tables': {
      const all = await core.catalog.tableNames()
      const names = (object === 'views' ? all.filter((name) => temporary.has(name)) : all).filter(matches)
      const rows = names.map((name): Value[] => [
        temporary.has(name) ? '' : 'default',
        name,
        temporary.has(name),
      ])
      const second = object === 'views' ? 'viewName' : 'tableName'
      return resultRows({ namespace: types.string, [second]: types.string, isTemporary: types.boolean }, rows)
    }
  }
}

/** Spark's pattern: `*` any text, `|` alternatives, case ignored. */
function likePattern(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true
  const source = pattern
    .split('|')
    .map((part) =>
      part
        .trim()
        .replace(/[\\^$.+?()[\]{}]/g, '\\$&')
        .replaceAll('*', '.*'),
    )
    .join('|')
  const regex = new RegExp(`^(?:${source})$`, 'i')
  return (name) => regex.test(name)
}

async function entryOf(parts: readonly string[], core: SessionCore): Promise<CatalogEntry> {
  const entry = await core.catalog.resolveTable(parts)
  if (entry === undefined) throw await core.catalog.tableNotFound(parts)
  return entry
}

async function schemaOfName(parts: readonly string[], core: SessionCore): Promise<Schema> {
  const entry = await entryOf(parts, core)
  if (entry.kind === 'table') return entry.table.schema
  return schemaOf(await core.analyze(`SELECT * FROM ${parts.map((part) => `\`${part}\``).join('.')}`))
}

async function showColumns(parts: readonly string[], core: SessionCore): Promise<LogicalPlan> {
  const { fields } = await schemaOfName(parts, core)
  return textRows(
    'col_name',
    fields.map((field) => field.name),
  )
}

async function showCreateTable(parts: readonly string[], core: SessionCore): Promise<LogicalPlan> {
  const stored = await core.catalog.stored(parts)
  if (stored === undefined) throw await core.catalog.tableNotFound(parts)
  const name = parts.join('.')
  if (stored.kind === 'view') return textRows('createtab_stmt', [`CREATE VIEW ${name} AS ${stored.text}`])
  const { schema, source, partitionColumns, bucketing } = stored.table
  const clauses = [`CREATE TABLE ${name} (${schemaText(schema)})`, `USING ${source}`]
  if (partitionColumns.length > 0) clauses.push(`PARTITIONED BY (${partitionColumns.join(', ')})`)
  if (bucketing !== undefined)
    clauses.push(`CLUSTERED BY (${bucketing.columns.join(', ')}) INTO ${bucketing.bucketCount} BUCKETS`)
  clauses.push(`LOCATION '${stored.location}'`)
  return textRows('createtab_stmt', [clauses.join('\n')])
}

async function showPartitions(parts: readonly string[], core: SessionCore): Promise<LogicalPlan> {
  const entry = await entryOf(parts, core)
  const path = entry.kind === 'table' ? entry.table.options['path'] : undefined
  if (entry.kind !== 'table' || path === undefined || entry.table.partitionColumns.length === 0)
    throw new EngineError('INVALID_ARGUMENT', `table "${parts.join('.')}" is not partitioned`)
  const files = await listDataFiles(fileSystemOf(path), path)
  const names = files.map(({ partition }) =>
    Object.entries(partition)
      .map(([column, text]) => `${column}=${text ?? 'null'}`)
      .join('/'),
  )
  return textRows('partition', [...new Set(names)].sort())
}
