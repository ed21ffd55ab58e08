import { nearestNames } from '../../engine/errors.ts'
import type { LateralView } from '../parser/index.ts'
import { didYouMean, userError } from './check.ts'
import type { Analysis } from './context.ts'
import { generatorNames, isGenerator } from './generator-names.ts'
import { placeGenerate, resolveGenerator } from './generators.ts'
import { plainEnvironment } from './plain-environment.ts'
import type { Resolved } from './scope.ts'

/** LATERAL VIEW entries over an input, in order; each sees the columns of those before. */
export function placeLateralViews(
  input: Resolved,
  views: readonly LateralView[],
  analysis: Analysis,
): Resolved {
  return views.reduce((resolved, view) => placeLateralView(resolved, view, analysis), input)
}

function placeLateralView(input: Resolved, view: LateralView, analysis: Analysis): Resolved {
  const { name, args, alias, columns, outer, position } = view
  if (!isGenerator(name))
    throw userError(
      'UNRESOLVED_TABLE_VALUED_FUNCTION',
      `"${name}" is no function that makes rows`,
      position,
      didYouMean(nearestNames(name, generatorNames())),
    )
  const generate = resolveGenerator(
    { kind: 'call', name, args, position },
    columns,
    plainEnvironment(analysis, input.scope, 'LATERAL VIEW'),
  )
  const isOuter = outer || generate.outer
  const made = isOuter ? generate.columns.map((column) => ({ ...column, nullable: true })) : generate.columns
  const qualifier = alias === undefined ? [] : [alias]
  return {
    plan: placeGenerate(input.plan, { ...generate, outer: isOuter, columns: made }),
    scope: {
      columns: [...input.scope.columns, ...made.map((column) => ({ column, qualifier, hidden: false }))],
      outer: input.scope.outer,
    },
  }
}
