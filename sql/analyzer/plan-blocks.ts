import type { Expression, GroupingItem, JoinType, Position, SelectItem, SortItem } from '../parser/index.ts'
import { columnExpr, type LogicalPlan, newColumn, type TableRef } from '../plan/index.ts'
import { userError } from './check.ts'
import type { AnalyzerContext } from './context.ts'
import { freshBeside } from './fresh-resolved.ts'
import { scanTable } from './from.ts'
import { joinResolved } from './joins.ts'
import { newAnalysis } from './load-tables.ts'
import { plainEnvironment } from './plain-environment.ts'
import { distinct } from './project.ts'
import { sortRows } from './query.ts'
import { resolveExpression } from './resolve-expression.ts'
import { plainPlan, type Resolved, scopeOf, visibleColumns } from './scope.ts'
import { filterInput, type SelectBody, selectFrom } from './select.ts'
import { noSorting } from './sorting.ts'

/**
 * The steps of a DataFrame: each takes resolved inputs and gives a resolved plan, by the same rules as
 * SQL. `plainPlan` of the last one is the plan to run. Subqueries in expressions see temporary views only.
 */

const NO_CLAUSES: Omit<SelectBody, 'items'> = {
  distinct: false,
  groupBy: undefined,
  having: undefined,
  qualify: undefined,
  windows: [],
}

/** All columns of a table. */
export function tablePlan(table: TableRef): Resolved {
  return scanTable(table)
}

/**
 * SELECT items: stars, aggregates over all rows, window functions, one generator, aliases of earlier items.
 */
export function selectPlan(
  input: Resolved,
  items: readonly SelectItem[],
  context: AnalyzerContext,
): Resolved {
  return selectFrom(input, { ...NO_CLAUSES, items }, newAnalysis(context))
}

/** The rows for which the condition is TRUE. */
export function filterPlan(input: Resolved, condition: Expression, context: AnalyzerContext): Resolved {
  return filterInput(input, condition, newAnalysis(context), 'WHERE')
}

/** One row a group: the keys, then the items. `form` groups by each prefix or subset of the keys too. */
export function aggregatePlan(
  input: Resolved,
  keys: readonly (Expression | SelectItem)[],
  items: readonly SelectItem[],
  context: AnalyzerContext,
  form: 'plain' | 'rollup' | 'cube' = 'plain',
): Resolved {
  const keyItems = keys.map((key): SelectItem => {
    if (key.kind === 'selectItem') return key
    return { kind: 'selectItem', expression: key, aliases: [], position: key.position }
  })
  const ordinals = keyItems.map((_, index): Expression => {
    return { kind: 'literal', type: { kind: 'type', name: 'int', args: [] }, value: index + 1 }
  })
  const grouping: GroupingItem[] =
    form === 'plain'
      ? ordinals.map((ordinal) => ({ kind: 'groupingSet', expressions: [ordinal] }))
      : [{ kind: form, sets: ordinals.map((ordinal) => [ordinal]) }]
  const groupBy = { kind: 'groupBy', all: false, items: grouping } as const
  return selectFrom(input, { ...NO_CLAUSES, items: [...keyItems, ...items], groupBy }, newAnalysis(context))
}

/** How `joinPlan` pairs rows: by a condition, by columns of the same name, or not at all. */
export interface JoinCondition {
  readonly on?: Expression | undefined
  readonly using?: readonly string[] | undefined
  readonly broadcast?: 'left' | 'right' | undefined
}

/** The join of two inputs, which may be the same one: the right side then gets new column ids. */
export function joinPlan(
  left: Resolved,
  right: Resolved,
  joinType: JoinType,
  { on, using = [], broadcast }: JoinCondition,
  context: AnalyzerContext,
): Resolved {
  const hints = { left: broadcast === 'left', right: broadcast === 'right' }
  const request = { joinType, natural: false, using, on, hints }
  return joinResolved(left, freshBeside(right, [left.plan]), request, newAnalysis(context))
}

/** Rows in order, or in order within each partition. */
export function sortPlan(
  input: Resolved,
  keys: readonly SortItem[],
  context: AnalyzerContext,
  isGlobal = true,
): Resolved {
  const request = isGlobal ? { ...noSorting, orderBy: keys } : { ...noSorting, sortBy: keys }
  return sortRows(input, request, newAnalysis(context))
}

/** At most `fetch` rows (null: all) after the first `skip`. */
export function limitPlan({ plan, scope }: Resolved, fetch: number | null, skip = 0): Resolved {
  return { plan: { kind: 'Limit', input: plan, skip, fetch }, scope }
}

/** A share of the rows, chosen at random by the seed. */
export function samplePlan({ plan, scope }: Resolved, fraction: number, seed: number): Resolved {
  return { plan: { kind: 'Sample', input: plan, fraction, seed }, scope }
}

