import type { Bucketing, SourceOptions } from '../../engine/connect/index.ts'
import { nearestNames } from '../../engine/errors.ts'
import type { Field, Schema } from '../../engine/types/index.ts'
import type { ColumnDefinition, CreateTable, OptionEntry } from '../parser/index.ts'
import { columnExpr, type LogicalPlan, outputOf, schemaOf } from '../plan/index.ts'
import { analyzeQuery } from './analyze.ts'
import type { CreateTableCommand } from './analyzed-statement.ts'
import { didYouMean, unsupported, userError } from './check.ts'
import type { AnalyzerContext } from './context.ts'
import { convertType } from './convert-type.ts'

/** CREATE TABLE, its columns checked: partition columns exist and come last, no name comes twice. */
export async function analyzeCreateTable(
  statement: CreateTable,
  context: AnalyzerContext,
): Promise<CreateTableCommand> {
  const { parts, orReplace, ifNotExists, query, columns, partitionedBy, location, comment } = statement
  if (query !== undefined && columns.length > 0)
    throw unsupported(
      'a list of columns with CREATE TABLE … AS',
      statement.position,
      'Name and cast them in the query.',
    )
  const rows = query === undefined ? null : await analyzeQuery(query, context)
  const declared =
    rows === null ? (columns.length > 0 ? declaredSchema(columns) : null) : nullableSchema(rows)
  if (declared !== null) rejectDuplicates(declared, statement)
  const partitionColumns =
    declared === null
      ? partitionedBy
      : partitionedBy.map((name) => nameIn(declared, name, 'partition', statement))
  const schema = declared === null ? null : partitionsLast(declared, partitionColumns)
  if (schema !== null && partitionColumns.length > 0 && partitionColumns.length === schema.fields.length)
    throw userError(
      'ALL_PARTITION_COLUMNS_NOT_ALLOWED',
      'a table cannot be partitioned by all of its columns',
      statement.position,
    )
  return {
    kind: 'createTable',
    parts,
    orReplace,
    ifNotExists,
    schema,
    source: (statement.format ?? 'parquet').toLowerCase(),
    options: optionsOf(statement.options),
    partitionColumns,
    bucketing: bucketingOf(statement, declared),
    location,
    comment,
    properties: optionsOf(statement.properties),
    plan: rows === null || schema === null ? null : reordered(rows, schema),
  }
}

/** The columns of a query, as a new table keeps them: all may be NULL, as in Spark. */
function nullableSchema(rows: LogicalPlan): Schema {
  return { fields: schemaOf(rows).fields.map((field) => ({ ...field, nullable: true })) }
}

/** Options as a record; a later entry of the same key wins. */
export function optionsOf(entries: readonly OptionEntry[]): SourceOptions {
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]))
}

/** The columns a statement declares. */
export function declaredSchema(columns: readonly ColumnDefinition[]): Schema {
  return {
    fields: columns.map((column): Field => {
      if (column.default !== undefined) throw unsupported('DEFAULT of a column', column.position)
      return { name: column.name, type: convertType(column.type), nullable: column.nullable }
    }),
  }
}

function rejectDuplicates({ fields }: Schema, { parts, position }: CreateTable): void {
  const names = fields.map(({ name }) => name.toLowerCase())
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice === undefined) return
  throw userError(
    'COLUMN_ALREADY_EXISTS',
    `table "${parts.join('.')}" would have two columns "${twice}"`,
    position,
    'Give one of them another name.',
  )
}

function nameIn({ fields }: Schema, name: string, what: string, { position }: CreateTable): string {
  const found = fields.find((field) => field.name.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found.name
  const near = nearestNames(
    name,
    fields.map((field) => field.name),
  )
  throw userError(
    'COLUMN_NOT_DEFINED_IN_TABLE',
    `${what} column "${name}" does not exist in the table`,
    position,
    didYouMean(near),
  )
}

function partitionsLast({ fields }: Schema, partitionColumns: readonly string[]): Schema {
  const data = fields.filter(({ name }) => !partitionColumns.includes(name))
  return {
    fields: [...data, ...partitionColumns.map((name) => fields.find((field) => field.name === name)!)],
  }
}

function reordered(plan: LogicalPlan, { fields }: Schema): LogicalPlan {
  const columns = outputOf(plan)
  if (fields.every(({ name }, index) => columns[index]!.name === name)) return plan
  const exprs = fields.map(({ name }) => {
    const column = columns.find((candidate) => candidate.name === name)!
    return { column, expr: columnExpr(column) }
  })
  return { kind: 'Project', input: plan, exprs }
}

function bucketingOf(statement: CreateTable, declared: Schema | null): Bucketing | undefined {
  const { bucketing, position } = statement
  if (bucketing === undefined) return undefined
  if (bucketing.count < 1 || bucketing.count > 100_000)
    throw userError(
      'INVALID_ARGUMENT',
      `a table cannot have ${bucketing.count} buckets`,
      position,
      'Use 1 to 100000.',
    )
  const columns = bucketing.columns.map((name) =>
    declared === null ? name : nameIn(declared, name, 'bucket', statement),
  )
  const sorted = bucketing.sort.map(({ column }) =>
    declared === null ? column : nameIn(declared, column, 'sort', statement),
  )
  if (sorted.length > 0)
    throw unsupported('SORTED BY', position, 'Leave it out: rows of a bucket have no order.')
  return { columns, bucketCount: bucketing.count }
}
