import { nearestNames } from '../../engine/errors.ts'
import type { Expr, LiteralExpr } from '../../engine/expr/index.ts'
import {
  commonType,
  type DataType,
  type Field,
  isDatetime,
  isNested,
  isNumeric,
  typeName,
  types,
  type Value,
} from '../../engine/types/index.ts'
import type { Insert } from '../parser/index.ts'
import { columnExpr, newColumn, outputOf, type TableRef } from '../plan/index.ts'
import { analyzeQuery } from './analyze.ts'
import type { InsertCommand } from './analyzed-statement.ts'
import { didYouMean, locateAsync, unsupported, userError } from './check.ts'
import { castTo } from './coerce-types.ts'
import type { AnalyzerContext } from './context.ts'
import { parseDatetime } from './literals.ts'
import { newAnalysis, requireTable } from './load-tables.ts'
import { plainEnvironment } from './plain-environment.ts'
import { resolveExpression } from './resolve-expression.ts'

/**
 * INSERT: the query's columns matched to those of the table, by position or by name, and cast to their
 * types by Spark's rules for storing (a number into a narrower one is checked for each row; a text is
 * never parsed). Columns that get nothing are NULL.
 */
export async function analyzeInsert(insert: Insert, context: AnalyzerContext): Promise<InsertCommand> {
  const { parts, overwrite, ifNotExists, position } = insert
  const entry = await locateAsync(position, () => requireTable(parts, context))
  if (entry.kind !== 'table')
    throw userError(
      'WRONG_COMMAND_FOR_OBJECT_TYPE',
      `"${parts.join('.')}" is a view, so rows cannot be put into it`,
      position,
    )
  const { table } = entry
  const rows = await analyzeQuery(insert.query, context)
  const fixed = fixedValues(insert, table, context)
  const given = matchColumns(
    insert,
    table,
    fixed,
    outputOf(rows).map(({ name }) => name),
  )
  const columns = outputOf(rows)
  const exprs = table.schema.fields.map((field) => {
    const constant = fixed.get(field.name)
    const source = columns[given.get(field.name) ?? -1]
    const value =
      constant ?? (source === undefined ? nullOf(field, insert) : stored(columnExpr(source), field, insert))
    const isNullable = constant === undefined && source?.nullable !== false
    const expr = isNullable && !field.nullable ? checkedNotNull(value, field) : value
    return { column: newColumn(field.name, field.type, isNullable && field.nullable), expr }
  })
  const staticPartition = Object.fromEntries([...fixed].map(([name, expr]) => [name, literalOf(expr)]))
  const plan = { kind: 'Project', input: rows, exprs } as const
  return { kind: 'insert', parts, table, plan, overwrite, ifNotExists, staticPartition }
}

function literalOf(expr: Expr): Value {
  return expr.kind === 'literal' ? expr.value : null
}

/** The values of PARTITION (p = value). */
function fixedValues(insert: Insert, table: TableRef, context: AnalyzerContext): Map<string, Expr> {
  const fixed = new Map<string, Expr>()
  for (const { column, value } of insert.partition) {
    const name = tableColumn(column, table, insert)
    if (!table.partitionColumns.includes(name))
      throw userError(
        'UNRESOLVED_COLUMN',
        `"${column}" is no partition column of "${table.name}"`,
        insert.position,
      )
    if (value === undefined) continue
    const field = table.schema.fields.find((candidate) => candidate.name === name)!
    const environment = plainEnvironment(newAnalysis(context), { columns: [], outer: null }, 'PARTITION')
    const expr = resolveExpression(value, environment)
    const typed = isText(expr)
      ? partitionValue(expr.value, field, insert, context)
      : stored(expr, field, insert)
    if (typed.kind !== 'literal') throw unsupported('a partition value that is no constant', value.position)
    fixed.set(name, typed)
  }
  return fixed
}

function isText(expr: Expr): expr is LiteralExpr & { readonly value: string } {
  return expr.kind === 'literal' && typeof expr.value === 'string'
}

