import { type Expr, someExpr } from '../../engine/expr/index.ts'
import { type Call, formatExpression, type Position, type SelectItem, type Star } from '../parser/index.ts'
import { type Column, columnExpr, type NamedExpr, newColumn } from '../plan/index.ts'
import { ambiguousReference, userError } from './check.ts'
import type { AliasLookup, Environment } from './environment.ts'
import { exprKey } from './expr-key.ts'
import { generatorOf } from './generator-names.ts'
import { type PendingGenerate, resolveGenerator } from './generators.ts'
import { accessField, accessFields, endsWith, findColumn } from './resolve-columns.ts'
import type { ScopeColumn } from './scope.ts'

/** One column of SELECT: its name, what it is, and under which table it is known. */
export interface ResolvedItem {
  readonly name: string
  readonly expr: Expr
  readonly qualifier: readonly string[]
  readonly hasAlias: boolean
  readonly position: Position | undefined
}

/** The items of SELECT, stars expanded, and the generator among them. */
export interface ResolvedItems {
  readonly items: readonly ResolvedItem[]
  readonly generate: PendingGenerate | null
  /** Computed before the other items: what later items use by alias and must not be computed twice. */
  readonly shared: readonly NamedExpr[]
}

/** Resolves the items left to right; a later one may use the alias of an earlier one. */
export function resolveItems(written: readonly SelectItem[], environment: Environment): ResolvedItems {
  const items: ResolvedItem[] = []
  let generate: PendingGenerate | null = null
  const shared: NamedExpr[] = []
  const inner: Environment = { ...environment, aliases: lateralAliases(items, shared, environment) }
  for (const item of written) {
    const { expression, aliases, position } = item
    if (expression.kind === 'star') {
      items.push(...expandStar(expression, inner))
      continue
    }
    const generator =
      expression.kind === 'call' && expression.over === undefined
        ? generatorCall(expression, inner)
        : undefined
    if (generator === undefined) {
      items.push(resolveItem(item, inner))
      continue
    }
    if (generate !== null)
      throw userError(
        'UNSUPPORTED_GENERATOR',
        'only one generator may stand in a SELECT',
        position,
        'Use LATERAL VIEW.',
      )
    generate = resolveGenerator(generator, aliases, inner)
    items.push(...generate.columns.map((column) => generatedItem(column, position)))
  }
  return { items, generate, shared }
}

function generatorCall(call: Call, { analysis }: Environment): Call | undefined {
  const isUser = analysis.context.catalog.function(call.name) !== undefined
  return !isUser && generatorOf(call.name) !== undefined ? call : undefined
}

function generatedItem(column: Column, position: Position | undefined): ResolvedItem {
  return { name: column.name, expr: columnExpr(column), qualifier: [], hasAlias: true, position }
}

function resolveItem({ expression, aliases, position }: SelectItem, environment: Environment): ResolvedItem {
  if (aliases.length > 1)
    throw userError('ASSIGNMENT_ARITY_MISMATCH', `${aliases.length} aliases stand for one column`, position)
  const expr = environment.resolve(expression, environment)
  const [alias] = aliases
  const name = alias ?? formatExpression(expression)
  const entry =
    alias === undefined && expr.kind === 'column'
      ? environment.scope.columns.find(({ column, hidden }) => column.id === expr.index && !hidden)
      : undefined
  return {
    name,
    expr,
    qualifier: entry?.qualifier ?? [],
    hasAlias: alias !== undefined,
    position: expression.position ?? position,
  }
}

/**
 * Names of the items as a lookup, live: items pushed later are found later. `onlyAliases` leaves out the
 * names that columns and expressions have by themselves. AMBIGUOUS_REFERENCE if different items have the
 * name.
 */
