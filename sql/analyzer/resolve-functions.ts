import type { Expr, LambdaVariableExpr } from '../../engine/expr/index.ts'
import type { ScalarFunction } from '../../engine/functions/index.ts'
import { types } from '../../engine/types/index.ts'
import type { UserFunction } from '../catalog/index.ts'
import type { Call, Lambda } from '../parser/index.ts'
import { resolveAggregate } from './aggregates.ts'
import { locate, userError } from './check.ts'
import { castTo } from './coerce-types.ts'
import type { Environment } from './environment.ts'
import { isGenerator } from './generator-names.ts'
import { nextVariableId } from './resolve-columns.ts'
import { callScalar, expandStars, unresolvedRoutine } from './scalar-calls.ts'
import { specialCalls } from './special-calls.ts'
import { resolveWindow } from './windows.ts'

/**
 * Whatever a call means: a window call, a form that the analyzer rewrites, a function of the program, an
 * aggregate, or a scalar function. UNRESOLVED_ROUTINE names the nearest.
 */
export function resolveCall(call: Call, environment: Environment): Expr {
  const name = call.name.toLowerCase().replace(/^(system\.)?builtin\./, '')
  const { catalog, functions } = environment.analysis.context
  if (call.over !== undefined) return resolveWindow(call, name, environment)
  const user = catalog.function(name)
  if (user !== undefined) return resolveUserCall(call, user, environment)
  const special = Object.hasOwn(specialCalls, name) ? specialCalls[name]?.(call, environment) : undefined
  if (special !== undefined) return special
  if (functions.aggregate(name) !== undefined) return resolveAggregate(call, name, environment)
  if (isGenerator(name))
    throw userError(
      'UNSUPPORTED_GENERATOR',
      `"${name}" makes rows, so it may not stand within an expression`,
      call.position,
      'Use it as an item of SELECT by itself, in FROM, or in LATERAL VIEW.',
    )
  const scalar = functions.scalar(name)
  if (scalar !== undefined) return resolveScalar(call, scalar, environment)
  if (functions.window(name) !== undefined)
    throw userError(
      'WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE',
      `window function "${name}" needs an OVER clause`,
      call.position,
      `Write ${name}(…) OVER (PARTITION BY … ORDER BY …).`,
    )
  throw unresolvedRoutine(call.name, environment, call.position)
}

function resolveUserCall(call: Call, user: UserFunction, environment: Environment): Expr {
  rejectClauses(call)
  const args = call.args.map((arg) => environment.resolve(arg, environment))
  const wanted = user.args
  if (wanted !== null && wanted.length !== args.length)
    throw userError(
      'WRONG_NUM_ARGS',
      `function "${user.name}" takes ${wanted.length} arguments, not ${args.length}`,
      call.position,
    )
  const typed = wanted === null ? args : args.map((arg, index) => castTo(arg, wanted[index]!))
  return { kind: 'user', name: user.name, functionId: user.functionId, args: typed, type: user.returns }
}

function resolveScalar(call: Call, found: ScalarFunction, environment: Environment): Expr {
  rejectClauses(call)
  const plain = expandStars(call.args, environment)
  if (
    found.lambdaParameters !== undefined &&
    plain.length > 1 &&
    !plain.some(({ kind }) => kind === 'lambda')
  ) {
    const last = plain.at(-1)!
    const constant: Lambda = { kind: 'lambda', parameters: [], body: last, position: call.position }
    return resolveHigherOrder({ ...call, args: [...plain.slice(0, -1), constant] }, found, environment)
  }
  if (!plain.some(({ kind }) => kind === 'lambda')) {
    const args = plain.map((arg) => environment.resolve(arg, environment))
    return callScalar(found.name, args, environment, call.position)
  }
  return resolveHigherOrder({ ...call, args: plain }, found, environment)
}

function rejectClauses({ name, distinct, filter, withinGroup, nulls, position }: Call): void {
  const clause =
    distinct === true
      ? 'DISTINCT'
      : filter !== undefined
        ? 'FILTER'
        : withinGroup !== undefined
          ? 'WITHIN GROUP'
          : nulls !== undefined
            ? 'IGNORE NULLS'
            : undefined
  if (clause !== undefined) {
    const message = `${clause} with "${name}", which is no aggregate, is not supported`
    throw userError('INVALID_SQL_SYNTAX', message, position)
  }
}

/** A call with lambdas: first the other arguments, then each body with the types they give its parameters. */
function resolveHigherOrder(call: Call, found: ScalarFunction, environment: Environment): Expr {
  const { position } = call
  const { lambdaParameters } = found
  if (lambdaParameters === undefined)
    throw userError('INVALID_LAMBDA_FUNCTION_CALL', `function "${found.name}" takes no lambda`, position)
  const args: (Expr | undefined)[] = call.args.map((arg) =>
    arg.kind === 'lambda' ? undefined : environment.resolve(arg, environment),
  )
  for (const [index, arg] of call.args.entries()) {
    if (arg.kind !== 'lambda') continue
    const known = args.map((other) => other?.type ?? types.null)
    const params = locate(position, () => lambdaParameters(index, known, arg.parameters.length))
    args[index] = resolveLambda(arg, params, found.name, environment)
  }
  return callScalar(found.name, args as Expr[], environment, position) // Every place was filled above.
}

function resolveLambda(
  lambda: Lambda,
  types: readonly Expr['type'][],
  name: string,
  environment: Environment,
): Expr {
  if (types.length < lambda.parameters.length)
    throw userError(
      'INVALID_LAMBDA_FUNCTION_CALL',
      `the lambda of "${name}" has ${lambda.parameters.length} parameters, but gets at most ${types.length}`,
      lambda.position,
    )
  const params = lambda.parameters.map(
    (parameter, index): LambdaVariableExpr => ({
      kind: 'variable',
      id: nextVariableId(),
      name: parameter,
      type: types[index]!,
    }),
  )
  const variables = new Map(environment.variables)
  for (const param of params) variables.set(param.name.toLowerCase(), param)
  const body = environment.resolve(lambda.body, { ...environment, variables })
  return {
    kind: 'lambda',
    params: params.map(({ id, name: own, type }) => ({ id, name: own, type })),
    body,
    type: body.type,
  }
}
