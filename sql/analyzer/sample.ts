import type { Position, Sample } from '../parser/index.ts'
import { userError } from './check.ts'
import type { Analysis } from './context.ts'
import { constantCount } from './limit.ts'
import type { Resolved } from './scope.ts'

/** TABLESAMPLE: a share of the rows, chosen at random by seed, or just the first so many. */
export function sampleRows(
  { plan, scope }: Resolved,
  sample: Sample,
  analysis: Analysis,
  position: Position | undefined,
): Resolved {
  if (sample.kind === 'rows') {
    const fetch = constantCount(sample.rows, 'TABLESAMPLE', analysis)
    return { plan: { kind: 'Limit', input: plan, skip: 0, fetch }, scope }
  }
  const fraction = sample.kind === 'percent' ? sample.percent / 100 : 1 / sample.of
  if (!(fraction >= 0 && fraction <= 1))
    throw userError(
      'INVALID_TABLESAMPLE_FRACTION',
      'TABLESAMPLE takes between 0 and 100 percent of the rows',
      position,
    )
  const seed = sample.seed ?? analysis.context.randomSeed ?? 0
  return { plan: { kind: 'Sample', input: plan, fraction, seed }, scope }
}
