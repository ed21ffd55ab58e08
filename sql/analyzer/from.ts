import { type CatalogEntry, tableNotFound } from '../catalog/index.ts'
import { type Expression, parseQuery, type TableRef } from '../parser/index.ts'
import { type TableRef as CatalogTable, freshColumns, newColumn, type Scan } from '../plan/index.ts'
import { locateView, userError } from './check.ts'
import { type Analysis, fileKey, tableKey } from './context.ts'
import { isGenerator } from './generator-names.ts'
import { joinResolved } from './joins.ts'
import { placeApply } from './lateral.ts'
import { sampleRows } from './sample.ts'
import { type Resolved, resolvedOf, type Scope } from './scope.ts'
import { analyzeTableFunction, generateBeside } from './table-functions.ts'
import { analyzeValues } from './values.ts'

/** The entries of FROM: comma joins from left to right; one row without columns if there are none. */
export function analyzeFrom(
  analysis: Analysis,
  from: readonly TableRef[],
  outer: Scope | null,
  broadcast: ReadonlySet<string>,
): Resolved {
  const context: FromContext = { analysis, outer, broadcast }
  const [first, ...rest] = from
  if (first === undefined) return resolvedOf({ kind: 'Values', columns: [], rows: [[]] }, [], outer)
  return rest.reduce<Resolved>(
    (left, ref) => {
      const lateral = placeLateral(ref, left, context)
      if (lateral !== undefined) return lateral
      const right = analyzeRef(ref, context)
      const hints = { left: false, right: isHinted(ref, broadcast) }
      return joinResolved(left, right, { joinType: 'cross', natural: false, using: [], hints }, analysis)
    },
    analyzeRef(first, context),
  )
}

interface FromContext {
  readonly analysis: Analysis
  readonly outer: Scope | null
  readonly broadcast: ReadonlySet<string>
}

function analyzeRef(ref: TableRef, context: FromContext): Resolved {
  const { analysis, outer } = context
  switch (ref.kind) {
    case 'table':
      return named(analyzeTable(ref, analysis, outer), ref, ref.parts)
    case 'fileTable': {
      const entry = analysis.tables.get(fileKey(ref.format, ref.path))
      if (entry?.kind !== 'table')
        throw userError('FILE_NOT_FOUND', `"${ref.path}" was not read`, ref.position)
      return named(scanTable(entry.table, outer), ref, [ref.format, ref.path])
    }
    case 'derivedTable':
      return named(analysis.analyzeQuery(analysis, ref.query, outer), ref, [])
    case 'valuesTable':
      return named(analyzeValues(ref.rows, analysis, outer), ref, [])
    case 'tableFunction':
      return named(analyzeTableFunction(ref, analysis, outer), ref, [ref.name])
    case 'aliased':
      return named(analyzeRef(ref.input, context), ref, [])
    case 'sampled':
      return sampleRows(analyzeRef(ref.input, context), ref.sample, analysis, ref.position)
    case 'join':
      return analyzeJoin(ref, context)
  }
}

function analyzeJoin(join: Extract<TableRef, { kind: 'join' }>, context: FromContext): Resolved {
  const left = analyzeRef(join.left, context)
  const { joinType, natural, using, on, position } = join
  const outerJoin = joinType === 'left'
  if (joinType === 'inner' || joinType === 'cross' || outerJoin) {
    const lateral = placeLateral(join.right, left, context, outerJoin, on)
    if (lateral !== undefined) return lateral
  }
  const right = analyzeRef(join.right, context)
  const hints = {
    left: isHinted(join.left, context.broadcast),
    right: isHinted(join.right, context.broadcast),
  }
  return joinResolved(left, right, { joinType, natural, using, on, position, hints }, context.analysis)
}

/** LATERAL entries, which see the columns to their left; undefined for all others. */
function placeLateral(
  ref: TableRef,
  left: Resolved,
  { analysis, outer }: FromContext,
  isOuter = false,
  on?: Expression,
): Resolved | undefined {
  const isLateral = (ref.kind === 'derivedTable' || ref.kind === 'tableFunction') && ref.lateral
  if (!isLateral) return undefined
  const around: Scope = { columns: left.scope.columns, outer }
  const isTrue = on === undefined || (on.kind === 'literal' && on.value === true)
  if (ref.kind === 'tableFunction' && isTrue && isGenerator(ref.name))
    return renameLast(generateBeside(ref, left, analysis, isOuter), ref, left.scope.columns.length)
  const right =
    ref.kind === 'derivedTable'
      ? named(analysis.analyzeQuery(analysis, ref.query, around), ref, [])
      : named(analyzeTableFunction(ref, analysis, around), ref, [ref.name])
  return placeApply(left, right, isOuter, on, analysis)
}

