import { nearestNames } from '../../engine/errors.ts'
import type { Expr } from '../../engine/expr/index.ts'
import { decimalForLiteral, isInteger, listType, structType, types } from '../../engine/types/index.ts'
import { type Expression, formatExpression, type Position } from '../parser/index.ts'
import { didYouMean, locate, userError } from './check.ts'
import { castTo } from './coerce-types.ts'
import type { Environment } from './environment.ts'

/** A call of a built-in scalar function; its arguments get the types it asks for. */
export function callScalar(
  name: string,
  args: readonly Expr[],
  environment: Environment,
  position?: Position | undefined,
): Expr {
  const found = environment.analysis.context.functions.scalar(name)
  if (found === undefined)
    throw userError('UNRESOLVED_ROUTINE', `function "${name}" does not exist`, position)
  const given = COMPARISONS.has(found.name) ? narrowLiterals(args) : args
  const signature = locate(position, () =>
    found.resolve(
      given.map(({ type }) => type),
      given.map(literalValue),
    ),
  )
  const cast = given.map((arg, index) => castArgument(arg, signature.args[index] ?? arg.type))
  return { kind: 'call', name: found.name, args: cast, type: signature.returns }
}

const COMPARISONS: ReadonlySet<string> = new Set(['=', '<=>', '<', '<=', '>', '>=', 'in'])

/**
 * Integer constants beside decimals get the narrowest decimal type, as in Spark: `price > 0` then needs no
 * cast of the column.
 */
export function narrowLiterals(args: readonly Expr[]): readonly Expr[] {
  if (!args.some(({ type }) => type.kind === 'decimal')) return args
  return args.map((arg) => {
    if (arg.kind !== 'literal' || arg.value === null || !isInteger(arg.type)) return arg
    return castTo(arg, decimalForLiteral(arg.value as number | bigint)) // Integers are one or the other.
  })
}

/** UNRESOLVED_ROUTINE with the nearest names. */
export function unresolvedRoutine(name: string, { analysis }: Environment, position?: Position): Error {
  const { functions, catalog } = analysis.context
  const near = nearestNames(name, [...functions.names(), ...catalog.functionNames()])
  return userError('UNRESOLVED_ROUTINE', `function "${name}" does not exist`, position, didYouMean(near))
}

/** A lambda is cast in its body. */
function castArgument(arg: Expr, type: Expr['type']): Expr {
  if (arg.kind !== 'lambda') return castTo(arg, type)
  const body = castTo(arg.body, type)
  return body === arg.body ? arg : { ...arg, body, type: body.type }
}

/** The value of a literal argument, undefined for others: what `resolve` of a function may look at. */
export function literalValue(arg: Expr): Extract<Expr, { kind: 'literal' }>['value'] | undefined {
  return arg.kind === 'literal' ? arg.value : undefined
}

/**
 * `struct(a, b)` and tuples: `named_struct('a', a, 'b', b)`; what has no name is `col1`, `col2` … by
 * position.
 */
export function callStruct(
  written: readonly Expression[],
  environment: Environment,
  position?: Position,
): Expr {
  const items = expandStars(written, environment)
  const values = items.map((item) =>
    environment.resolve(item.kind === 'namedArgument' ? item.value : item, environment),
  )
  const names = items.map((item, index) => fieldName(item) ?? `col${index + 1}`)
  const args = values.flatMap((value, index): Expr[] => [
    { kind: 'literal', value: names[index]!, type: types.string },
    value,
  ])
  if (environment.analysis.context.functions.scalar('named_struct') !== undefined)
    return callScalar('named_struct', args, environment, position)
  const fields = values.map((value, index) => ({ name: names[index]!, type: value.type, nullable: true }))
  return { kind: 'call', name: 'named_struct', args, type: structType(fields) }
}

/** `arrays_zip(a, b)`: structs whose fields are called after the columns; others by place from 0. */
export function callArraysZip(
  written: readonly Expression[],
  environment: Environment,
  position?: Position,
): Expr {
  const items = expandStars(written, environment)
  const args = items.map((item) => environment.resolve(item, environment))
  const zip = callScalar('arrays_zip', args, environment, position)
  if (zip.kind !== 'call' || zip.type.kind !== 'list' || zip.type.element.kind !== 'struct') return zip
  const fields = zip.type.element.fields.map((field, index) => ({
    ...field,
    name: fieldName(items[index]!)?.split('.').at(-1) ?? field.name,
  }))
  return { kind: 'call', name: zip.name, args: zip.args, type: listType(structType(fields)) }
}

function fieldName(item: Expression): string | undefined {
  if (item.kind === 'column' || item.kind === 'field') return formatExpression(item)
  return item.kind === 'namedArgument' ? item.name : undefined
}

/** `coalesce(t.*)`: a star among arguments is its columns. */
export function expandStars(args: readonly Expression[], { scope }: Environment): readonly Expression[] {
  return args.flatMap((arg): readonly Expression[] => {
    if (arg.kind !== 'star') return [arg]
    const name = arg.qualifier.at(-1)?.toLowerCase()
    return scope.columns
      .filter(
        ({ hidden, qualifier }) =>
          !hidden && (name === undefined || qualifier.at(-1)?.toLowerCase() === name),
      )
      .map(({ column, qualifier }) => ({
        kind: 'column',
        parts: [...qualifier, column.name],
        position: arg.position,
      }))
  })
}
