import { type Column, columnExpr, type LogicalPlan, newColumn, outputOf } from '../plan/index.ts'

/** A column that expressions may name. */
export interface ScopeColumn {
  readonly column: Column
  /** Name of its table, with schema if it has no alias; empty for computed columns. */
  readonly qualifier: readonly string[]
  /** Only found with its qualifier, and not part of `*`: the merged-away side of USING. */
  readonly hidden: boolean
}

/** The columns around an expression. */
export interface Scope {
  readonly columns: readonly ScopeColumn[]
  /** The columns of the query around this one; null at the outermost. */
  readonly outer: Scope | null
}

/**
 * A plan and how its columns are called. The plan gives all columns of the scope, maybe in another order and
 * maybe with others beside them; `plainPlan` gives exactly the visible ones.
 */
export interface Resolved {
  readonly plan: LogicalPlan
  readonly scope: Scope
}

/** A plan whose output columns are the scope, under one qualifier. */
export function resolvedOf(
  plan: LogicalPlan,
  qualifier: readonly string[] = [],
  outer: Scope | null = null,
): Resolved {
  return { plan, scope: scopeOf(outputOf(plan), qualifier, outer) }
}

/** A scope of columns under one qualifier. */
export function scopeOf(
  columns: readonly Column[],
  qualifier: readonly string[] = [],
  outer: Scope | null = null,
): Scope {
  return { columns: columns.map((column) => ({ column, qualifier, hidden: false })), outer }
}

/** The columns that `*` gives. */
export function visibleColumns(scope: Scope): readonly Column[] {
  return scope.columns.filter(({ hidden }) => !hidden).map(({ column }) => column)
}

/** The plan with exactly the visible columns, in order. */
export function plainPlan({ plan, scope }: Resolved): LogicalPlan {
  const wanted = visibleColumns(scope)
  const given = outputOf(plan)
  const same =
    wanted.length === given.length &&
    wanted.every((column, index) => column.id === given[index]!.id && column.name === given[index]!.name)
  if (same) return plan
  return { kind: 'Project', input: plan, exprs: namedColumns(wanted) }
}

/** Columns passed on under their ids; a column that comes twice gets a new id the second time. */
function namedColumns(columns: readonly Column[]): { column: Column; expr: ReturnType<typeof columnExpr> }[] {
  const seen = new Set<number>()
  return columns.map((column) => {
    const again = seen.has(column.id)
    seen.add(column.id)
    return {
      column: again ? newColumn(column.name, column.type, column.nullable) : column,
      expr: columnExpr(column),
    }
  })
}

/** The same columns with the nullability that the plan gives them, as after an outer join. */
export function refreshScope(scope: Scope, plan: LogicalPlan): Scope {
  const byId = new Map(outputOf(plan).map((column) => [column.id, column]))
  const columns = scope.columns.map((entry) => {
    const nullable = byId.get(entry.column.id)?.nullable ?? entry.column.nullable
    return nullable === entry.column.nullable ? entry : { ...entry, column: { ...entry.column, nullable } }
  })
  return { ...scope, columns }
}

/** Both sides' columns, left first. */
export function concatScopes(left: Scope, right: Scope, outer: Scope | null): Scope {
  return { columns: [...left.columns, ...right.columns], outer }
}

/** The names of the tables whose columns are in scope. */
export function tableNames(scope: Scope): string[] {
  const names = new Set<string>()
  for (const { qualifier } of scope.columns) if (qualifier.length > 0) names.add(qualifier.join('.'))
  return [...names]
}
