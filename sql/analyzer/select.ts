import type { Expr } from '../../engine/expr/index.ts'
import type { Expression, Position, Select } from '../parser/index.ts'
import { columnExpr, type LogicalPlan, newColumn, outputOf } from '../plan/index.ts'
import { locate, userError } from './check.ts'
import type { Analysis } from './context.ts'
import {
  type AggregateSink,
  type Environment,
  type PendingApply,
  placeApplies,
  type WindowSink,
} from './environment.ts'
import { analyzeFrom } from './from.ts'
import { placeGenerate } from './generators.ts'
import { readsAny, resolveGroupBy } from './group-by.ts'
import { type Grouping, type GroupKey, groupPlan } from './grouping.ts'
import { broadcastHints, repartitionHint } from './hints.ts'
import { placeLateralViews } from './lateral-views.ts'
import { plainEnvironment } from './plain-environment.ts'
import { distinct, project } from './project.ts'
import { asBoolean, resolveExpression } from './resolve-expression.ts'
import type { Resolved, Scope } from './scope.ts'
import { aliasLookup, type ResolvedItem, resolveItems } from './select-items.ts'
import { noSorting, placeSorting, resolveSorting, type SortRequest } from './sorting.ts'
import { placeWindows } from './windows.ts'

/** SELECT with the ORDER BY of the query around it, which may use columns that are not selected. */
export function analyzeSelect(
  analysis: Analysis,
  select: Select,
  outer: Scope | null,
  request: SortRequest = noSorting,
): Resolved {
  const from = analyzeFrom(analysis, select.from, outer, broadcastHints(select.hints))
  const viewed = placeLateralViews(from, select.lateralViews, analysis)
  const filtered = select.where === undefined ? viewed : filterInput(viewed, select.where, analysis, 'WHERE')
  const result = selectFrom(filtered, select, analysis, request)
  return repartitionHint(result, select.hints)
}

/** Rows for which a condition is TRUE. Aggregates and window functions may not stand in it. */
export function filterInput(
  input: Resolved,
  condition: Expression,
  analysis: Analysis,
  clause: string,
): Resolved {
  const applies: PendingApply[] = []
  const environment = plainEnvironment(analysis, input.scope, clause, applies)
  const predicate = asBoolean(resolveExpression(condition, environment), condition.position)
  return { plan: { kind: 'Filter', input: placeApplies(input.plan, applies), predicate }, scope: input.scope }
}

/** The parts of a SELECT that work on the rows of FROM and WHERE. */
export type SelectBody = Pick<Select, 'items' | 'distinct' | 'groupBy' | 'having' | 'qualify' | 'windows'> & {
  readonly position?: Position | undefined
}

/** Items, grouping, HAVING, QUALIFY, DISTINCT and order over an input. */
export function selectFrom(
  input: Resolved,
  body: SelectBody,
  analysis: Analysis,
  request: SortRequest = noSorting,
): Resolved {
  const applies: PendingApply[] = []
  const aggregates: AggregateSink = { found: new Map(), applies: [] }
  const named = new Map(body.windows.map(({ name, window }) => [name.toLowerCase(), window]))
  const windows: WindowSink = { found: [], named }
  const plain = plainEnvironment(analysis, input.scope, 'SELECT', applies)
  const environment: Environment = { ...plain, aggregates, windows }
  const { items, generate, shared } = resolveItems(body.items, environment)
  const having = resolveCondition(
    body.having,
    { ...environment, clause: 'HAVING', windows: null },
    items,
    true,
  )
  if (having !== null && readsAny(having, new Set(windows.found.map(({ column }) => column.id))))
    throw userError(
      'UNRESOLVED_COLUMN',
      'a window function is not yet known in HAVING',
      body.having?.position,
      'Filter with QUALIFY, or in an outer query.',
    )
  const qualify = resolveCondition(body.qualify, { ...environment, clause: 'QUALIFY' }, items, false)
  const sorting = resolveSorting(request, items, { ...environment, clause: 'ORDER BY' })
  const steps = { input, body, analysis, environment, items, having }
  const grouped = placeGrouping(steps, applies, aggregates, windows)
  const { rewrite } = grouped
  const windowIds = new Set(windows.found.map(({ column }) => column.id))
  const usesWindow = ({ needles }: PendingApply): boolean =>
    needles.some((needle) => readsAny(needle, windowIds))
  const pending = grouped.applies
  let plan = placeApplies(
    grouped.plan,
    pending.filter((apply) => !usesWindow(apply)),
  )
  if (having !== null) plan = { kind: 'Filter', input: plan, predicate: rewrite(having) }
  plan = placeWindows(
    plan,
    windows.found.map((found) => rewriteWindow(found, rewrite)),
  )
  plan = placeApplies(plan, pending.filter(usesWindow))
  if (qualify !== null) plan = { kind: 'Filter', input: plan, predicate: rewrite(qualify) }
  if (generate !== null) plan = placeGenerate(plan, { ...generate, args: generate.args.map(rewrite) })
  for (const { column, expr } of shared) {
    const passed = outputOf(plan).map((given) => ({ column: given, expr: columnExpr(given) }))
    plan = { kind: 'Project', input: plan, exprs: [...passed, { column, expr: rewrite(expr) }] }
  }
  const outputs = items.map((item) => ({ ...item, expr: locate(item.position, () => rewrite(item.expr)) }))
  const keys = sorting.map((step) => ({
    ...step,
    keys: step.keys.map((key) => ({ ...key, expr: rewrite(key.expr) })),
  }))
  return finishSelect(plan, outputs, keys, body.distinct, input.scope.outer, analysis)
}

