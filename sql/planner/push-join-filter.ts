import type { Expr } from '../../engine/expr/index.ts'
import { inputsOf, type PhysicalPlan, type RuntimeFilter, withInputs } from '../../engine/plan/index.ts'
import { isVolatile } from '../optimizer/index.ts'

/**
 * The keys of a table that a join probes: a JoinBuildExec by id, which of its keys, and how many pass. Scans
 * below the tables `before` must not wait for it.
 */
export interface FilterSource extends Pick<RuntimeFilter, 'build' | 'key' | 'passing'> {
  readonly before?: ReadonlySet<number>
}

/**
 * The plan with a filter in every scan that column `column` of its rows comes from: rows whose key the build
 * side does not have come to nothing above the plan, so that they may be left out below. The plan itself if
 * the column can be followed to no scan.
 *
 * A row without a match may also be left out where that makes another row lose its only match: such a row
 * then has NULL in the column, and finds no match either.
 */
export function pushJoinFilter(plan: PhysicalPlan, column: number, source: FilterSource): PhysicalPlan {
  const into = (index: number, at: number | undefined): PhysicalPlan =>
    at === undefined ? plan : pushIntoInput(plan, index, at, source)
  switch (plan.kind) {
    case 'ScanExec': {
      const read = plan.output === null ? column : plan.output[column]!
      const { build, key, passing } = source
      const filter = { build, stageId: null, key, column: read, passing }
      return { ...plan, runtimeFilters: [...plan.runtimeFilters, filter] }
    }
    case 'FilterExec':
      return into(0, isVolatile(plan.predicate) ? undefined : column)
    case 'SortExec':
    case 'ExchangeExec':
      return into(0, column)
    case 'JoinBuildExec':
      return into(0, source.before?.has(plan.id) === true ? undefined : column)
    case 'GenerateExec':
      return into(0, column < plan.input.schema.fields.length ? column : undefined)
    case 'ProjectExec':
      return into(0, plan.exprs.some(isVolatile) ? undefined : columnOf(plan.exprs[column]))
    case 'HashAggregateExec':
      return into(0, columnOf(plan.keys[column]))
    case 'WindowExec':
    case 'WindowGroupLimitExec':
      return into(0, plan.partitionBy.some((key) => columnOf(key) === column) ? column : undefined)
    case 'UnionExec':
      return plan.inputs.reduce(
        (before, _, index) => pushIntoInput(before, index, column, source),
        plan as PhysicalPlan,
      )
    case 'HashJoinExec':
    case 'NestedLoopJoinExec':
      return pushIntoJoin(plan, column, source)
    default:
      return plan
  }
}

function pushIntoInput(
  plan: PhysicalPlan,
  index: number,
  column: number,
  source: FilterSource,
): PhysicalPlan {
  const inputs = inputsOf(plan)
  const pushed = pushJoinFilter(inputs[index]!, column, source)
  return pushed === inputs[index] ? plan : withInputs(plan, inputs.with(index, pushed))
}

function pushIntoJoin(
  plan: Extract<PhysicalPlan, { readonly kind: 'HashJoinExec' | 'NestedLoopJoinExec' }>,
  column: number,
  source: FilterSource,
): PhysicalPlan {
  const width = plan.left.schema.fields.length
  const side = column < width ? 0 : 1
  const own = side === 0 ? column : column - width
  // The flag of an existence join is nobody's column.
  if (side === 1 && plan.joinType === 'existence') return plan
  let pushed = pushIntoInput(plan, side, own, source)
  // NOT IN must see every NULL of its list.
  if (plan.kind === 'NestedLoopJoinExec' || plan.joinType === 'nullAwareAnti') return pushed
  const [ownKeys, otherKeys] = side === 0 ? [plan.leftKeys, plan.rightKeys] : [plan.rightKeys, plan.leftKeys]
  for (const [index, key] of ownKeys.entries()) {
    const other = columnOf(otherKeys[index])
    if (columnOf(key) !== own || other === undefined || plan.nullSafe[index] === true) continue
    pushed = pushIntoInput(pushed, 1 - side, other, source)
  }
  return pushed
}

function columnOf(expr: Expr | undefined): number | undefined {
  return expr?.kind === 'column' ? expr.index : undefined
}
