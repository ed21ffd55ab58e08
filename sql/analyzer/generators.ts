import type { Expr } from '../../engine/expr/index.ts'
import { commonTypeOf, type DataType, typeName, types } from '../../engine/types/index.ts'
import type { Call, Position } from '../parser/index.ts'
import { type Column, type Generate, type LogicalPlan, newColumn } from '../plan/index.ts'
import { userError } from './check.ts'
import { castTo, noCommonType } from './coerce-types.ts'
import type { Environment } from './environment.ts'
import { generatorOf } from './generator-names.ts'

/** A Generate without its input. */
export type PendingGenerate = Omit<Generate, 'kind' | 'input'>

/** A call of a generator, with its columns under the aliases, if there are any. */
export function resolveGenerator(
  call: Call,
  aliases: readonly string[],
  environment: Environment,
): PendingGenerate {
  const { generator, outer } = generatorOf(call.name)!
  const written = call.args.map((arg) => environment.resolve(arg, environment))
  const { args, columns } = SHAPES[generator](written, call.name.toLowerCase(), call.position)
  if (aliases.length > 0 && aliases.length !== columns.length)
    throw userError(
      'ASSIGNMENT_ARITY_MISMATCH',
      `"${call.name}" makes ${columns.length} columns, but ${aliases.length} aliases are given`,
      call.position,
    )
  const named = columns.map(({ name, type, nullable }, index) =>
    newColumn(aliases[index] ?? name, type, nullable || outer),
  )
  return { generator, args, outer, columns: named }
}

/** The Generate over a plan. */
export function placeGenerate(input: LogicalPlan, generate: PendingGenerate): LogicalPlan {
  return { kind: 'Generate', input, ...generate }
}

type MadeColumn = Omit<Column, 'id'>
type Shape = (
  args: readonly Expr[],
  name: string,
  position: Position | undefined,
) => { readonly args: readonly Expr[]; readonly columns: readonly MadeColumn[] }

const made = (name: string, type: DataType, nullable = true): MadeColumn => ({ name, type, nullable })

function explodeShape(
  args: readonly Expr[],
  name: string,
  position: Position | undefined,
): ReturnType<Shape> {
  const { type } = only(args, name, position)
  if (type.kind === 'list') return { args, columns: [made('col', type.element)] }
  if (type.kind === 'map') return { args, columns: [made('key', type.key, false), made('value', type.value)] }
  throw mismatch(name, type, 'an array or a map', position)
}

const SHAPES: Readonly<Record<Generate['generator'], Shape>> = {
  explode: explodeShape,
  posexplode: (args, name, position) => {
    const { columns } = explodeShape(args, name, position)
    return { args, columns: [made('pos', types.int32, false), ...columns] }
  },
  inline: (args, name, position) => {
    const { type } = only(args, name, position)
    if (type.kind !== 'list' || type.element.kind !== 'struct')
      throw mismatch(name, type, 'an array of structs', position)
    return { args, columns: type.element.fields.map((field) => made(field.name, field.type)) }
  },
  stack: stackShape,
  json_tuple: (args, name, position) => {
    if (args.length < 2)
      throw userError('WRONG_NUM_ARGS', `function "${name}" takes at least 2 arguments`, position)
    const columns = args.slice(1).map((_, index) => made(`c${index}`, types.string))
    return { args: args.map((arg) => castTo(arg, types.string)), columns }
  },
}

/** `stack(n, …)`: n rows, filled from left to right, NULL where values end. Every column has one type. */
function stackShape(
  [count, ...values]: readonly Expr[],
  name: string,
  position: Position | undefined,
): ReturnType<Shape> {
  if (count?.kind !== 'literal' || typeof count.value !== 'number' || count.value < 1 || values.length === 0)
    throw userError(
      'DATATYPE_MISMATCH',
      `the first argument of "${name}" must be a constant number of rows`,
      position,
    )
  const width = Math.ceil(values.length / count.value)
  const columnTypes = Array.from({ length: width }, (_, column) => {
    const inColumn = values.filter((_, index) => index % width === column)
    const type = commonTypeOf(inColumn.map((value) => value.type))
    if (type === undefined)
      throw noCommonType(inColumn, `the values of column ${column} of "${name}"`, position)
    return type
  })
  const cast = values.map((value, index) => castTo(value, columnTypes[index % width]!))
  return { args: [count, ...cast], columns: columnTypes.map((type, index) => made(`col${index}`, type)) }
}

function only(args: readonly Expr[], name: string, position: Position | undefined): Expr {
  const [arg] = args
  if (arg !== undefined && args.length === 1) return arg
  throw userError('WRONG_NUM_ARGS', `function "${name}" takes 1 argument, not ${args.length}`, position)
}

function mismatch(name: string, type: DataType, wanted: string, position: Position | undefined): Error {
  return userError('DATATYPE_MISMATCH', `"${name}" takes ${wanted}, not "${typeName(type)}"`, position)
}