export function aliasLookup(items: readonly ResolvedItem[], first: boolean, onlyAliases = true): AliasLookup {
  return {
    first,
    find: (parts) => {
      const lower = parts[0]!.toLowerCase()
      const named = items.filter(
        ({ name, hasAlias }) => (hasAlias || !onlyAliases) && name.toLowerCase() === lower,
      )
      const found = parts.length === 1 ? named : named.filter(({ expr }) => expr.type.kind === 'struct')
      const [item] = found
      if (item === undefined) return undefined
      const different = new Set(found.map(({ expr }) => exprKey(expr)))
      if (different.size > 1)
        throw ambiguousReference(
          parts,
          found.map(({ qualifier, name }) => [...qualifier, name]),
        )
      return accessFields(item.expr, parts.slice(1))
    },
  }
}

/**
 * Aliases of the items so far. An item such as `rand()` is shared, so that its alias means the same value.
 */
function lateralAliases(items: ResolvedItem[], shared: NamedExpr[], { analysis }: Environment): AliasLookup {
  const isVolatile = (expr: Expr): boolean =>
    expr.kind === 'user' ||
    (expr.kind === 'call' && analysis.context.functions.scalar(expr.name)?.volatility === 'volatile')
  const { first, find } = aliasLookup(items, false)
  return {
    first,
    find: (parts) => {
      const index = items.findIndex(
        ({ name, hasAlias }) => hasAlias && name.toLowerCase() === parts[0]!.toLowerCase(),
      )
      const item = items[index]
      if (item !== undefined && someExpr(item.expr, isVolatile)) {
        const column = newColumn(item.name, item.expr.type)
        shared.push({ column, expr: item.expr })
        items[index] = { ...item, expr: columnExpr(column) }
      }
      return find(parts)
    },
  }
}

/** `*`, `t.*`, `struct.*`, without the columns of EXCEPT. */
function expandStar(star: Star, environment: Environment): ResolvedItem[] {
  const { position } = star
  const found = starColumns(star, environment)
  const excluded = star.except.map((parts) => {
    const match = findColumn(parts, { columns: found.map(({ entry }) => entry), outer: null }, position)
    if (match === undefined)
      throw userError(
        'UNRESOLVED_COLUMN',
        `column "${parts.join('.')}" of EXCEPT is not among those of "*"`,
        position,
      )
    return match.entry.column.id
  })
  const kept = found.filter(({ entry }) => !excluded.includes(entry.column.id))
  return kept.map(({ entry, expr }) => ({
    name: entry.column.name,
    expr,
    qualifier: entry.qualifier,
    hasAlias: false,
    position,
  }))
}

interface StarColumn {
  readonly entry: ScopeColumn
  readonly expr: Expr
}

function starColumns({ qualifier, position }: Star, environment: Environment): readonly StarColumn[] {
  const { scope, analysis } = environment
  const ofTable = scope.columns.filter((entry) =>
    qualifier.length === 0 ? !entry.hidden : endsWith(entry.qualifier, qualifier),
  )
  const read = (entry: ScopeColumn): StarColumn => {
    const expr = columnExpr(entry.column)
    if (position !== undefined) analysis.positions.set(expr, position)
    return { entry, expr }
  }
  if (ofTable.length > 0) return ofTable.map(read)
  if (qualifier.length === 0) {
    if (scope.columns.length > 0) return []
    throw userError('INVALID_USAGE_OF_STAR_OR_REGEX', '"*" needs a FROM to take columns from', position)
  }
  const match = findColumn(qualifier, scope, position)
  const struct = match && accessFields(columnExpr(match.entry.column), match.fields, position)
  if (struct?.type.kind !== 'struct')
    throw userError(
      'CANNOT_RESOLVE_STAR_EXPAND',
      `"${qualifier.join('.')}" is no table and no struct`,
      position,
    )
  return struct.type.fields.map((field, index) => ({
    entry: {
      column: { id: -1 - index, name: field.name, type: field.type, nullable: true },
      qualifier: [],
      hidden: false,
    },
    expr: accessField(struct, field.name, position),
  }))
}
