import type { Expr } from '../../engine/expr/index.ts'
import { structType, types } from '../../engine/types/index.ts'
import { type Expression, formatExpression, type Position } from '../parser/index.ts'
import { locate, userError } from './check.ts'
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
  const signature = locate(position, () =>
    found.resolve(
      args.map(({ type }) => type),
      args.map(literalValue),
    ),
  )
  const cast = args.map((arg, index) => castArgument(arg, signature.args[index] ?? arg.type))
  return { kind: 'call', name: found.name, args: cast, type: signature.returns }
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

/** `struct(a, b)` and tuples: `named_struct('a', a, 'b', b)`; what has no name is `col1`, `col2` … by position. */
export function callStruct(
  items: readonly Expression[],
  environment: Environment,
  position?: Position,
): Expr {
  const values = items.map((item) => environment.resolve(item, environment))
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

function fieldName(item: Expression): string | undefined {
  if (item.kind === 'column' || item.kind === 'field') return formatExpression(item)
  return item.kind === 'namedArgument' ? item.name : undefined
}
