import { nearestNames } from '../../engine/errors.ts'
import type { Schema } from '../../engine/types/index.ts'
import type { CatalogEntry } from '../catalog/index.ts'
import type {
  CacheTable,
  CreateTempViewUsing,
  CreateView,
  Describe,
  Query,
  Statement,
} from '../parser/index.ts'
import { schemaOf } from '../plan/index.ts'
import { analyzeQuery } from './analyze.ts'
import type { AnalyzedStatement, DescribeCommand } from './analyzed-statement.ts'
import { didYouMean, guardDepth, locateAsync, unsupported, userError } from './check.ts'
import { type AnalyzerContext, tableKey } from './context.ts'
import { analyzeCreateTable, declaredSchema, optionsOf } from './create-table.ts'
import { renamed } from './from.ts'
import { analyzeInsert } from './insert.ts'
import { prepareAnalysis, requireTable } from './load-tables.ts'
import { analyzeQuery as resolveQuery } from './query.ts'
import { plainPlan, resolvedOf } from './scope.ts'
import { nodesOf } from './walk-tree.ts'

/** A statement, checked: the plan of a query, or a command for the session with its plans inside. */
export async function analyzeStatement(
  statement: Statement,
  context: AnalyzerContext,
): Promise<AnalyzedStatement> {
  switch (statement.kind) {
    case 'queryStatement':
      return { kind: 'query', plan: await analyzeQuery(statement.query, context) }
    case 'createView':
      return await analyzeCreateView(statement, context)
    case 'createTempViewUsing':
      return await analyzeTempViewUsing(statement, context)
    case 'createTable':
      return await analyzeCreateTable(statement, context)
    case 'insert':
      return await analyzeInsert(statement, context)
    case 'describeTable':
    case 'describeFunction':
    case 'describeQuery':
      return await analyzeDescribe(statement, context)
    case 'explain':
      return {
        kind: 'explain',
        mode: statement.mode,
        statement: await analyzeStatement(statement.statement, context),
      }
    case 'cacheTable':
      return await analyzeCache(statement, context)
    default:
      return statement
  }
}

async function analyzeCreateView(view: CreateView, context: AnalyzerContext): Promise<AnalyzedStatement> {
  const { parts, scope, orReplace, ifNotExists, text, comment, query, position } = view
  const columns = view.columns.map(({ name }) => name)
  const isBound = hasParameters(query)
  if (isBound && scope === 'permanent') throw unsupported('a parameter in a permanent view', position)
  const entry: CatalogEntry = { kind: 'view', query, columns }
  // The view itself is among the tables, so that one which uses itself, through others too, is found now.
  const analysis = await prepareAnalysis(query, context)
  const own = tableKey(parts)
  const tables = analysis.tables.has(own) ? new Map(analysis.tables).set(own, entry) : analysis.tables
  const resolved = resolvedOf(plainPlan(guardDepth(() => resolveQuery({ ...analysis, tables }, query, null))))
  const plan = plainPlan(renamed(resolved, [], columns, false, position))
  const schema = schemaOf(plan)
  rejectDuplicates(schema, view)
  // The values of parameters are only known now, so such a view keeps its plan.
  const kept: CatalogEntry = isBound ? { kind: 'plan', plan } : entry
  return {
    kind: 'createView',
    parts,
    scope,
    orReplace,
    ifNotExists,
    entry: kept,
    text,
    columns,
    comment,
    schema,
  }
}

function hasParameters(query: Query): boolean {
  for (const { kind } of nodesOf(query)) if (kind === 'parameter') return true
  return false
}

function rejectDuplicates({ fields }: Schema, { parts, position }: CreateView): void {
  const names = fields.map(({ name }) => name.toLowerCase())
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined)
    throw userError(
      'COLUMN_ALREADY_EXISTS',
      `view "${parts.join('.')}" would have two columns "${twice}"`,
      position,
      'Give one of them another name with AS.',
    )
}

async function analyzeTempViewUsing(
  { parts, global, orReplace, columns, format, options }: CreateTempViewUsing,
  context: AnalyzerContext,
): Promise<AnalyzedStatement> {
  const declared = columns.length > 0 ? declaredSchema(columns) : null
  const table = await context.resolveSource(format.toLowerCase(), optionsOf(options), declared)
  return {
    kind: 'createView',
    parts,
    scope: global ? 'globalTemporary' : 'temporary',
    orReplace,
    ifNotExists: false,
    entry: { kind: 'table', table: { ...table, name: parts.join('.') } },
    text: '',
    columns: [],
    schema: table.schema,
  }
}

async function analyzeDescribe(describe: Describe, context: AnalyzerContext): Promise<DescribeCommand> {
  switch (describe.kind) {
    case 'describeQuery':
      return { kind: 'describeQuery', schema: schemaOf(await analyzeQuery(describe.query, context)) }
    case 'describeFunction':
      return describeFunction(describe, context)
    case 'describeTable': {
      const { parts, extended, position } = describe
      const entry = await locateAsync(position, () => requireTable(parts, context))
      const table = entry.kind === 'table' ? entry.table : null
      const schema = table?.schema ?? schemaOf(await analyzeQuery(tableQuery(parts), context))
      const column = describe.column?.join('.')
      if (
        column !== undefined &&
        !schema.fields.some(({ name }) => name.toLowerCase() === column.toLowerCase())
      )
        throw userError(
          'UNRESOLVED_COLUMN',
          `column "${column}" does not exist in table "${parts.join('.')}"`,
          position,
          didYouMean(
            nearestNames(
              column,
              schema.fields.map(({ name }) => name),
            ),
          ),
        )
      return { kind: 'describeTable', parts, extended, schema, table, column }
    }
  }
}

function describeFunction(
  { name, extended, position }: Extract<Describe, { kind: 'describeFunction' }>,
  { functions, catalog }: AnalyzerContext,
): DescribeCommand {
  const user = catalog.function(name)
  const found = functions.scalar(name) ?? functions.aggregate(name) ?? functions.window(name)
  if (user !== undefined)
    return { kind: 'describeFunction', name, usage: `${user.name} - a function of the program`, extended }
  if (found !== undefined) {
    return { kind: 'describeFunction', name: found.name, usage: found.usage, extended }
  }
  const near = nearestNames(name, [...functions.names(), ...catalog.functionNames()])
  throw userError('UNRESOLVED_ROUTINE', `function "${name}" does not exist`, position, didYouMean(near))
}

async function analyzeCache(
  { parts, lazy, query }: Extract<CacheTable, { kind: 'cacheTable' }>,
  context: AnalyzerContext,
): Promise<AnalyzedStatement> {
  const plan = await analyzeQuery(query ?? tableQuery(parts), context)
  return { kind: 'cacheTable', parts, lazy, plan, isNew: query !== undefined }
}

/** TABLE name */
function tableQuery(parts: readonly string[]): Query {
  const body = { kind: 'tableQuery', parts } as const
  return { kind: 'query', with: [], body, orderBy: [], sortBy: [], distributeBy: [], clusterBy: [] }
}
