import { formatAggregate, formatExpr, formatSortKey } from '../../engine/expr/index.ts'
import type { Column, LogicalPlan, NamedExpr } from './logical-plan.ts'
import { inputsOf } from './transform.ts'

/**
 * A logical plan as text for EXPLAIN and tests: one node a line, inputs below and indented. Column ids stay
 * unsaid.
 */
export function printPlan(plan: LogicalPlan): string {
  const lines: string[] = []
  write(plan, 0, lines)
  return lines.join('\n')
}

function write(plan: LogicalPlan, depth: number, lines: string[]): void {
  const details = describe(plan)
  lines.push(`${'  '.repeat(depth)}${plan.kind}${details === '' ? '' : `: ${details}`}`)
  for (const input of inputsOf(plan)) write(input, depth + 1, lines)
}

function describe(plan: LogicalPlan): string {
  switch (plan.kind) {
    case 'Scan': {
      const predicates = plan.predicates.map(({ column, op }) => `${column} ${op}`)
      const hints = predicates.length === 0 ? '' : ` predicates [${predicates.join(', ')}]`
      return `${plan.table.name} (${names(plan.columns)})${hints}`
    }
    case 'Values':
      return `${plan.rows.length} rows (${names(plan.columns)})`
    case 'Range':
      return `${plan.start} to ${plan.end} step ${plan.step}`
    case 'Project':
      return plan.exprs.map(named).join(', ')
    case 'Filter':
      return formatExpr(plan.predicate)
    case 'Aggregate': {
      const calls = plan.calls.map(({ call }) => formatAggregate(call)).join(', ')
      return `by [${plan.keys.map(named).join(', ')}] [${calls}]`
    }
    case 'Window': {
      const calls = plan.calls.map(({ call }) => formatAggregate(call)).join(', ')
      const order = plan.orderBy.map(formatSortKey).join(', ')
      return `${calls} partition by [${plan.partitionBy.map(formatExpr).join(', ')}] order by [${order}]`
    }
    case 'Join': {
      const hint = plan.broadcast === null ? '' : ` broadcast ${plan.broadcast}`
      return `${plan.joinType}${plan.condition === null ? '' : ` on ${formatExpr(plan.condition)}`}${hint}`
    }
    case 'Apply':
      return plan.needles.length === 0
        ? plan.applyType
        : `${plan.applyType} (${plan.needles.map(formatExpr).join(', ')})`
    case 'Sort':
      return `${plan.keys.map(formatSortKey).join(', ')}${plan.global ? '' : ' in partitions'}`
    case 'Limit':
      return `skip ${plan.skip} fetch ${plan.fetch ?? 'all'}`
    case 'Union':
    case 'UserCode':
      return names(plan.columns)
    case 'Expand':
      return plan.projections.map((projection) => `(${projection.map(formatExpr).join(', ')})`).join(', ')
    case 'Generate': {
      const args = plan.args.map(formatExpr).join(', ')
      return `${plan.outer ? 'outer ' : ''}${plan.generator}(${args}) as (${names(plan.columns)})`
    }
    case 'Sample':
      return `fraction ${plan.fraction} seed ${plan.seed}`
    case 'Repartition':
      return `by [${plan.keys.map(formatExpr).join(', ')}] into ${plan.partitionCount}`
    case 'Watermark':
      return `${formatExpr(plan.eventTime)} less ${plan.delayMicros} microseconds`
    case 'Write':
      return `${plan.sink} ${plan.request.mode}`
  }
}

function names(columns: readonly Column[]): string {
  return columns.map(({ name }) => name).join(', ')
}

function named({ column, expr }: NamedExpr): string {
  const text = formatExpr(expr)
  return text === column.name ? text : `${text} AS ${column.name}`
}