/** A text as a value of the partition column, as folder names give them. */
function partitionValue(
  text: string,
  { name, type }: Field,
  { position }: Insert,
  { timeZone }: AnalyzerContext,
): Expr {
  const literal = (value: Value): Expr => ({ kind: 'literal', value, type })
  switch (type.kind) {
    case 'string':
      return literal(text)
    case 'date':
    case 'timestamp':
    case 'timestamp_ntz': {
      const found = parseDatetime(text, type.kind, timeZone)
      if (found !== undefined) return found
      break
    }
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      if (/^[+-]?\d{1,18}$/.test(text))
        return castTo({ kind: 'literal', value: BigInt(text), type: types.int64 }, type)
  }
  throw userError(
    'CAST_INVALID_INPUT',
    `"${text}" is no value for partition column "${name}", which is "${typeName(type)}"`,
    position,
  )
}

/** Which column of the query goes into which of the table. */
function matchColumns(
  insert: Insert,
  table: TableRef,
  fixed: ReadonlyMap<string, Expr>,
  names: readonly string[],
): Map<string, number> {
  const open = table.schema.fields.map(({ name }) => name).filter((name) => !fixed.has(name))
  if (insert.byName) {
    const targets = names.map((name) => tableColumn(name, table, insert))
    rejectTwice(targets, insert)
    return new Map(targets.map((name, index) => [name, index]))
  }
  const listed = insert.columns.map((name) => tableColumn(name, table, insert))
  rejectTwice(listed, insert)
  // Dynamic partition columns come last in the query, in the order of PARTITION.
  const targets = listed.length > 0 ? listed : open
  if (targets.length !== names.length)
    throw userError(
      'INSERT_COLUMN_ARITY_MISMATCH',
      `the query gives ${names.length} columns, but "${insert.parts.join('.')}" takes ${targets.length}: ` +
        targets.join(', '),
      insert.position,
      'Name the columns: INSERT INTO t (a, b) …',
    )
  return new Map(targets.map((name, index) => [name, index]))
}

function rejectTwice(names: readonly string[], { position }: Insert): void {
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined)
    throw userError('COLUMN_ALREADY_EXISTS', `column "${twice}" is given twice`, position)
}

function tableColumn(name: string, { schema: { fields } }: TableRef, { parts, position }: Insert): string {
  const found = fields.find((field) => field.name.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found.name
  throw userError(
    'UNRESOLVED_COLUMN',
    `column "${name}" does not exist in table "${parts.join('.')}"`,
    position,
    didYouMean(
      nearestNames(
        name,
        fields.map((field) => field.name),
      ),
    ),
  )
}

function nullOf(field: Field, { parts, position }: Insert): Expr {
  if (!field.nullable)
    throw userError(
      'NOT_NULL_CONSTRAINT_VIOLATION',
      `column "${field.name}" of "${parts.join('.')}" must not be NULL, and gets no value`,
      position,
    )
  return { kind: 'literal', value: null, type: field.type }
}

/** The value as the column's type, or INCOMPATIBLE_DATA_FOR_TABLE. */
function stored(expr: Expr, field: Field, { parts, position }: Insert): Expr {
  if (canStore(expr.type, field.type)) return castTo(expr, field.type)
  throw userError(
    'INCOMPATIBLE_DATA_FOR_TABLE',
    `cannot store "${typeName(expr.type)}" in column "${field.name}" of "${parts.join('.')}", ` +
      `which is "${typeName(field.type)}"`,
    position,
    'Cast it in the query.',
  )
}

/** The value, or an error at the first row where it is NULL. */
function checkedNotNull(value: Expr, { name }: Field): Expr {
  const text = `column "${name}" must not be NULL`
  const message: Expr = { kind: 'literal', value: text, type: types.string }
  const failure: Expr = { kind: 'call', name: 'raise_error', args: [message], type: types.null }
  const when: Expr = { kind: 'call', name: 'isnotnull', args: [value], type: types.boolean }
  return {
    kind: 'case',
    branches: [{ when, then: value }],
    otherwise: castTo(failure, value.type),
    type: value.type,
  }
}

function canStore(from: DataType, to: DataType): boolean {
  if (from.kind === 'null' || from.kind === to.kind)
    return !isNested(to) || commonType(from, to) !== undefined || from.kind === 'null'
  if (isNumeric(from) && isNumeric(to)) return true
  if (isDatetime(from) && isDatetime(to)) return true
  return to.kind === 'string' && !isNested(from) && from.kind !== 'binary'
}
