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
const PARTITION_COLUMNS = ['_partition', 'partition']

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
  const { plan: input, column } = withPartition(plan)
  const partition = column === null ? null : columnExpr(column)
  return { plan: { kind: 'Watermark', input, eventTime, partition, delayMicros }, scope }
}

/** The plan with the column that tells each row's partition of the source, if the source has one. */
function withPartition(plan: LogicalPlan): { readonly plan: LogicalPlan; readonly column: Column | null } {
  if (plan.kind === 'Scan') {
    const field = plan.table.schema.fields.find(({ name, type }) => {
      return PARTITION_COLUMNS.includes(name.toLowerCase()) && type.kind === 'int32'
    })
    if (plan.table.isStream !== true || field === undefined) return { plan, column: null }
    const known = plan.columns.find(({ name }) => name === field.name)
    if (known !== undefined) return { plan, column: known }
    const column = newColumn(field.name, field.type, field.nullable)
    return { plan: { ...plan, columns: [...plan.columns, column] }, column }
  }
  if (plan.kind !== 'Project' && plan.kind !== 'Filter' && plan.kind !== 'Watermark')
    return { plan, column: null }
  const below = withPartition(plan.input)
  const { column } = below
  if (column === null) return { plan, column }
  const input = below.plan
  if (plan.kind !== 'Project') return { plan: { ...plan, input }, column }
  const known = plan.exprs.find(({ expr }) => expr.kind === 'column' && expr.index === column.id)
  if (known !== undefined) return { plan: { ...plan, input }, column: known.column }
  return { plan: { ...plan, input, exprs: [...plan.exprs, { column, expr: columnExpr(column) }] }, column }
}
