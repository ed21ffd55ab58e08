import { type CatalogEntry, tableNotFound } from '../catalog/index.ts'
import { type Position, parseQuery } from '../parser/index.ts'
import { locateAsync } from './check.ts'
import { type Analysis, type AnalyzerContext, fileKey, tableKey } from './context.ts'
import { analyzeQuery } from './query.ts'
import { nodesOf } from './walk-tree.ts'

/** What a syntax tree refers to outside itself. */
interface References {
  readonly tables: Map<string, readonly string[]>
  readonly files: Map<
    string,
    { readonly format: string; readonly path: string; readonly position: Position | undefined }
  >
}

/**
 * Everything that analysis needs from outside, read beforehand, so that the rest is synchronous: the
 * tables, views and files that a syntax tree names, and those that these views name.
 */
export async function prepareAnalysis(tree: object, context: AnalyzerContext): Promise<Analysis> {
  const tables = new Map<string, CatalogEntry>()
  const open: object[] = [tree]
  while (open.length > 0) {
    const references: References = { tables: new Map(), files: new Map() }
    collectReferences(open.pop()!, references)
    for (const [key, parts] of references.tables) {
      if (tables.has(key)) continue
      const entry = await context.catalog.resolveTable(parts)
      if (entry === undefined) continue
      const read =
        entry.kind === 'storedView'
          ? ({ ...entry, kind: 'view', query: parseQuery(entry.text) } as const)
          : entry
      tables.set(key, read)
      if (read.kind === 'view') open.push(read.query)
    }
    for (const [key, { format, path, position }] of references.files) {
      if (tables.has(key)) continue
      const table = await locateAsync(position, () =>
        context.resolveSource(format.toLowerCase(), { path }, null),
      )
      tables.set(key, { kind: 'table', table })
    }
  }
  return newAnalysis(context, tables, await context.catalog.tableNames())
}

/**
 * An analysis without anything read beforehand: for expressions and DataFrames. Temporary views are known.
 */
export function newAnalysis(
  context: AnalyzerContext,
  tables: ReadonlyMap<string, CatalogEntry> = new Map(),
  knownTables: readonly string[] = context.catalog.viewNames(),
): Analysis {
  return {
    context,
    parameters: context.parameters ?? {},
    commonTables: new Map(),
    tables,
    knownTables,
    viewDepth: 0,
    analyzeQuery,
    positions: new WeakMap(),
  }
}

/** The entry that a statement names, or TABLE_OR_VIEW_NOT_FOUND. */
export async function requireTable(
  parts: readonly string[],
  context: AnalyzerContext,
): Promise<CatalogEntry> {
  const entry = await context.catalog.resolveTable(parts)
  if (entry !== undefined) return entry
  throw tableNotFound(parts, await context.catalog.tableNames())
}

/** Names of WITH are asked for too: finding nothing is no error here, but where the name is used. */
function collectReferences(tree: object, into: References): void {
  for (const { kind, parts, format, path, position } of nodesOf(tree)) {
    if ((kind === 'table' || kind === 'tableQuery') && Array.isArray(parts))
      into.tables.set(tableKey(parts), parts)
    if (kind !== 'fileTable') continue
    const file = { format: String(format), path: String(path), position: position as Position | undefined }
    into.files.set(fileKey(file.format, file.path), file)
  }
}
