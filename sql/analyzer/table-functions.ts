import { nearestNames } from '../../engine/errors.ts'
import { canCastImplicitly, typeName, types } from '../../engine/types/index.ts'
import type { TableRef } from '../parser/index.ts'
import { type LogicalPlan, newColumn } from '../plan/index.ts'
import { didYouMean, userError } from './check.ts'
import { castTo } from './coerce-types.ts'
import type { Analysis } from './context.ts'
import type { Environment } from './environment.ts'
import { generatorNames, isGenerator } from './generator-names.ts'
import { placeGenerate, resolveGenerator } from './generators.ts'
import { plainEnvironment } from './plain-environment.ts'
import { type Resolved, resolvedOf, type Scope } from './scope.ts'

type TableFunction = Extract<TableRef, { kind: 'tableFunction' }>

/** `range(…)` and the generators in FROM. Arguments may use `outer` columns if the entry is LATERAL. */
export function analyzeTableFunction(ref: TableFunction, analysis: Analysis, outer: Scope | null): Resolved {
  const environment = argumentEnvironment(analysis, { columns: [], outer })
  const name = ref.name.toLowerCase()
  if (name === 'range') return resolvedOf(rangePlan(ref, environment), [ref.name], outer)
  if (!isGenerator(name))
    throw userError(
      'UNRESOLVABLE_TABLE_VALUED_FUNCTION',
      `table function "${ref.name}" does not exist`,
      ref.position,
      didYouMean(nearestNames(name, ['range', ...generatorNames()])),
    )
  const call = { kind: 'call', name: ref.name, args: ref.args, position: ref.position } as const
  const generate = resolveGenerator(call, [], environment)
  const row: LogicalPlan = { kind: 'Values', columns: [], rows: [[]] }
  return resolvedOf(placeGenerate(row, generate), [ref.name], outer)
}

/** A generator over the columns of another input: `FROM t, LATERAL explode(t.items)`. */
export function generateBeside(
  ref: TableFunction,
  left: Resolved,
  analysis: Analysis,
  isOuter: boolean,
): Resolved {
  const call = { kind: 'call', name: ref.name, args: ref.args, position: ref.position } as const
  const generate = resolveGenerator(call, [], argumentEnvironment(analysis, left.scope))
  const outer = isOuter || generate.outer
  const columns = outer ? generate.columns.map((column) => ({ ...column, nullable: true })) : generate.columns
  const added = columns.map((column) => ({ column, qualifier: [], hidden: false }))
  return {
    plan: placeGenerate(left.plan, { ...generate, outer, columns }),
    scope: { columns: [...left.scope.columns, ...added], outer: left.scope.outer },
  }
}

function argumentEnvironment(analysis: Analysis, scope: Scope): Environment {
  return plainEnvironment(analysis, scope, 'the arguments of a table function')
}

/** range(end), range(start, end[, step[, partitions]]) */
function rangePlan({ args, position }: TableFunction, environment: Environment): LogicalPlan {
  if (args.length < 1 || args.length > 4)
    throw userError('WRONG_NUM_ARGS', `function "range" takes 1 to 4 arguments, not ${args.length}`, position)
  const numbers = args.map((arg) => {
    const expr = environment.resolve(arg, environment)
    const typed = canCastImplicitly(expr.type, types.int64) ? castTo(expr, types.int64) : expr
    if (typed.kind === 'literal' && typeof typed.value === 'bigint') return typed.value
    throw userError(
      'DATATYPE_MISMATCH',
      `"range" takes constant integers, not "${typeName(expr.type)}" expressions`,
      arg.position ?? position,
    )
  })
  const [start, end] = numbers.length === 1 ? [0n, numbers[0]!] : [numbers[0]!, numbers[1]!]
  const step = numbers[2] ?? 1n
  if (step === 0n) throw userError('INVALID_ARGUMENT', 'the step of "range" must not be 0', position)
  const column = newColumn('id', types.int64, false)
  return { kind: 'Range', column, start, end, step, partitionCount: Number(numbers[3] ?? 0n) }
}
