import { formatAggregate, formatExpr, formatSortKey } from '../expr/index.ts'
import { typeName, type Value } from '../types/index.ts'
import type { Distribution } from './distribution.ts'
import type { HashJoinExec, JoinBuildExec, PhysicalPlan, ScanExec } from './physical-plan.ts'
import { inputsOf, partitionCountOf } from './plan-tree.ts'
import type { WindowCall } from './window-call.ts'

/**
 * The plan as text, one operator a line, inputs below and indented, with what `note` says of each. The same
 * plan gives the same text.
 *
 *     ExchangeExec: hash(o_custkey) into 8 [1 → 8 partitions]
 *       ScanExec: orders (o_custkey, o_orderdate) predicates [o_orderdate < DATE '1995-01-01'] row groups: 2
 *       of 49 [4 partitions]
 */
export function explainPhysical(plan: PhysicalPlan, note: (plan: PhysicalPlan) => string = () => ''): string {
  const lines: string[] = []
  write(plan, 0, lines, note)
  return lines.join('\n')
}

function write(
  plan: PhysicalPlan,
  depth: number,
  lines: string[],
  note: (plan: PhysicalPlan) => string,
): void {
  const noted = note(plan)
  lines.push(
    `${'  '.repeat(depth)}${explainOperator(plan)} ${partitionText(plan)}${noted === '' ? '' : ` ${noted}`}`,
  )
  for (const input of inputsOf(plan)) write(input, depth + 1, lines, note)
}

/** One operator without its inputs: `FilterExec: price > 10`. */
export function explainOperator(plan: PhysicalPlan): string {
  const details = describeOperator(plan)
  return details === '' ? plan.kind : `${plan.kind}: ${details}`
}

function partitionText(plan: PhysicalPlan): string {
  if (plan.kind !== 'ExchangeExec') return `[${partitions(partitionCountOf(plan))}]`
  const from = partitionCountOf(plan.input)
  const to = plan.distribution.kind === 'broadcast' ? 'every' : partitionCountOf(plan)
  return `[${from} → ${to === 'every' ? 'every partition' : partitions(to)}]`
}

function partitions(count: number): string {
  return count === 1 ? '1 partition' : `${count} partitions`
}

/** What an operator does, without its name, inputs and partitions; empty if its name says all. */
function describeOperator(plan: PhysicalPlan): string {
  switch (plan.kind) {
    case 'ScanExec':
      return describeScan(plan)
    case 'ValuesExec':
      return plan.rows.length === 1 ? '1 row' : `${plan.rows.length} rows`
    case 'RangeExec':
      return `${plan.start} to ${plan.end} step ${plan.step}`
    case 'FilterExec':
      return formatExpr(plan.predicate)
    case 'ProjectExec':
      return plan.exprs
        .map((expr, index) => named(formatExpr(expr), plan.schema.fields[index]!.name))
        .join(', ')
    case 'LimitExec':
      return skipFetch(plan.skip, plan.fetch)
    case 'TopNExec':
      return `${skipFetch(plan.skip, plan.fetch)} by ${plan.keys.map(formatSortKey).join(', ')}`
    case 'SortExec':
      return `${plan.keys.map(formatSortKey).join(', ')}${plan.rangeCount === undefined ? '' : ' by ranges'}`
    case 'ExpandExec':
      return plan.projections.map((projection) => `(${projection.map(formatExpr).join(', ')})`).join(', ')
    case 'GenerateExec': {
      const fields = plan.fields.map(({ name }) => name).join(', ')
      const args = plan.args.map(formatExpr).join(', ')
      return `${plan.outer ? 'outer ' : ''}${plan.generator}(${args}) as (${fields})`
    }
    case 'SampleExec':
      return `fraction ${plan.fraction} seed ${plan.seed}`
    case 'WindowExec': {
      const by = plan.partitionBy.map(formatExpr).join(', ')
      const order = plan.orderBy.map(formatSortKey).join(', ')
      return `${plan.calls.map(describeWindow).join(', ')} partition by [${by}] order by [${order}]`
    }
    case 'WindowGroupLimitExec': {
      const by = plan.partitionBy.map(formatExpr).join(', ')
      return `${plan.limit} of each [${by}] by [${plan.orderBy.map(formatSortKey).join(', ')}]`
    }
    case 'HashAggregateExec':
      return `${plan.mode} by [${plan.keys.map(formatExpr).join(', ')}] [${describeAggregates(plan)}]`
    case 'HashJoinExec':
      return describeJoin(plan)
    case 'NestedLoopJoinExec':
      return `${plan.joinType} on ${plan.condition === null ? 'all pairs' : formatExpr(plan.condition)}`
    case 'ExchangeExec':
      return describeDistribution(plan.distribution)
    case 'JoinBuildExec':
      return describeBuild(plan)
    case 'TableReadExec':
      return `table of stage ${plan.stageId}`
    case 'ShuffleReadExec':
      return `stage ${plan.stageId}${plan.broadcast ? ' broadcast' : ''}`
    case 'WriteExec':
      return describeWrite(plan)
    case 'EventTimeExec':
      return plan.input.schema.fields[plan.column]!.name
    case 'LateFilterExec':
      return formatExpr(plan.predicate)
    case 'StateReadExec':
      return `operator ${plan.operator}`
    case 'StateWriteExec':
      return `operator ${plan.operator}, ${plan.isSnapshot ? 'all' : 'changes'} of batch ${plan.batchId}`
    case 'UnionExec':
    case 'TogetherExec':
    case 'UserCodeExec':
      return ''
  }
}

