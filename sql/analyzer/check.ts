import { EngineError, type ErrorCode, type ErrorPosition, nearestNames } from '../../engine/errors.ts'
import type { Position } from '../parser/index.ts'
import { type Scope, tableNames } from './scope.ts'

/** An error of the user at a place of the text. */
export function userError(code: ErrorCode, message: string, position?: Position, hint?: string): EngineError {
  return new EngineError(code, message, { position, hint })
}

/** UNSUPPORTED_FEATURE: names what is missing. */
export function unsupported(what: string, position?: Position, hint?: string): EngineError {
  return userError('UNSUPPORTED_FEATURE', `${what} is not supported`, position, hint)
}

/** Runs `work`; an EngineError without position gets this one. */
export function locate<T>(position: Position | undefined, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof EngineError) || error.position !== undefined || position === undefined) throw error
    throw located(error, position)
  }
}

/** Runs `work`; errors in the text of a view are told as errors of the place that uses it. */
export function locateView<T>(parts: readonly string[], position: Position | undefined, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof EngineError) || error.code === 'RECURSIVE_VIEW') throw error
    const message = `in view "${parts.join('.')}": ${error.message}`
    throw new EngineError(error.code, message, { hint: error.hint, cause: error, position })
  }
}

/** Runs `work`; expressions that nest deeper than the stack goes are the user's error. */
export function guardDepth<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new EngineError('PARSE_SYNTAX_ERROR', 'nesting is too deep', {
      cause: error,
      hint: 'Split long chains of operators with WITH or views.',
    })
  }
}

/** The same as `locate` for work that waits. */
export async function locateAsync<T>(position: Position | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof EngineError) || error.position !== undefined || position === undefined) throw error
    throw located(error, position)
  }
}

function located(error: EngineError, position: ErrorPosition): EngineError {
  return new EngineError(error.code, error.message, { hint: error.hint, cause: error.cause, position })
}

/** `Did you mean "a" or "b"?`, or undefined when nothing is near. */
export function didYouMean(near: readonly string[]): string | undefined {
  return near.length === 0 ? undefined : `Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?`
}

/** UNRESOLVED_COLUMN: says where the column was looked for, and what is near. */
export function unresolvedColumn(parts: readonly string[], scope: Scope, position?: Position): EngineError {
  const name = parts.at(-1)!
  const tables = tableNames(scope)
  const table = tables.find((candidate) => parts.length > 1 && qualifies(parts.slice(0, -1), candidate))
  if (parts.length > 1 && table === undefined) return unresolvedQualifier(parts, scope, tables, position)
  const only = table ?? (tables.length === 1 ? tables[0] : undefined)
  const within =
    only === undefined ? scope.columns : scope.columns.filter((c) => c.qualifier.join('.') === only)
  const place = only === undefined ? '' : ` in table "${only}"`
  const near =
    only === undefined
      ? nearQualified(name, scope)
      : nearestNames(
          name,
          within.map((c) => c.column.name),
        )
  const hint = didYouMean(near) ?? columnList(within.map((c) => c.column.name))
  return userError('UNRESOLVED_COLUMN', `column "${parts.join('.')}" does not exist${place}`, position, hint)
}

/** `x.y` where x is neither a table nor a struct. */
function unresolvedQualifier(
  parts: readonly string[],
  scope: Scope,
  tables: readonly string[],
  position?: Position,
): EngineError {
  const near = [
    ...nearestNames(parts[0]!, tables).map((table) => `${table}.${parts.at(-1)}`),
    ...nearQualified(parts.at(-1)!, scope),
  ]
  const hint = didYouMean([...new Set(near)].slice(0, 3))
  return userError('UNRESOLVED_COLUMN', `column "${parts.join('.')}" does not exist`, position, hint)
}

function qualifies(written: readonly string[], table: string): boolean {
  const dotted = written.join('.').toLowerCase()
  const lower = table.toLowerCase()
  return lower === dotted || lower.endsWith(`.${dotted}`)
}

function nearQualified(name: string, scope: Scope): string[] {
  const near = nearestNames(name, [...new Set(scope.columns.map(({ column }) => column.name))])
  return near
    .flatMap((wanted) => scope.columns.filter(({ column }) => column.name === wanted))
    .map(({ column, qualifier }) => [...qualifier, column.name].join('.'))
    .slice(0, 3)
}

function columnList(names: readonly string[]): string | undefined {
  if (names.length === 0) return 'There is no FROM to take columns from.'
  const shown = names.slice(0, 8).join(', ')
  return `It has the columns ${shown}${names.length > 8 ? ', …' : ''}.`
}

/** AMBIGUOUS_REFERENCE: a name that several columns have. */
export function ambiguousReference(
  parts: readonly string[],
  candidates: readonly (readonly string[])[],
  position?: Position,
): EngineError {
  const shown = candidates.map((candidate) => `"${candidate.join('.')}"`).join(', ')
  return userError(
    'AMBIGUOUS_REFERENCE',
    `column "${parts.join('.')}" is ambiguous: it could be ${shown}`,
    position,
    'Put the name of the table before it.',
  )
}

/** MISSING_AGGREGATION or MISSING_GROUP_BY: a column beside aggregates that is not grouped. */
export function missingAggregation(name: string, isGrouped: boolean, position?: Position): EngineError {
  if (!isGrouped)
    return userError(
      'MISSING_GROUP_BY',
      `the query has aggregates and the column "${name}" but no GROUP BY clause`,
      position,
      'Add GROUP BY, aggregate the column, or turn the aggregates into window functions with OVER; or use ' +
        `"any_value(${name})".`,
    )
  return userError(
    'MISSING_AGGREGATION',
    `the non-aggregating expression "${name}" is based on columns which are not participating in the ` +
      'GROUP BY clause',
    position,
    'Add the columns or the expression to the GROUP BY, aggregate the expression, or use ' +
      `"any_value(${name})" if you do not care which of the values within a group is returned.`,
  )
}
