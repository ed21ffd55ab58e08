import type { Query, QueryBody } from '../parser/index.ts'
import type { LogicalPlan } from '../plan/index.ts'
import { columnExpr } from '../plan/index.ts'
import { userError } from './check.ts'
import type { Analysis, CommonTableEntry } from './context.ts'
import { analyzeTable } from './from.ts'
import { constantCount } from './limit.ts'
import { plainEnvironment } from './plain-environment.ts'
import { project } from './project.ts'
import type { Resolved, Scope } from './scope.ts'
import { analyzeSelect } from './select.ts'
import type { ResolvedItem } from './select-items.ts'
import { combineSets } from './set-operations.ts'
import { noSorting, placeSorting, resolveSorting, type SortRequest } from './sorting.ts'
import { analyzeValues } from './values.ts'

/** A whole query: WITH, body, order, offset and limit. `outer` holds the columns around a subquery. */
export function analyzeQuery(analysis: Analysis, query: Query, outer: Scope | null): Resolved {
  const inner = withCommonTables(analysis, query, outer)
  const { plan, scope } = analyzeBody(inner, query.body, outer, query)
  return { plan: limitRows(plan, query, inner), scope }
}

function limitRows(input: LogicalPlan, { offset, limit }: Query, analysis: Analysis): LogicalPlan {
  if (offset === undefined && limit === undefined) return input
  const skip = offset === undefined ? 0 : constantCount(offset, 'OFFSET', analysis)
  const fetch = limit === undefined ? null : constantCount(limit, 'LIMIT', analysis)
  return { kind: 'Limit', input, skip, fetch }
}

/** Each name of WITH sees those before it. */
function withCommonTables(analysis: Analysis, query: Query, outer: Scope | null): Analysis {
  let known = analysis
  const names = new Set<string>()
  for (const table of query.with) {
    const key = table.name.toLowerCase()
    if (names.has(key))
      throw userError('DUPLICATED_CTE_NAMES', `WITH defines the name "${table.name}" twice`, table.position)
    names.add(key)
    const entry: CommonTableEntry = { table, analysis: known, outer }
    known = { ...known, commonTables: new Map(known.commonTables).set(key, entry) }
  }
  return known
}

function analyzeBody(
  analysis: Analysis,
  body: QueryBody,
  outer: Scope | null,
  request: SortRequest,
): Resolved {
  switch (body.kind) {
    case 'select':
      return analyzeSelect(analysis, body, outer, request)
    case 'query':
      return sortRows(analyzeQuery(analysis, body, outer), request, analysis)
    case 'values':
      return sortRows(analyzeValues(body.rows, analysis, outer), request, analysis)
    case 'tableQuery':
      return sortRows(analyzeTable(body, analysis, outer), request, analysis)
    case 'setOperation': {
      const left = analyzeBody(analysis, body.left, outer, noSorting)
      const right = analyzeBody(analysis, body.right, outer, noSorting)
      return sortRows(
        combineSets(left, right, body.operator, body.all, outer, body.position),
        request,
        analysis,
      )
    }
  }
}

/** Rows of any input in order; keys may be expressions over its columns. */
export function sortRows(input: Resolved, request: SortRequest, analysis: Analysis): Resolved {
  const { scope } = input
  const visible = scope.columns.filter(({ hidden }) => !hidden)
  const items = visible.map(
    ({ column, qualifier }): ResolvedItem => ({
      name: column.name,
      expr: columnExpr(column),
      qualifier,
      hasAlias: false,
      position: undefined,
    }),
  )
  const steps = resolveSorting(request, items, plainEnvironment(analysis, scope, 'ORDER BY'))
  if (steps.length === 0) return input
  const { extras, place } = placeSorting(items, steps, false, analysis)
  const projected = project(input.plan, [...items, ...extras])
  const sorted = place(projected.plan, projected.columns)
  const shown = projected.columns.slice(0, items.length)
  const plan =
    extras.length === 0
      ? sorted
      : project(
          sorted,
          shown.map((column) => ({ name: column.name, expr: columnExpr(column) })),
        ).plan
  return {
    plan,
    scope: {
      columns: shown.map((column, index) => ({ column, qualifier: items[index]!.qualifier, hidden: false })),
      outer: scope.outer,
    },
  }
}
