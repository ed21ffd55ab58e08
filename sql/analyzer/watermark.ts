import { EngineError } from '../../engine/errors.ts'
import { durationMicros } from '../../engine/functions/index.ts'
import { typeName } from '../../engine/types/index.ts'
import { parseExpression } from '../parser/index.ts'
import { type Column, columnExpr, type LogicalPlan, newColumn } from '../plan/index.ts'
import type { AnalyzerContext } from './context.ts'
import { newAnalysis } from './load-tables.ts'
import { plainEnvironment } from './plain-environment.ts'
import { resolveExpression } from './resolve-expression.ts'
import type { Resolved } from './scope.ts'

/** Columns by which sources tell the partition of a row. */
const PARTITION_COLUMNS = ['_topic', 'topic', '_partition', 'partition']

/** The same rows, with a column as their event time. */
export function watermarkPlan(
  { plan, scope }: Resolved,
  name: string,
  delay: string,
  context: AnalyzerContext,
): Resolved {
  const environment = plainEnvironment(newAnalysis(context), scope, 'withWatermark')
  const eventTime = resolveExpression(parseExpression(`\`${name.replaceAll('`', '``')}\``), environment)
  const { kind } = eventTime.type
  if (kind !== 'timestamp' && kind !== 'timestamp_ntz')
    throw new EngineError('DATATYPE_MISMATCH', `event time "${name}" has type ${typeName(eventTime.type)}`, {
      hint: 'A watermark takes a column of type TIMESTAMP; to_timestamp(column) makes one of a text.',
    })
  const delayMicros = BigInt(durationMicros(delay))
  if (delayMicros < 0n) throw new EngineError('INVALID_ARGUMENT', `the delay "${delay}" is less than nothing`)
  const { plan: input, columns } = withPartition(plan)
  const partition = columns.map(columnExpr)
  return { plan: { kind: 'Watermark', input, eventTime, partition, delayMicros }, scope }
}

/** The plan with the columns that tell each row's partition of the source, if the source has some. */
function withPartition(plan: LogicalPlan): {
  readonly plan: LogicalPlan
  readonly columns: readonly Column[]
} {
  if (plan.kind === 'Scan') {
    if (plan.table.isStream !== true) return { plan, columns: [] }
    const fields = plan.table.schema.fields.filter(({ name }) =>
      PARTITION_COLUMNS.includes(name.toLowerCase()),
    )
    const columns = fields.map(({ name, type, nullable }) => {
      return plan.columns.find((column) => column.name === name) ?? newColumn(name, type, nullable)
    })
    const added = columns.filter((column) => !plan.columns.includes(column))
    return { plan: added.length === 0 ? plan : { ...plan, columns: [...plan.columns, ...added] }, columns }
  }
  if (plan.kind !== 'Project' && plan.kind !== 'Filter' && plan.kind !== 'Watermark')
    return { plan, columns: [] }
  const { plan: input, columns } = withPartition(plan.input)
  if (plan.kind !== 'Project') return { plan: { ...plan, input }, columns }
  const passed = columns.map((column) => {
    const known = plan.exprs.find(({ expr }) => expr.kind === 'column' && expr.index === column.id)
    return known ?? { column, expr: columnExpr(column) }
  })
  const exprs = [...plan.exprs, ...passed.filter((named) => !plan.exprs.includes(named))]
  return { plan: { ...plan, input, exprs }, columns: passed.map(({ column }) => column) }
}