function named(text: string, name: string): string {
  return text === name ? text : `${text} AS ${name}`
}

function skipFetch(skip: number, fetch: number | null): string {
  const parts = [...(skip > 0 ? [`skip ${skip}`] : []), ...(fetch === null ? [] : [`fetch ${fetch}`])]
  return parts.join(' ')
}

function describeScan({ table, request, filter, output, notes, runtimeFilters }: ScanExec): string {
  const columns = output === null ? request.columns : output.map((index) => request.columns[index]!)
  const filters = filter === null ? [] : [`filter ${formatExpr(filter)}`]
  const predicates = request.predicates.map(({ column, op, values }) => {
    const type = request.schema.fields.find((field) => field.name === column)?.type
    const texts = values.map((value) => valueText(value, type))
    if (op === 'isnull' || op === 'isnotnull') return `${op}(${column})`
    return op === 'in' ? `${column} IN (${texts.join(', ')})` : `${column} ${op} ${texts[0]}`
  })
  const hints = predicates.length === 0 ? [] : [`predicates [${predicates.join(', ')}]`]
  const tested = runtimeFilters.map(({ column }) => request.columns[column]!)
  const tests = tested.length === 0 ? [] : [`runtime filters [${tested.join(', ')}]`]
  return [`${table} (${columns.join(', ')})`, ...filters, ...hints, ...notes, ...tests].join(' ')
}

function valueText(value: Value, type: ScanExec['schema']['fields'][number]['type'] | undefined): string {
  return type === undefined ? String(value) : formatExpr({ kind: 'literal', value, type })
}

/** In `final` the calls run over states, so their arguments are those of the partial step and stay unsaid. */
function describeAggregates(plan: Extract<PhysicalPlan, { kind: 'HashAggregateExec' }>): string {
  return plan.calls.map((call) => (plan.mode === 'final' ? call.name : formatAggregate(call))).join(', ')
}

function describeWindow(call: WindowCall): string {
  const { unit, start, end } = call.frame
  const frame = `${unit} ${start.kind}${offset(start)}..${end.kind}${offset(end)}`
  return `${formatAggregate(call)}${call.ignoreNulls ? ' IGNORE NULLS' : ''} over ${frame}`
}

function offset(bound: WindowCall['frame']['start']): string {
  return bound.kind === 'preceding' || bound.kind === 'following' ? ` ${bound.offset}` : ''
}

function describeJoin(plan: HashJoinExec): string {
  const keys = plan.leftKeys.map((left, index) => {
    const equals = plan.nullSafe[index] ? '<=>' : '='
    return `${formatExpr(left)} ${equals} ${formatExpr(plan.rightKeys[index]!)}`
  })
  const condition = plan.condition === null ? '' : ` where ${formatExpr(plan.condition)}`
  const isShared = plan[plan.build].kind === 'JoinBuildExec'
  const how = isShared ? 'shared' : isExchanged(plan) ? 'exchanged' : 'no exchange'
  return `${plan.joinType} on ${keys.join(', ')}${condition} build ${plan.build} ${how}`
}

function describeBuild({ keys, keysOnly, markingTasks, filtered }: JoinBuildExec): string {
  const what = keysOnly ? ' keys only' : markingTasks > 0 ? ' marked' : ''
  const filters = filtered.map((index) => formatExpr(keys[index]!)).join(', ')
  return `${keys.map(formatExpr).join(', ')}${what}${filters === '' ? '' : ` filter of ${filters}`}`
}

function isExchanged(plan: HashJoinExec): boolean {
  return [plan.left, plan.right].some(({ kind }) => kind === 'ExchangeExec' || kind === 'ShuffleReadExec')
}

function describeDistribution(distribution: Distribution): string {
  return distribution.kind === 'hash'
    ? `hash(${distribution.keys.map(formatExpr).join(', ')})`
    : distribution.kind
}

function describeWrite(plan: Extract<PhysicalPlan, { kind: 'WriteExec' }>): string {
  const { schema, mode, partitionColumns, bucketing } = plan.request
  const columns = schema.fields.map(({ name, type }) => `${name} ${typeName(type)}`).join(', ')
  const parts = partitionColumns.length === 0 ? '' : ` partitioned by ${partitionColumns.join(', ')}`
  const buckets =
    bucketing === undefined
      ? ''
      : ` clustered by ${bucketing.columns.join(', ')} into ${bucketing.bucketCount} buckets`
  return `${plan.sink} ${mode} (${columns})${parts}${buckets}`
}