function resolveCondition(
  condition: Expression | undefined,
  environment: Environment,
  items: readonly ResolvedItem[],
  aliasesFirst: boolean,
): Expr | null {
  if (condition === undefined) return null
  const expr = resolveExpression(condition, { ...environment, aliases: aliasLookup(items, aliasesFirst) })
  return asBoolean(expr, condition.position)
}

interface GroupingSteps {
  readonly input: Resolved
  readonly body: SelectBody
  readonly analysis: Analysis
  readonly environment: Environment
  readonly items: readonly ResolvedItem[]
  readonly having: Expr | null
}

interface Grouped {
  readonly plan: LogicalPlan
  readonly rewrite: (expr: Expr) => Expr
  /** What belongs above the grouping. */
  readonly applies: readonly PendingApply[]
}

/** The Aggregate, if there is anything to aggregate, over the subqueries that its keys and arguments use. */
function placeGrouping(
  { input, body, analysis, environment, items, having }: GroupingSteps,
  applies: readonly PendingApply[],
  aggregates: AggregateSink,
  windows: WindowSink,
): Grouped {
  const found = [...aggregates.found.values()]
  const isGrouped = body.groupBy !== undefined || found.length > 0 || having !== null
  if (!isGrouped) return { plan: input.plan, rewrite: (expr) => expr, applies }
  const madeIds = new Set([...found, ...windows.found].map(({ column }) => column.id))
  const below: PendingApply[] = []
  const keyEnvironment = {
    ...environment,
    clause: 'GROUP BY',
    aggregates: null,
    windows: null,
    applies: below,
    aliases: aliasLookup(items, false),
  }
  const grouping: Grouping =
    body.groupBy === undefined
      ? { keys: [], sets: null, isWritten: false }
      : resolveGroupBy(body.groupBy, items, keyEnvironment, (expr) => readsAny(expr, madeIds))
  const isKeyApply = ({ output }: PendingApply): boolean => readsKey(grouping.keys, output.id)
  const source = placeApplies(input.plan, [...applies.filter(isKeyApply), ...below, ...aggregates.applies])
  const { plan, rewrite, rewriteApply } = groupPlan(source, grouping, found, analysis)
  return { plan, rewrite, applies: applies.filter((apply) => !isKeyApply(apply)).map(rewriteApply) }
}

function readsKey(keys: readonly GroupKey[], id: number): boolean {
  return keys.some(({ expr }) => readsAny(expr, new Set([id])))
}

function rewriteWindow(
  found: WindowSink['found'][number],
  rewrite: (expr: Expr) => Expr,
): WindowSink['found'][number] {
  const { call } = found
  return {
    ...found,
    partitionBy: found.partitionBy.map(rewrite),
    orderBy: found.orderBy.map((key) => ({ ...key, expr: rewrite(key.expr) })),
    call: {
      ...call,
      args: call.args.map(rewrite),
      filter: call.filter === null ? null : rewrite(call.filter),
      order: call.order.map((key) => ({ ...key, expr: rewrite(key.expr) })),
    },
  }
}

/**
 * Project, DISTINCT and order. Sort keys that are no output are computed beside it and dropped at the end.
 */
function finishSelect(
  plan: LogicalPlan,
  outputs: readonly ResolvedItem[],
  sorting: ReturnType<typeof resolveSorting>,
  isDistinct: boolean,
  outer: Scope | null,
  analysis: Analysis,
): Resolved {
  const sorted = placeSorting(outputs, sorting, isDistinct, analysis)
  const projected = project(plan, [...outputs, ...sorted.extras])
  const columns = projected.columns.slice(0, outputs.length)
  const scope: Scope = {
    columns: columns.map((column, index) => ({
      column,
      qualifier: outputs[index]!.qualifier,
      hidden: false,
    })),
    outer,
  }
  const rows = isDistinct ? distinct(projected.plan) : projected.plan
  const ordered = sorted.place(rows, projected.columns)
  if (sorted.extras.length === 0) return { plan: ordered, scope }
  return {
    plan: project(
      ordered,
      columns.map((column) => ({ name: column.name, expr: columnOf(ordered, column.id) })),
    ).plan,
    scope,
  }
}

function columnOf(plan: LogicalPlan, id: number): Expr {
  const column = outputOf(plan).find((candidate) => candidate.id === id) ?? newColumn('', { kind: 'null' })
  return { kind: 'column', index: column.id, name: column.name, type: column.type }
}