/** Rows spread by the hash of keys, or in turn without keys; 0 partitions: as the session says. */
export function repartitionPlan(
  { plan, scope }: Resolved,
  partitionCount: number,
  keys: readonly Expression[],
  context: AnalyzerContext,
): Resolved {
  const environment = plainEnvironment(newAnalysis(context), scope, 'repartition')
  const exprs = keys.map((key) => resolveExpression(key, environment))
  return { plan: { kind: 'Repartition', input: plan, keys: exprs, partitionCount }, scope }
}

/** The columns under a name: `t.a` finds them, other qualifiers no longer do. */
export function aliasPlan({ plan, scope }: Resolved, name: string): Resolved {
  return { plan, scope: scopeOf(visibleColumns(scope), [name], scope.outer) }
}

/** Without the columns of these names; names that do not exist are ignored, as in Spark. */
export function dropPlan({ plan, scope }: Resolved, names: readonly string[]): Resolved {
  const dropped = new Set(names.map((name) => name.toLowerCase()))
  const columns = scope.columns.filter(({ column }) => !dropped.has(column.name.toLowerCase()))
  return { plan, scope: { ...scope, columns } }
}

/** Columns under new names, by old name; names that do not exist are ignored. */
export function renamePlan({ plan, scope }: Resolved, names: Readonly<Record<string, string>>): Resolved {
  const byName = new Map(Object.entries(names).map(([from, to]) => [from.toLowerCase(), to]))
  const columns = scope.columns.map((entry) => {
    const name = byName.get(entry.column.name.toLowerCase())
    return name === undefined ? entry : { ...entry, column: { ...entry.column, name } }
  })
  return { plan, scope: { ...scope, columns } }
}

/** The columns and new ones; a new one takes the place of an old one of its name. */
export function withColumnPlan(
  input: Resolved,
  columns: readonly {
    readonly name: string
    readonly expression: Expression
    readonly position?: Position
  }[],
  context: AnalyzerContext,
): Resolved {
  const items = columns.map(({ name, expression, position }): SelectItem => {
    return { kind: 'selectItem', expression, aliases: [name], position }
  })
  const star: SelectItem = {
    kind: 'selectItem',
    expression: { kind: 'star', qualifier: [], except: [] },
    aliases: [],
  }
  const hasColumns = visibleColumns(input.scope).length > 0
  const { plan, scope } = selectPlan(input, hasColumns ? [star, ...items] : items, context)
  const old = scope.columns.slice(0, scope.columns.length - items.length)
  const added = scope.columns.slice(old.length)
  const taken = new Set<number>()
  const kept = old.map((entry) => {
    const index = added.findIndex(
      ({ column }) => column.name.toLowerCase() === entry.column.name.toLowerCase(),
    )
    if (index < 0) return entry
    taken.add(index)
    return added[index]!
  })
  return { plan, scope: { ...scope, columns: [...kept, ...added.filter((_, index) => !taken.has(index))] } }
}

/** Each row once. */
export function distinctPlan(input: Resolved): Resolved {
  const { scope } = input
  const plan = distinct(plainPlan(input))
  return { plan, scope: { ...scope, columns: scope.columns.filter(({ hidden }) => !hidden) } }
}

/** One row for each combination of values of the named columns: any of those that have it. */
export function dropDuplicatesPlan(
  input: Resolved,
  names: readonly string[],
  context: AnalyzerContext,
  horizonMicros: bigint | null = null,
): Resolved {
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  const columns = visibleColumns(input.scope)
  const keys = columns.filter(({ name }) => wanted.has(name.toLowerCase()))
  const missing = names.find(
    (name) => !columns.some((column) => column.name.toLowerCase() === name.toLowerCase()),
  )
  if (missing !== undefined) throw userError('UNRESOLVED_COLUMN', `column "${missing}" does not exist`)
  const first = context.functions.aggregate('first')!
  const calls = columns
    .filter((column) => !keys.includes(column))
    .map((column) => {
      const { returns } = first.resolve([column.type], [undefined])
      const call = {
        name: first.name,
        args: [columnExpr(column)],
        distinct: false,
        filter: null,
        order: [],
        type: returns,
      }
      return { old: column, column: { ...newColumn(column.name, returns, column.nullable) }, call }
    })
  const plan: LogicalPlan = {
    kind: 'Aggregate',
    input: input.plan,
    keys: keys.map((column) => ({ column, expr: columnExpr(column) })),
    calls: calls.map(({ column, call }) => ({ column, call })),
    deduplicates: { horizonMicros },
  }
  const made = new Map(calls.map(({ old, column }) => [old.id, column]))
  const visible = input.scope.columns.filter(({ hidden }) => !hidden)
  const scope = visible.map((entry) => ({ ...entry, column: made.get(entry.column.id) ?? entry.column }))
  return { plan, scope: { columns: scope, outer: input.scope.outer } }
}