/** The columns that an entry added to those before it, under its names. */
function renameLast(
  { plan, scope }: Resolved,
  ref: Extract<TableRef, { kind: 'tableFunction' }>,
  before: number,
): Resolved {
  const added = named({ plan, scope: { columns: scope.columns.slice(before), outer: null } }, ref, [ref.name])
  return { plan, scope: { ...scope, columns: [...scope.columns.slice(0, before), ...added.scope.columns] } }
}

/** Whether a hint names this entry. */
function isHinted(ref: TableRef, broadcast: ReadonlySet<string>): boolean {
  if (broadcast.size === 0 || ref.kind === 'join') return false
  if (ref.kind === 'sampled') return isHinted(ref.input, broadcast)
  const name = ref.alias ?? (ref.kind === 'table' ? ref.parts.at(-1) : undefined)
  return name !== undefined && broadcast.has(name.toLowerCase())
}

/** Columns under the alias of an entry, or under its own name, and renamed if the entry says so. */
function named(
  resolved: Resolved,
  ref: {
    readonly alias?: string | undefined
    readonly columns: readonly string[]
    readonly position?: TableRef['position']
  },
  ownName: readonly string[],
): Resolved {
  const { alias, columns, position } = ref
  const qualifier = alias === undefined ? ownName : [alias]
  return renamed(resolved, qualifier, columns, alias !== undefined || ownName.length > 0, position)
}

/** The visible columns under a qualifier and, if given, under new names. */
export function renamed(
  { plan, scope }: Resolved,
  qualifier: readonly string[],
  names: readonly string[],
  isQualified: boolean,
  position?: TableRef['position'],
): Resolved {
  const visible = scope.columns.filter(({ hidden }) => !hidden)
  if (names.length > 0 && names.length !== visible.length)
    throw userError(
      'ASSIGNMENT_ARITY_MISMATCH',
      `${names.length} column names are given for ${visible.length} columns`,
      position,
    )
  const columns = visible.map((entry, index) => ({
    column: names.length > 0 ? { ...entry.column, name: names[index]! } : entry.column,
    qualifier: isQualified ? qualifier : [],
    hidden: false,
  }))
  return { plan, scope: { columns, outer: scope.outer } }
}

/** A name of WITH, a view or a table. */
export function analyzeTable(
  { parts, position }: { readonly parts: readonly string[]; readonly position?: TableRef['position'] },
  analysis: Analysis,
  outer: Scope | null,
): Resolved {
  const common = parts.length === 1 ? analysis.commonTables.get(parts[0]!.toLowerCase()) : undefined
  if (common !== undefined) {
    const { table } = common
    const resolved = common.analysis.analyzeQuery(common.analysis, table.query, common.outer)
    return { plan: resolved.plan, scope: reouter(resolved, parts, table.columns, outer, table.position) }
  }
  const entry = analysis.tables.get(tableKey(parts)) ?? analysis.context.catalog.view(parts)
  if (entry === undefined) {
    const names = [...analysis.commonTables.values()].map(({ table }) => table.name)
    throw tableNotFound(parts, [...names, ...analysis.knownTables], position)
  }
  return analyzeEntry(entry, parts, analysis, outer, position)
}

function reouter(
  resolved: Resolved,
  parts: readonly string[],
  names: readonly string[],
  outer: Scope | null,
  position?: TableRef['position'],
): Scope {
  return { columns: renamed(resolved, parts, names, true, position).scope.columns, outer }
}

function analyzeEntry(
  entry: CatalogEntry,
  parts: readonly string[],
  analysis: Analysis,
  outer: Scope | null,
  position: TableRef['position'],
): Resolved {
  switch (entry.kind) {
    case 'table':
      return scanTable(entry.table, outer)
    case 'plan': {
      const { plan } = freshColumns(entry.plan)
      return resolvedOf(plan, parts, outer)
    }
    default: {
      if (analysis.viewDepth >= MAX_VIEW_DEPTH)
        throw userError(
          'RECURSIVE_VIEW',
          `view "${parts.join('.')}" uses itself, or views nest too deeply`,
          position,
        )
      const query = entry.kind === 'view' ? entry.query : parseQuery(entry.text)
      const inner: Analysis = {
        ...analysis,
        commonTables: new Map(),
        parameters: {},
        viewDepth: analysis.viewDepth + 1,
      }
      const resolved = locateView(parts, position, () => inner.analyzeQuery(inner, query, null))
      return { plan: resolved.plan, scope: reouter(resolved, parts, entry.columns, outer) }
    }
  }
}

const MAX_VIEW_DEPTH = 100

/** All columns of a table, with new ids. */
export function scanTable(table: CatalogTable, outer: Scope | null = null): Resolved {
  const columns = table.schema.fields.map(({ name, type, nullable }) => newColumn(name, type, nullable))
  const scan: Scan = { kind: 'Scan', table, columns, predicates: [] }
  return resolvedOf(scan, table.name.split('.'), outer)
}
