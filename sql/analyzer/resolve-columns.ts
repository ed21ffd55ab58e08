import { nearestNames } from '../../engine/errors.ts'
import type { Expr } from '../../engine/expr/index.ts'
import { listType, typeName, types } from '../../engine/types/index.ts'
import type { ColumnRef, Position } from '../parser/index.ts'
import { columnExpr } from '../plan/index.ts'
import { ambiguousReference, didYouMean, locate, unresolvedColumn, userError } from './check.ts'
import { castTo } from './coerce-types.ts'
import type { Environment } from './environment.ts'
import type { Scope, ScopeColumn } from './scope.ts'

/** A column, a field of a struct column, a lambda's parameter, or an alias: whatever the name means here. */
export function resolveColumn(reference: ColumnRef, environment: Environment): Expr {
  const { parts, position } = reference
  const variable = environment.variables.get(parts[0]!.toLowerCase())
  if (variable !== undefined) return accessFields(variable, parts.slice(1), position)
  const { aliases, scope } = environment
  const findAlias = (): Expr | undefined => locate(position, () => aliases?.find(parts))
  const alias = aliases?.first === true ? findAlias() : undefined
  if (alias !== undefined) return remember(alias, position, environment)
  const found = findColumn(parts, scope, position)
  if (found !== undefined) return readColumn(found, position, environment)
  const later = aliases?.first === false ? findAlias() : undefined
  if (later !== undefined) return remember(later, position, environment)
  for (let outer = scope.outer; outer !== null; outer = outer.outer) {
    const outerColumn = findColumn(parts, outer, position)
    if (outerColumn !== undefined) return readColumn(outerColumn, position, environment)
  }
  throw unresolvedColumn(parts, scope, position)
}

/** Notes where an expression stands, for errors that are only seen later. */
function remember(expr: Expr, position: Position | undefined, environment: Environment): Expr {
  if (position !== undefined) environment.analysis.positions.set(expr, position)
  return expr
}

interface Match {
  readonly entry: ScopeColumn
  /** Names after that of the column: fields of structs. */
  readonly fields: readonly string[]
  readonly written: string
}

function readColumn(
  { entry, fields, written }: Match,
  position: Position | undefined,
  environment: Environment,
): Expr {
  const column = remember(columnExpr({ ...entry.column, name: written }), position, environment)
  return accessFields(column, fields, position)
}

/** The column a name means in one scope; AMBIGUOUS_REFERENCE if several. Qualified readings win. */
export function findColumn(parts: readonly string[], scope: Scope, position?: Position): Match | undefined {
  for (let length = Math.min(parts.length - 1, 3); length >= 0; length--) {
    const name = parts[length]!.toLowerCase()
    const candidates = scope.columns.filter(
      ({ column, qualifier, hidden }) =>
        column.name.toLowerCase() === name &&
        (length === 0 ? !hidden : endsWith(qualifier, parts.slice(0, length))),
    )
    const ids = new Set(candidates.map(({ column }) => column.id))
    if (ids.size > 1) {
      const names = candidates.map(({ column, qualifier }) => [...qualifier, column.name])
      throw ambiguousReference(parts, names, position)
    }
    const [entry] = candidates
    if (entry !== undefined) return { entry, fields: parts.slice(length + 1), written: parts[length]! }
  }
  return undefined
}

/** Whether a qualifier ends with the names written, ignoring case. */
export function endsWith(qualifier: readonly string[], written: readonly string[]): boolean {
  const skipped = qualifier.length - written.length
  return (
    skipped >= 0 &&
    written.every((part, index) => part.toLowerCase() === qualifier[skipped + index]!.toLowerCase())
  )
}

/** `expr.a.b` */
export function accessFields(expr: Expr, fields: readonly string[], position?: Position): Expr {
  return fields.reduce((input, name) => accessField(input, name, position), expr)
}

/** A field of a struct, of every struct of a list, or the value of a map under a name. */
export function accessField(input: Expr, name: string, position?: Position): Expr {
  const { type } = input
  if (type.kind === 'struct') {
    const lower = name.toLowerCase()
    const ordinal = type.fields.findIndex((field) => field.name.toLowerCase() === lower)
    const field = type.fields[ordinal]
    if (field === undefined) {
      const names = type.fields.map((candidate) => candidate.name)
      const hint = didYouMean(nearestNames(name, names)) ?? `Its fields are ${names.join(', ')}.`
      throw userError('FIELD_NOT_FOUND', `no field "${name}" in "${typeName(type)}"`, position, hint)
    }
    return call('getfield', [input, { kind: 'literal', value: ordinal, type: types.int32 }], field.type)
  }
  if (type.kind === 'map')
    return accessItem(input, { kind: 'literal', value: name, type: types.string }, position)
  if (type.kind === 'list' && type.element.kind === 'struct') {
    const variable = { kind: 'variable', id: nextVariableId(), name: 'x', type: type.element } as const
    const body = accessField(variable, name, position)
    const lambda: Expr = { kind: 'lambda', params: [variable], body, type: body.type }
    return call('transform', [input, lambda], listType(body.type))
  }
  throw userError(
    'INVALID_EXTRACT_BASE_FIELD_TYPE',
    `cannot take field "${name}" of a value of type "${typeName(type)}"`,
    position,
    'Only structs, maps and arrays of structs have fields.',
  )
}

/** `list[index]`, from 0, or `map[key]`. */
export function accessItem(input: Expr, index: Expr, position?: Position): Expr {
  const { type } = input
  if (type.kind === 'list') return call('getitem', [input, castTo(index, types.int32)], type.element)
  if (type.kind === 'map') return call('getitem', [input, castTo(index, type.key)], type.value)
  if (type.kind === 'struct' && index.kind === 'literal' && typeof index.value === 'string')
    return accessField(input, index.value, position)
  throw userError(
    'INVALID_EXTRACT_BASE_FIELD_TYPE',
    `cannot take an item of a value of type "${typeName(type)}"`,
    position,
    'Only arrays and maps have items.',
  )
}

function call(name: string, args: readonly Expr[], type: Expr['type']): Expr {
  return { kind: 'call', name, args, type }
}

let lastVariableId = 0

/** A new id for a parameter of a lambda. */
export function nextVariableId(): number {
  return ++lastVariableId
}
