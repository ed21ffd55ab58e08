import type { SetOperation } from '../parser/index.ts'
import { type Column, columnExpr, newColumn } from '../plan/index.ts'
import { userError } from './check.ts'
import { castTo } from './coerce-types.ts'
import { freshBeside } from './fresh-resolved.ts'
import { type Resolved, resolvedOf, visibleColumns } from './scope.ts'
import { combineSets } from './set-operations.ts'

/** UNION, INTERSECT or EXCEPT by position, with or without duplicates. */
export function setPlan(
  left: Resolved,
  right: Resolved,
  operator: SetOperation['operator'],
  all: boolean,
): Resolved {
  return combineSets(left, freshBeside(right, [left.plan]), operator, all, null)
}

/** UNION ALL of any number of inputs; by name it may fill columns that an input lacks with NULL. */
export function unionPlan(
  inputs: readonly Resolved[],
  {
    byName = false,
    allowMissing = false,
  }: { readonly byName?: boolean; readonly allowMissing?: boolean } = {},
): Resolved {
  const [first, ...rest] = inputs
  return rest.reduce((left, right) => {
    const fresh = freshBeside(right, [left.plan])
    if (!byName) return combineSets(left, fresh, 'union', true, null)
    const names = visibleColumns(left.scope)
    const added = allowMissing ? missingFrom(visibleColumns(fresh.scope), names) : []
    const wanted = [...names, ...added]
    const aligned = [left, fresh].map((side) => byNames(side, wanted, allowMissing))
    return combineSets(aligned[0]!, aligned[1]!, 'union', true, null)
  }, first!)
}

function missingFrom(columns: readonly Column[], known: readonly Column[]): readonly Column[] {
  const names = new Set(known.map(({ name }) => name.toLowerCase()))
  return columns.filter(({ name }) => !names.has(name.toLowerCase()))
}

function byNames(input: Resolved, wanted: readonly Column[], allowMissing: boolean): Resolved {
  const given = visibleColumns(input.scope)
  if (!allowMissing && given.length !== wanted.length)
    throw userError(
      'NUM_COLUMNS_MISMATCH',
      `UNION has inputs of ${wanted.length} and ${given.length} columns`,
    )
  const exprs = wanted.map((column) => {
    const found = given.find(({ name }) => name.toLowerCase() === column.name.toLowerCase())
    if (found !== undefined) return { column: found, expr: columnExpr(found) }
    if (!allowMissing)
      throw userError('UNRESOLVED_COLUMN', `column "${column.name}" is missing in an input of UNION by name`)
    const expr = castTo({ kind: 'literal', value: null, type: { kind: 'null' } }, column.type)
    return { column: { ...newColumn(column.name, column.type) }, expr }
  })
  return resolvedOf({ kind: 'Project', input: input.plan, exprs })
}
